//! Changes are heard of before the next poll is due, and whoever listens ends with the store.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use keyward::dialect::Dialect;
use keyward::key::{KeyDigest, KeyRecord};
use keyward::store::{
    Answers, ChangeFeed, ChangeTable, Changes, KeyLookup, KeyStore, Position, PostgresStore,
    StoreError,
};
use keyward::verify::Verifier;
use keyward_tests::Postgres;

use crate::support::{head, insert, listeners, name_of, soon};

/// Without a push, a poll follows the one before after a second.
const EARLY: Duration = Duration::from_millis(900);

/// A store whose polls are watched.
#[derive(Clone)]
struct Watched {
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
    fn woken(&self) -> u32 {
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

#[tokio::test(flavor = "multi_thread")]
async fn a_change_elsewhere_wakes_the_poll_also_after_the_connection_was_cut() {
    let server = Postgres::shared();
    let url = server.database();
    let writer = PostgresStore::open(&url).await.unwrap();
    let watched = Watched { store: PostgresStore::open(&url).await.unwrap(), seen: Arc::default() };
    let verifier = Verifier::builder(Dialect::bigspin(), watched.clone()).build().unwrap();
    let mut numbers = 0..;
    for _ in 0..3 {
        let listening = soon("somebody listens");
        while !listening(listeners(server, name_of(&url)) == "1").await {}
        // One more wakes at the beginning of listening.
        let (before, heard) = (watched.woken(), soon("changes are heard of"));
        while !heard(watched.woken() >= before + 5).await {
            writer.commit(vec![insert(numbers.next().unwrap())]).await.unwrap();
        }
        server.sql(
            "postgres",
            &format!(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE datname = '{}' AND query LIKE 'LISTEN%'",
                name_of(&url)
            ),
        );
    }
    verifier.shutdown().await;
}

#[tokio::test]
async fn whoever_listens_ends_with_the_store_and_never_begins_without_a_poll() {
    let server = Postgres::shared();
    let url = server.database();
    let store = PostgresStore::open(&url).await.unwrap();
    store.commit(vec![insert(1)]).await.unwrap();
    assert_eq!(listeners(server, name_of(&url)), "0");
    for closes in [true, false] {
        let store = PostgresStore::open(&url).await.unwrap();
        head(&store).await;
        let listening = soon("one listens");
        while !listening(listeners(server, name_of(&url)) == "1").await {}
        let clone = store.clone();
        drop(store);
        assert_eq!(listeners(server, name_of(&url)), "1", "a clone is the store too");
        if closes {
            clone.close().await;
        } else {
            drop(clone);
        }
        let ended = soon("nobody listens any more");
        while !ended(listeners(server, name_of(&url)) == "0").await {}
    }
}
