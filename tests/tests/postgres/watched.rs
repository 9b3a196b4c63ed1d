use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use keyward::key::{KeyDigest, KeyRecord};
use keyward::store::{
    Answers, ChangeFeed, ChangeTable, Changes, KeyLookup, Position, PostgresStore, StoreError,
};

/// Without a push, a poll follows the one before after a second.
const EARLY: Duration = Duration::from_millis(900);

/// A store whose polls are watched.
#[derive(Clone)]
pub(crate) struct Watched {
    store: PostgresStore,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    ended: Option<Instant>,
    /// How many polls came too early for one that nobody woke.
    woken: u32,
}

impl Watched {
    pub(crate) async fn open(url: &str) -> Self {
        Self { store: PostgresStore::open(url).await.unwrap(), seen: Arc::default() }
    }

    pub(crate) fn woken(&self) -> u32 {
        self.seen.lock().unwrap().woken
    }
}

#[async_trait]
impl KeyLookup for Watched {
    async fn lookup(&self, digest: &KeyDigest) -> Result<Option<KeyRecord>, StoreError> {
        self.store.lookup(digest).await
    }

    async fn lookup_many(&self, digests: &[KeyDigest]) -> Result<Answers, StoreError> {
        self.store.lookup_many(digests).await
    }

    fn feed(&self) -> Option<Arc<dyn ChangeFeed>> {
        Some(Arc::new(self.clone()))
    }
}

#[async_trait]
impl ChangeFeed for Watched {
    fn table(&self) -> &Arc<ChangeTable> {
        self.store.table()
    }

    async fn changes_since(&self, position: Option<Position>) -> Result<Changes, StoreError> {
        {
            let mut seen = self.seen.lock().unwrap();
            if seen.ended.is_some_and(|ended| ended.elapsed() < EARLY) {
                seen.woken += 1;
            }
        }
        let changes = self.store.changes_since(position).await;
        self.seen.lock().unwrap().ended = Some(Instant::now());
        changes
    }
}
