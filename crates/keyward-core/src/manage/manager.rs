use std::fmt;
use std::sync::Arc;

use super::error::{ManageError, ManageErrorKind};
use super::page::{ListKeys, Page};
use super::request::{Issued, KeyUpdate, NewKey};
use crate::clock::{Clock, SystemClock, Timestamp};
use crate::dialect::{Dialect, KindId};
use crate::key::{KeyId, KeyRecord, Peppers, PlainKey};
use crate::store::{KeyStore, StoreErrorKind, Write};

/// Longest description, in characters; and longest name where the dialect sets no bound.
const LONGEST_TEXT: usize = 1_000;
/// How often an act is tried again because somebody else changed the key meanwhile.
pub(super) const ATTEMPTS: usize = 16;

/// Creates, lists, changes and ends keys. A cheap clone.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use keyward_core::dialect::Dialect;
/// use keyward_core::manage::{KeyManager, ManageErrorKind, NewKey};
/// use keyward_core::store::MemoryStore;
///
/// let manager = KeyManager::builder(Dialect::bigspin(), MemoryStore::new()).open().await?;
/// let issued = manager.create(NewKey::new("acme", "production-upload")).await?;
/// assert!(issued.key.expose().starts_with("sk-bigspin-api03-"));
///
/// let refused = manager.create(NewKey::new("acme", "ci")).await.unwrap_err();
/// assert_eq!(refused.kind(), ManageErrorKind::Invalid);
/// assert_eq!(refused.field(), Some("name"));
///
/// let elsewhere = manager.within("globex").get(&issued.record.id).await.unwrap_err();
/// assert_eq!(elsewhere.kind(), ManageErrorKind::NotFound);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct KeyManager {
    pub(super) store: Arc<dyn KeyStore>,
    pub(super) dialect: Dialect,
    pub(super) peppers: Peppers,
    pub(super) clock: Arc<dyn Clock>,
    within: Option<Arc<str>>,
}

/// Puts a [`KeyManager`] together.
pub struct KeyManagerBuilder(KeyManager);

impl KeyManagerBuilder {
    /// How keys become digests; the same as the [`Verifier`](crate::verify::Verifier)'s.
    #[must_use]
    pub fn with_peppers(mut self, peppers: Peppers) -> Self {
        self.0.peppers = peppers;
        self
    }

    /// Where time comes from.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.0.clock = clock;
        self
    }

    /// Opens the store for this dialect, which the store remembers from the first time on.
    ///
    /// # Errors
    /// [`ManageErrorKind::Conflict`] when the store is of another dialect,
    /// [`ManageErrorKind::Unavailable`] when it cannot be reached.
    pub async fn open(self) -> Result<KeyManager, ManageError> {
        self.0.store.claim(self.0.dialect.name()).await?;
        Ok(self.0)
    }
}

impl fmt::Debug for KeyManagerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("KeyManagerBuilder").field(&self.0).finish()
    }
}

impl KeyManager {
    /// Manages the keys of a dialect in a store.
    pub fn builder(dialect: Dialect, store: impl KeyStore) -> KeyManagerBuilder {
        KeyManagerBuilder(Self {
            store: Arc::new(store),
            dialect,
            peppers: Peppers::none(),
            clock: Arc::new(SystemClock::new()),
            within: None,
        })
    }

    /// The same for one workspace: keys of others do not exist for it.
    #[must_use]
    pub fn within(&self, workspace: &str) -> Self {
        Self { within: Some(workspace.into()), ..self.clone() }
    }

    /// The dialect of its keys.
    pub fn dialect(&self) -> &Dialect {
        &self.dialect
    }

    /// Makes a key. Its secret is in the answer and nowhere else.
    ///
    /// # Errors
    /// [`ManageErrorKind::Invalid`] for what breaks a rule of the dialect,
    /// [`ManageErrorKind::Denied`] when the key that makes it has less than it would give,
    /// [`ManageErrorKind::Unavailable`] when the store cannot be reached: then there is no new key,
    /// or one whose secret nobody knows.
    pub async fn create(&self, new: NewKey) -> Result<Issued, ManageError> {
        for _ in 0..ATTEMPTS {
            let now = self.now();
            let (record, key) = self.draft(new.clone(), now)?;
            let mut writes = Vec::with_capacity(2);
            writes.extend(self.check_parent(&record, now).await?);
            let digest = self.peppers.digest(&key);
            writes.push(Write::Insert { digest, record: Box::new(record.clone()) });
            match self.store.commit(writes).await {
                Ok(()) => return Ok(Issued { record, key }),
                // Another key has this id, or the parent changed: draw and look again.
                Err(error)
                    if matches!(
                        error.kind(),
                        StoreErrorKind::Exists | StoreErrorKind::Conflict
                    ) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(too_busy())
    }

    /// The key of this id.
    ///
    /// # Errors
    /// [`ManageErrorKind::NotFound`], also for a key of another workspace.
    pub async fn get(&self, id: &KeyId) -> Result<KeyRecord, ManageError> {
        let record = self.store.get(id).await?;
        record
            .filter(|record| self.covers(&record.workspace))
            .ok_or_else(|| ManageError::not_found(id))
    }

    /// One page of keys, the newest first.
    ///
    /// # Errors
    /// [`ManageErrorKind::Unavailable`] when the store cannot be reached.
    pub async fn list(&self, keys: &ListKeys) -> Result<Page, ManageError> {
        let mut query = keys.query(self.now());
        if let Some(workspace) = &self.within {
            if query.workspace.as_deref().is_some_and(|asked| asked != &**workspace) {
                return Ok(Page::default());
            }
            query.workspace = Some(workspace.to_string());
        }
        Ok(Page::cut(self.store.list(&query).await?, keys.limit()))
    }

    /// Changes what is named and leaves the rest.
    ///
    /// # Errors
    /// [`ManageErrorKind::Invalid`] for what breaks a rule of the dialect,
    /// [`ManageErrorKind::NotFound`].
    pub async fn update(&self, id: &KeyId, update: KeyUpdate) -> Result<KeyRecord, ManageError> {
        let now = self.now();
        if let Some(Some(end)) = update.expires_at {
            check_end(end, now)?;
        }
        self.change(id, |record| {
            let update = update.clone();
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
            if let Some(expires_at) = update.expires_at {
                record.expires_at = expires_at;
            }
            if let Some(limit) = update.rate_limit_per_min {
                record.rate_limit_per_min = limit;
            }
            self.check(record)
        })
        .await
    }

    /// Lets a revoked key in again, where the dialect's revocation is not final. A key that is not
    /// revoked stays as it is.
    ///
    /// # Errors
    /// [`ManageErrorKind::Conflict`] where revocation is final, [`ManageErrorKind::NotFound`].
    pub async fn reactivate(&self, id: &KeyId) -> Result<KeyRecord, ManageError> {
        self.change(id, |record| {
            if record.revoked_at.is_some() && !self.dialect.reactivates() {
                return Err(ManageError::conflict("a revoked key cannot be reactivated here"));
            }
            record.revoked_at = None;
            record.rotated_to = None;
            record.rotation_token = None;
            Ok(())
        })
        .await
    }

    /// Removes a key for good.
    ///
    /// # Errors
    /// [`ManageErrorKind::NotFound`].
    pub async fn delete(&self, id: &KeyId) -> Result<(), ManageError> {
        for _ in 0..ATTEMPTS {
            let expected = self.get(id).await?.version;
            match self.store.commit(vec![Write::Delete { id: id.clone(), expected }]).await {
                Err(error) if error.kind() == StoreErrorKind::Conflict => {}
                done => return Ok(done?),
            }
        }
        Err(too_busy())
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now().timestamp
    }

    /// Reads, changes and writes a record; again when somebody else was faster. A change that
    /// changes nothing writes nothing.
    pub(super) async fn change(
        &self,
        id: &KeyId,
        edit: impl Fn(&mut KeyRecord) -> Result<(), ManageError>,
    ) -> Result<KeyRecord, ManageError> {
        for _ in 0..ATTEMPTS {
            let before = self.get(id).await?;
            let mut record = before.clone();
            edit(&mut record)?;
            if record == before {
                return Ok(record);
            }
            touch(&mut record, self.now());
            let write =
                Write::Replace { record: Box::new(record.clone()), expected: before.version };
            match self.store.commit(vec![write]).await {
                Ok(()) => return Ok(record),
                Err(error) if error.kind() == StoreErrorKind::Conflict => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(too_busy())
    }

    fn covers(&self, workspace: &str) -> bool {
        self.within.as_deref().is_none_or(|own| own == workspace)
    }

    /// The record and the secret that a request asks for, checked against the dialect.
    fn draft(&self, new: NewKey, now: Timestamp) -> Result<(KeyRecord, PlainKey), ManageError> {
        let kind = match &new.kind {
            Some(name) => self.kind_named(name)?,
            None => self.first_issued_kind()?,
        };
        let key = self.issue(kind)?;
        Ok((self.describe(new, kind, &key, now)?, key))
    }

    /// The record of a key that is about to be kept.
    pub(super) fn describe(
        &self,
        new: NewKey,
        kind: KindId,
        key: &PlainKey,
        now: Timestamp,
    ) -> Result<KeyRecord, ManageError> {
        if !self.covers(&new.workspace) {
            return Err(ManageError::denied(
                "workspace",
                "this manages keys of one workspace only",
            ));
        }
        if let Some(end) = new.expires_at {
            check_end(end, now)?;
        }
        let id = self.dialect.new_key_id(now);
        let grant = new.grant.unwrap_or_else(|| self.dialect.default_grant());
        let mut record = KeyRecord::new(id, new.workspace, self.dialect.kind(kind).name())
            .with_name(new.name)
            .with_grant(grant)
            .with_resources(new.resources)
            .with_expires_at(new.expires_at);
        record.description = new.description;
        record.mask = self.dialect.mask(key);
        record.rate_limit_per_min = new.rate_limit_per_min;
        record.created_by = new.created_by;
        record.created_at = now;
        record.updated_at = now;
        record.metadata = new.metadata;
        self.check(&record)?;
        Ok(record)
    }

    fn first_issued_kind(&self) -> Result<KindId, ManageError> {
        let first = self.dialect.kinds().iter().find(|kind| kind.is_issued());
        let first =
            first.ok_or_else(|| ManageError::invalid("kind", "no kind of key is issued here"))?;
        self.kind_named(first.name())
    }

    pub(super) fn kind_named(&self, name: &str) -> Result<KindId, ManageError> {
        let kind = self.dialect.kind_id(name);
        kind.ok_or_else(|| ManageError::invalid("kind", "there is no such kind of key"))
    }

    /// A new secret of the kind with this name.
    pub(super) fn issue(&self, kind: KindId) -> Result<PlainKey, ManageError> {
        self.dialect.issue(kind).map_err(|error| ManageError::invalid("kind", error.to_string()))
    }

    /// The rules that hold for every record, new or changed.
    fn check(&self, record: &KeyRecord) -> Result<(), ManageError> {
        if record.workspace.is_empty() {
            return Err(ManageError::invalid("workspace", "name the workspace of the key"));
        }
        self.dialect
            .check_name(&record.name)
            .map_err(|sentence| ManageError::invalid("name", sentence))?;
        if record.name.chars().count() > LONGEST_TEXT {
            return Err(ManageError::invalid("name", "the name is too long"));
        }
        let description = record.description.as_deref().unwrap_or_default();
        if description.chars().count() > LONGEST_TEXT {
            return Err(ManageError::invalid("description", "the description is too long"));
        }
        let kind = self.kind_named(&record.kind)?;
        self.dialect
            .check_assignable(kind, &record.grant)
            .map_err(|error| ManageError::invalid("scopes", error.to_string()))
    }
}

/// Counts a change of the record.
pub(super) fn touch(record: &mut KeyRecord, now: Timestamp) {
    record.version += 1;
    // Never backwards, so that a revocation written now stays one on a clock that stepped.
    record.updated_at = record.updated_at.max(now);
}

fn check_end(end: Timestamp, now: Timestamp) -> Result<(), ManageError> {
    if end <= now {
        return Err(ManageError::invalid("expires_at", "the end of a key lies in the future"));
    }
    Ok(())
}

pub(super) fn too_busy() -> ManageError {
    ManageError::new(ManageErrorKind::Conflict, "the key is being changed by others: try again")
}

impl fmt::Debug for KeyManager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyManager")
            .field("dialect", &self.dialect)
            .field("within", &self.within)
            .finish_non_exhaustive()
    }
}
