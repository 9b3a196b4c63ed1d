use super::audit::append;
use super::change::{touch, until_done};
use super::error::ManageError;
use super::manager::KeyManager;
use super::request::KeyUpdate;
use crate::audit::Act;
use crate::key::{KeyId, KeyRecord};
use crate::store::Write;

impl KeyManager {
    /// Changes what is named and leaves the rest.
    ///
    /// # Errors
    /// [`Invalid`](super::ManageErrorKind::Invalid) for what breaks a rule of the dialect,
    /// [`Denied`](super::ManageErrorKind::Denied) when the key has, or would get, more than the one
    /// that acts, [`NotFound`](super::ManageErrorKind::NotFound);
    /// [`Conflict`](super::ManageErrorKind::Conflict) as [`revoke`](Self::revoke) and
    /// [`reactivate`](Self::reactivate), where it does what they do, and for another version than
    /// the one that was named.
    pub async fn update(&self, id: &KeyId, update: KeyUpdate) -> Result<KeyRecord, ManageError> {
        let edit = |record: &mut KeyRecord| {
            let update = update.clone();
            if update.version.is_some_and(|version| version != record.version) {
                return Err(ManageError::conflict("somebody has changed the key meanwhile"));
            }
            record.name = update.name.unwrap_or_else(|| std::mem::take(&mut record.name));
            if let Some(description) = update.description {
                record.description = description;
            }
            if let Some(grant) = update.grant {
                record.grant = grant;
            }
            if let Some(resources) = update.resources {
                record.resources = resources;
            }
            if let Some(end) = update.expires_at {
                record.expires_at = end.or_else(|| self.latest_end(record.created_at));
                if let Some(end) = record.expires_at {
                    self.check_end(end, record.created_at, self.now())?;
                }
            }
            if let Some(limit) = update.rate_limit_per_min {
                record.rate_limit_per_min = limit;
            }
            if let Some(networks) = update.networks {
                record.networks = networks;
            }
            match update.active {
                Some(true) => self.let_in(record)?,
                Some(false) => self.end_record(record),
                None => {}
            }
            self.check(record)
        };
        until_done(|| async {
            let by = self.bounds(self.now()).await?;
            if update.active == Some(false) {
                by.check_end(id)?;
            }
            self.change_once(&by, id, edit).await
        })
        .await
    }

    /// Lets a revoked key in again, where the dialect's revocation is not final. A key that is not
    /// revoked stays as it is.
    ///
    /// # Errors
    /// [`Conflict`](super::ManageErrorKind::Conflict) where revocation is final,
    /// [`Denied`](super::ManageErrorKind::Denied) when the key has more than the one that acts,
    /// [`NotFound`](super::ManageErrorKind::NotFound).
    pub async fn reactivate(&self, id: &KeyId) -> Result<KeyRecord, ManageError> {
        until_done(|| async {
            let by = self.bounds(self.now()).await?;
            self.change_once(&by, id, |record| self.let_in(record)).await
        })
        .await
    }

    fn let_in(&self, record: &mut KeyRecord) -> Result<(), ManageError> {
        if record.revoked_at.is_some() && !self.dialect.reactivates() {
            return Err(ManageError::conflict("a revoked key cannot be reactivated here"));
        }
        record.revoked_at = None;
        record.rotated_to = None;
        record.rotation_token = None;
        Ok(())
    }

    /// Removes a key for good.
    ///
    /// # Errors
    /// [`Denied`](super::ManageErrorKind::Denied) when the key has more than the one that acts,
    /// [`Conflict`](super::ManageErrorKind::Conflict) when a key would delete itself where the
    /// dialect does not let it, [`NotFound`](super::ManageErrorKind::NotFound).
    pub async fn delete(&self, id: &KeyId) -> Result<(), ManageError> {
        until_done(|| self.delete_once(id)).await
    }

    async fn delete_once(&self, id: &KeyId) -> Result<Option<()>, ManageError> {
        let by = self.bounds(self.now()).await?.of_an_end();
        let mut record = self.find(id, &by).await?;
        by.check(&record)?;
        by.check_end(id)?;
        let delete = Write::Delete { id: id.clone(), expected: record.version };
        touch(&mut record, self.now());
        let entry = append(self.entry(Act::Deleted, &record)?);
        self.commit(&by, [delete, entry], ()).await
    }
}
