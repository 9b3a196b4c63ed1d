use super::error::ManageError;
use super::manager::{ATTEMPTS, KeyManager, too_busy};
use super::request::NewKey;
use crate::dialect::Recognised;
use crate::key::{KeyRecord, PlainKey};
use crate::store::{StoreErrorKind, Write};

impl KeyManager {
    /// Keeps a key that exists already, made by another system or under a legacy prefix. Its kind
    /// is the one that its prefix says.
    ///
    /// # Errors
    /// As [`create`](Self::create), [`Invalid`](super::ManageErrorKind::Invalid) when it is no key of
    /// the dialect, and [`Conflict`](super::ManageErrorKind::Conflict) when it is kept already.
    pub async fn adopt(&self, key: &PlainKey, new: NewKey) -> Result<KeyRecord, ManageError> {
        let Recognised::Key(kind) = self.dialect.recognise(key.expose().as_bytes()) else {
            return Err(ManageError::invalid("key", "this is not a key of the dialect"));
        };
        // Also under an older pepper: two records of one key would have to be revoked twice.
        for digest in self.peppers.candidates(key.expose().as_bytes()) {
            if self.store.lookup(&digest).await?.is_some() {
                return Err(ManageError::conflict("this key is kept already"));
            }
        }
        for _ in 0..ATTEMPTS {
            let now = self.now();
            let record = self.describe(new.clone(), kind, key, now)?;
            let mut writes = Vec::with_capacity(2);
            writes.extend(self.check_parent(&record, now).await?);
            let digest = self.peppers.digest(key);
            writes.push(Write::Insert { digest, record: Box::new(record.clone()) });
            match self.store.commit(writes).await {
                Ok(()) => return Ok(record),
                // The parent changed: look again.
                Err(error) if error.kind() == StoreErrorKind::Conflict => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(too_busy())
    }
}
