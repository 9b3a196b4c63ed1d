use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;
use keyward_core::key::{KeyDigest, KeyRecord};
use keyward_core::store::{
    Answers, ChangeFeed, ChangeTable, Changes, Instance, Instances, KeyLookup, MemoryStore,
    Position, Sign, StoreError,
};

/// A store whose polls and signatures a test counts, or lets fail. Clones share it.
#[derive(Clone)]
pub(crate) struct Watched(Arc<Inner>);

struct Inner {
    store: MemoryStore,
    polls: AtomicUsize,
    polls_fail: AtomicBool,
    signs: AtomicUsize,
    signs_fail: AtomicBool,
}

impl Watched {
    pub(crate) fn new(store: MemoryStore) -> Self {
        Self(Arc::new(Inner {
            store,
            polls: AtomicUsize::new(0),
            polls_fail: AtomicBool::new(false),
            signs: AtomicUsize::new(0),
            signs_fail: AtomicBool::new(false),
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

    pub(crate) fn signs_fail(&self, fail: bool) {
        self.0.signs_fail.store(fail, Ordering::SeqCst);
    }
}

fn count(counter: &AtomicUsize, fails: &AtomicBool) -> Result<(), StoreError> {
    counter.fetch_add(1, Ordering::SeqCst);
    if fails.load(Ordering::SeqCst) { Err(StoreError::unavailable("down")) } else { Ok(()) }
}

#[async_trait]
impl KeyLookup for Watched {
    async fn lookup(&self, digest: &KeyDigest) -> Result<Option<KeyRecord>, StoreError> {
        self.0.store.lookup(digest).await
    }

    async fn lookup_many(&self, digests: &[KeyDigest]) -> Result<Answers, StoreError> {
        self.0.store.lookup_many(digests).await
    }

    fn feed(&self) -> Option<Arc<dyn ChangeFeed>> {
        Some(Arc::new(self.clone()))
    }
}

#[async_trait]
impl ChangeFeed for Watched {
    fn table(&self) -> &Arc<ChangeTable> {
        ChangeFeed::table(&self.0.store)
    }

    async fn changes_since(&self, position: Option<Position>) -> Result<Changes, StoreError> {
        count(&self.0.polls, &self.0.polls_fail)?;
        self.0.store.changes_since(position).await
    }

    fn instances(&self) -> Option<&dyn Instances> {
        Some(self)
    }
}

#[async_trait]
impl Instances for Watched {
    async fn sign(&self, sign: &Sign) -> Result<(), StoreError> {
        count(&self.0.signs, &self.0.signs_fail)?;
        self.0.store.sign(sign).await
    }

    async fn sign_off(&self, id: u64) -> Result<(), StoreError> {
        self.0.store.sign_off(id).await
    }

    async fn await_all(&self) -> Result<u64, StoreError> {
        self.0.store.await_all().await
    }

    async fn signed(&self) -> Result<Vec<Instance>, StoreError> {
        self.0.store.signed().await
    }
}
