use std::future::pending;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use keyward_core::audit::{AuditEntry, AuditQuery};
use keyward_core::key::{KeyDigest, KeyId, KeyRecord};
use keyward_core::store::{
    Answers, ChangeFeed, ChangeTable, Changes, Instance, Instances, KeyLookup, KeyStore, ListQuery,
    MemoryStore, Position, Sign, StoreError, Write,
};

/// What becomes of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signing {
    Kept,
    Fails,
    /// The store does not know the position.
    Unwritten,
}

/// A store whose polls and signatures a test counts, or lets fail, and whose contents it replaces
/// behind its readers' back, as by a backup. Clones share it.
#[derive(Clone)]
pub(crate) struct Watched(Arc<Inner>);

struct Inner {
    table: Arc<ChangeTable>,
    store: Mutex<MemoryStore>,
    polls: AtomicUsize,
    polls_fail: AtomicBool,
    signs: AtomicUsize,
    signing: Mutex<Signing>,
    waits_hang: AtomicBool,
}

impl Watched {
    pub(crate) fn new(store: MemoryStore) -> Self {
        Self(Arc::new(Inner {
            table: Arc::clone(ChangeFeed::table(&store)),
            store: Mutex::new(store),
            polls: AtomicUsize::new(0),
            polls_fail: AtomicBool::new(false),
            signs: AtomicUsize::new(0),
            signing: Mutex::new(Signing::Kept),
            waits_hang: AtomicBool::new(false),
        }))
    }

    /// How often it was asked for changes.
    pub(crate) fn polls(&self) -> usize {
        self.0.polls.load(Ordering::SeqCst)
    }

    /// How often an instance signed.
    pub(crate) fn signs(&self) -> usize {
        self.0.signs.load(Ordering::SeqCst)
    }

    pub(crate) fn polls_fail(&self, fail: bool) {
        self.0.polls_fail.store(fail, Ordering::SeqCst);
    }

    pub(crate) fn sign_so(&self, signing: Signing) {
        *self.0.signing.lock().unwrap() = signing;
    }

    /// Whoever asks who has signed gets no answer.
    pub(crate) fn waits_hang(&self) {
        self.0.waits_hang.store(true, Ordering::SeqCst);
    }

    pub(crate) fn restore(&self, store: MemoryStore) {
        *self.0.store.lock().unwrap() = store;
        self.0.table.wake();
    }

    fn store(&self) -> MemoryStore {
        self.0.store.lock().unwrap().clone()
    }

    async fn hang(&self) {
        if self.0.waits_hang.load(Ordering::SeqCst) {
            pending::<()>().await;
        }
    }
}

#[async_trait]
impl KeyLookup for Watched {
    async fn lookup(&self, digest: &KeyDigest) -> Result<Option<KeyRecord>, StoreError> {
        self.store().lookup(digest).await
    }

    async fn lookup_many(&self, digests: &[KeyDigest]) -> Result<Answers, StoreError> {
        self.store().lookup_many(digests).await
    }

    fn feed(&self) -> Option<Arc<dyn ChangeFeed>> {
        Some(Arc::new(self.clone()))
    }
}

#[async_trait]
impl ChangeFeed for Watched {
    fn table(&self) -> &Arc<ChangeTable> {
        &self.0.table
    }

    async fn changes_since(&self, position: Option<Position>) -> Result<Changes, StoreError> {
        self.0.polls.fetch_add(1, Ordering::SeqCst);
        if self.0.polls_fail.load(Ordering::SeqCst) {
            return Err(StoreError::unavailable("down"));
        }
        self.store().changes_since(position).await
    }

    fn instances(&self) -> Option<&dyn Instances> {
        Some(self)
    }
}

#[async_trait]
impl Instances for Watched {
    async fn sign(&self, sign: &Sign) -> Result<bool, StoreError> {
        self.0.signs.fetch_add(1, Ordering::SeqCst);
        let signing = *self.0.signing.lock().unwrap();
        match signing {
            Signing::Kept => self.store().sign(sign).await,
            Signing::Fails => Err(StoreError::unavailable("down")),
            Signing::Unwritten => Ok(false),
        }
    }

    async fn sign_off(&self, id: u64) -> Result<(), StoreError> {
        self.store().sign_off(id).await
    }

    async fn await_all(&self) -> Result<u64, StoreError> {
        self.hang().await;
        let awaited = self.store().await_all().await;
        self.0.table.wake_all();
        awaited
    }

    async fn signed(&self) -> Result<Vec<Instance>, StoreError> {
        self.hang().await;
        self.store().signed().await
    }
}

#[async_trait]
impl KeyStore for Watched {
    async fn claim(&self, dialect: &str) -> Result<(), StoreError> {
        self.store().claim(dialect).await
    }

    async fn dialect(&self) -> Result<Option<String>, StoreError> {
        self.store().dialect().await
    }

    async fn get(&self, id: &KeyId) -> Result<Option<KeyRecord>, StoreError> {
        self.store().get(id).await
    }

    async fn list(&self, query: &ListQuery) -> Result<Vec<KeyRecord>, StoreError> {
        self.store().list(query).await
    }

    async fn count(&self, query: &ListQuery) -> Result<u64, StoreError> {
        self.store().count(query).await
    }

    async fn audit(&self, query: &AuditQuery) -> Result<Vec<AuditEntry>, StoreError> {
        self.store().audit(query).await
    }

    async fn commit(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        self.store().commit(writes).await
    }
}
