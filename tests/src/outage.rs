use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use keyward::key::{KeyDigest, KeyRecord};
use keyward::store::{
    Answers, ChangeFeed, ChangeTable, Changes, KeyLookup, MemoryStore, Position, StoreError,
};
use tokio::sync::watch;

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
    lookups: Arc<AtomicUsize>,
    polls: watch::Sender<usize>,
}

impl Outage {
    /// A store without trouble yet.
    pub fn before(store: MemoryStore) -> Self {
        let trouble = Arc::new(Mutex::new(Trouble::None));
        Self { store, trouble, lookups: Arc::default(), polls: watch::Sender::new(0) }
    }

    /// From now on this is the matter with it.
    pub fn begin(&self, trouble: Trouble) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }

    /// From now on it answers again.
    pub fn end(&self) {
        self.begin(Trouble::None);
    }

    /// How often it was asked for keys.
    pub fn lookups(&self) -> usize {
        self.lookups.load(Ordering::SeqCst)
    }

    /// Returns when it was asked for changes once more.
    pub async fn polled(&self) {
        let mut polls = self.polls.subscribe();
        self.store.table().wake();
        polls.changed().await.expect("the sender is here");
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
        self.lookups.fetch_add(1, Ordering::SeqCst);
        self.suffer().await?;
        self.store.lookup(digest).await
    }

    async fn lookup_many(&self, digests: &[KeyDigest]) -> Result<Answers, StoreError> {
        self.lookups.fetch_add(1, Ordering::SeqCst);
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
        self.polls.send_modify(|polls| *polls += 1);
        self.suffer().await?;
        self.store.changes_since(position).await
    }
}
