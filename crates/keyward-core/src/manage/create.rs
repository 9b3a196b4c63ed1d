use super::audit::append;
use super::bounds::Bounds;
use super::change::until_done;
use super::error::ManageError;
use super::manager::KeyManager;
use super::request::{Issued, NewKey};
use crate::audit::Act;
use crate::clock::Timestamp;
use crate::dialect::{KindId, Recognised};
use crate::key::{KeyRecord, PlainKey, Resources};
use crate::store::Write;

impl KeyManager {
    /// Makes a key. Its secret is in the answer and nowhere else.
    ///
    /// # Errors
    /// [`Invalid`](super::ManageErrorKind::Invalid) for what breaks a rule of the dialect, and for
    /// control characters other than tabs and line breaks;
    /// [`Denied`](super::ManageErrorKind::Denied) when the key that acts has less than it would
    /// give, [`Unavailable`](super::ManageErrorKind::Unavailable) when the store cannot be reached:
    /// then there is no new key, or one whose secret nobody knows.
    pub async fn create(&self, new: NewKey) -> Result<Issued, ManageError> {
        until_done(|| self.create_once(new.clone())).await
    }

    async fn create_once(&self, new: NewKey) -> Result<Option<Issued>, ManageError> {
        let now = self.now();
        let by = self.bounds(now).await?;
        let new = self.complete(&by, new, now)?;
        let kind = match &new.kind {
            Some(name) => self.kind_named(name)?,
            None => self.first_issued_kind()?,
        };
        let key = self.issue(kind)?;
        let record = self.describe(&by, new, kind, &key, now)?;
        let digest = self.peppers.digest(&key);
        let entry = append(self.entry(Act::Created, &record)?);
        let insert = Write::Insert { digest, record: Box::new(record.clone()) };
        self.commit(&by, [insert, entry], Issued { record, key }).await
    }

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
        until_done(|| self.adopt_once(key, kind, new.clone())).await
    }

    async fn adopt_once(
        &self,
        key: &PlainKey,
        kind: KindId,
        new: NewKey,
    ) -> Result<Option<KeyRecord>, ManageError> {
        let now = self.now();
        let by = self.bounds(now).await?;
        let new = self.complete(&by, new, now)?;
        let record = self.describe(&by, new, kind, key, now)?;
        // Also under an older pepper: two records of one key would have to be revoked twice.
        for digest in self.peppers.candidates(key.expose().as_bytes()) {
            if self.store.lookup(&digest).await?.is_some() {
                return Err(ManageError::conflict("this key is kept already"));
            }
        }
        let digest = self.peppers.digest(key);
        let entry = append(self.entry(Act::Imported, &record)?);
        let insert = Write::Insert { digest, record: Box::new(record.clone()) };
        self.commit(&by, [insert, entry], record).await
    }

    /// Fills in what a request leaves out.
    fn complete(&self, by: &Bounds, new: NewKey, now: Timestamp) -> Result<NewKey, ManageError> {
        if let Some(end) = new.expires_at {
            self.check_end(end, now, now)?;
        }
        let mut new = by.complete(new);
        new.expires_at = new.expires_at.into_iter().chain(self.latest_end(now)).min();
        Ok(new)
    }

    /// The record of a key that is about to be kept.
    fn describe(
        &self,
        by: &Bounds,
        new: NewKey,
        kind: KindId,
        key: &PlainKey,
        now: Timestamp,
    ) -> Result<KeyRecord, ManageError> {
        if !by.covers(&new.workspace) {
            return Err(ManageError::denied(
                "workspace",
                "this manages keys of one workspace only",
            ));
        }
        let id = self.dialect.new_key_id(now);
        let grant = new.grant.unwrap_or_else(|| self.dialect.default_grant(kind));
        let mut record = KeyRecord::new(id, new.workspace, self.dialect.kind(kind).name())
            .with_name(new.name)
            .with_grant(grant)
            .with_resources(new.resources.unwrap_or(Resources::All))
            .with_expires_at(new.expires_at);
        record.description = new.description;
        record.mask = self.dialect.mask(key);
        record.rate_limit_per_min = new.rate_limit_per_min;
        record.networks = new.networks;
        record.created_by.clone_from(&self.actor);
        record.created_at = now;
        record.updated_at = now;
        record.metadata = new.metadata;
        self.check(&record)?;
        by.check(&record)?;
        Ok(record)
    }

    fn first_issued_kind(&self) -> Result<KindId, ManageError> {
        let first = self.dialect.kinds().iter().find(|kind| kind.is_issued());
        let first =
            first.ok_or_else(|| ManageError::invalid("kind", "no kind of key is issued here"))?;
        self.kind_named(first.name())
    }

    /// A new secret of this kind.
    pub(super) fn issue(&self, kind: KindId) -> Result<PlainKey, ManageError> {
        self.dialect.issue(kind).map_err(|error| ManageError::invalid("kind", error.to_string()))
    }
}
