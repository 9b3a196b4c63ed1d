use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::bounded::BoundedStore;
use super::bounds::Bounds;
use super::error::ManageError;
use crate::audit::{AuditSink, Origin};
use crate::clock::{Clock, SystemClock, Timestamp};
use crate::dialect::Dialect;
use crate::key::{Creator, KeyId, KeyRecord, Peppers};
use crate::store::KeyStore;

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
    pub(super) store: BoundedStore,
    pub(super) dialect: Dialect,
    pub(super) peppers: Peppers,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) within: Option<Arc<str>>,
    pub(super) actor: Option<Creator>,
    pub(super) origin: Origin,
    pub(super) sink: Option<Arc<dyn AuditSink>>,
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

    /// How long one answer of the store may take. 30 s by default: a write may have to wait for
    /// those of others.
    ///
    /// Whether a change was made that took longer is not known: it fails with
    /// [`Unavailable`](super::ManageErrorKind::Unavailable), and the key is looked up anew.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.0.store.limit = timeout;
        self
    }

    /// Whom to tell of each act, beside the trail that the store keeps.
    #[must_use]
    pub fn with_audit_sink(mut self, sink: impl AuditSink) -> Self {
        self.0.sink = Some(Arc::new(sink));
        self
    }

    /// Opens the store for this dialect, which the store remembers from the first time on. Works, as
    /// every act later does, inside a tokio runtime with timers.
    ///
    /// # Errors
    /// [`Conflict`](super::ManageErrorKind::Conflict) when the store is of another dialect,
    /// [`Unavailable`](super::ManageErrorKind::Unavailable) when it cannot be reached.
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
            store: BoundedStore { store: Arc::new(store), limit: Duration::from_secs(30) },
            dialect,
            peppers: Peppers::none(),
            clock: Arc::new(SystemClock::new()),
            within: None,
            actor: None,
            origin: Origin::default(),
            sink: None,
        })
    }

    /// The same for one workspace: keys of others do not exist for it.
    #[must_use]
    pub fn within(&self, workspace: &str) -> Self {
        Self { within: Some(workspace.into()), ..self.clone() }
    }

    /// The same on behalf of somebody: what is made is made by them.
    ///
    /// A person is only written down. A key acts in its own workspace, and every act is bounded by
    /// what that key has at the moment of the act: it makes no key that has more, and changes or
    /// ends none that has or would get more. What a new key's request leaves out, kind, resources,
    /// end and limit, is the acting key's.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use keyward_core::dialect::Dialect;
    /// use keyward_core::key::{Creator, Grant};
    /// use keyward_core::manage::{KeyManager, ManageErrorKind, NewKey};
    /// use keyward_core::store::MemoryStore;
    ///
    /// let manager = KeyManager::builder(Dialect::bigspin(), MemoryStore::new()).open().await?;
    /// let by_ada = manager.acting_as(Creator::Person("ada".to_owned()));
    /// let reader = NewKey::new("acme", "reader").with_grant(Grant::Only("projects-read".parse()?));
    /// let reader = by_ada.create(reader).await?.record;
    ///
    /// let by_reader = manager.acting_as(Creator::Key(reader.id));
    ///
    /// let less = NewKey::new("acme", "a job").with_grant(Grant::Only("projects-read".parse()?));
    /// assert!(by_reader.create(less).await.is_ok());
    /// let more = NewKey::new("acme", "a job").with_grant(Grant::All);
    /// assert_eq!(by_reader.create(more).await.unwrap_err().kind(), ManageErrorKind::Denied);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn acting_as(&self, actor: Creator) -> Self {
        Self { actor: Some(actor), ..self.clone() }
    }

    /// The same for acts that come from here, which the [trail](Self::audit) says.
    #[must_use]
    pub fn with_origin(&self, origin: Origin) -> Self {
        Self { origin, ..self.clone() }
    }

    /// The one workspace whose keys exist for it; `None` where all do.
    pub fn workspace(&self) -> Option<&str> {
        self.within.as_deref()
    }

    /// The dialect of its keys.
    pub fn dialect(&self) -> &Dialect {
        &self.dialect
    }

    /// The key of this id.
    ///
    /// # Errors
    /// [`NotFound`](super::ManageErrorKind::NotFound), also for a key of another workspace;
    /// [`Denied`](super::ManageErrorKind::Denied) when the key that acts has ended.
    pub async fn get(&self, id: &KeyId) -> Result<KeyRecord, ManageError> {
        self.find(id, &self.bounds(self.now()).await?).await
    }

    /// The key of this id, if it exists for whoever acts.
    pub(super) async fn find(&self, id: &KeyId, by: &Bounds) -> Result<KeyRecord, ManageError> {
        let record = self.store.get(id).await?;
        record
            .filter(|record| by.covers(&record.workspace))
            .ok_or_else(|| ManageError::not_found(id))
    }

    /// Where it takes the time from.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// The calendar by its clock.
    pub fn now(&self) -> Timestamp {
        self.clock.now().timestamp
    }
}

impl fmt::Debug for KeyManager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyManager")
            .field("dialect", &self.dialect)
            .field("within", &self.within)
            .field("actor", &self.actor)
            .finish_non_exhaustive()
    }
}
