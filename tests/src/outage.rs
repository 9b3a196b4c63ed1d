use std::future::pending;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use keyward::key::{KeyDigest, KeyRecord};
use keyward::store::{
    Answers, ChangeFeed, ChangeTable, Changes, KeyLookup, MemoryStore, Position, StoreError,
};

/// What ails a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing.
    None,
    /// It says that it cannot be reached.
    Fails,
    /// It never answers.
    Hangs,
    /// Its code panics.
    Panics,
}

/// A store in front of which a test puts trouble. Clones share it.
#[derive(Debug, Clone)]
pub struct Outage {
    store: MemoryStore,
    trouble: Arc<Mutex<Trouble>>,
}

impl Outage {
    /// A store without trouble yet.
    pub fn before(store: MemoryStore) -> Self {
        Self { store, trouble: Arc::new(Mutex::new(Trouble::None)) }
    }

    /// From now on this is the matter with it.
    pub fn begin(&self, trouble: Trouble) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }

    /// From now on it answers again.
    pub fn end(&self) {
        self.begin(Trouble::None);
    }

    async fn suffer(&self) -> Result<(), StoreError> {
        let trouble = *self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        match trouble {
            Trouble::None => Ok(()),
            Trouble::Fails => Err(StoreError::unavailable("the test says so")),
            Trouble::Hangs => pending().await,
            Trouble::Panics => panic!("the test says so"),
        }
    }
}

#[async_trait]
impl KeyLookup for Outage {
    async fn lookup(&self, digest: &KeyDigest) -> Result<Option<KeyRecord>, StoreError> {
        self.suffer().await?;
        self.store.lookup(digest).await
    }

    async fn lookup_many(&self, digests: &[KeyDigest]) -> Result<Answers, StoreError> {
        self.suffer().await?;
        self.store.lookup_many(digests).await
    }

    fn feed(&self) -> Option<Arc<dyn ChangeFeed>> {
        Some(Arc::new(self.clone()))
    }
}

#[async_trait]
impl ChangeFeed for Outage {
    fn table(&self) -> &Arc<ChangeTable> {
        self.store.table()
    }

    async fn changes_since(&self, position: Option<Position>) -> Result<Changes, StoreError> {
        self.suffer().await?;
        self.store.changes_since(position).await
    }
}
