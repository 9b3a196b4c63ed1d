//! The sequence of changes: lost, lagging, or of unknown outcome, it never leaves a stale answer.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use keyward_core::audit::{AuditEntry, AuditQuery};
use keyward_core::dialect::Dialect;
use keyward_core::key::{KeyDigest, KeyId, KeyRecord};
use keyward_core::manage::{KeyUpdate, NewKey, Reach};
use keyward_core::store::{
    Answers, ChangeFeed, ChangeTable, Changes, KeyLookup, KeyStore, ListQuery, MemoryStore,
    Position, StoreError, Write,
};
use keyward_core::verify::{RejectionKind, Verifier};
use tokio::sync::Notify;

use crate::support::{cached, create, eventually, manager, refusal, secret, unknown, warm, within};

/// A store whose contents are replaced behind its readers' back, as by a backup.
#[derive(Clone)]
struct Restorable {
    table: Arc<ChangeTable>,
    store: Arc<Mutex<MemoryStore>>,
}

impl Restorable {
    fn new(store: &MemoryStore) -> Self {
        Self { table: ChangeTable::new(), store: Arc::new(Mutex::new(store.other_process())) }
    }

    fn restore(&self, store: &MemoryStore) {
        *self.store.lock().unwrap() = store.other_process();
        self.table.wake();
    }

    fn store(&self) -> MemoryStore {
        self.store.lock().unwrap().clone()
    }
}

#[async_trait]
impl KeyLookup for Restorable {
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
impl ChangeFeed for Restorable {
    fn table(&self) -> &Arc<ChangeTable> {
        &self.table
    }

    async fn changes_since(&self, position: Option<Position>) -> Result<Changes, StoreError> {
        self.store().changes_since(position).await
    }
}

/// A store in which these keys were made, the first of them changed so often.
async fn history(keys: &[&str], changes: usize) -> MemoryStore {
    let store = MemoryStore::new();
    let manager = manager(store.clone()).await;
    let mut ids = Vec::new();
    for key in keys {
        let record = manager.adopt(&secret(key), NewKey::new("acme", "a key")).await.unwrap();
        ids.push(record.id);
    }
    for change in 0..changes {
        let update = KeyUpdate::new().with_name(format!("change {change}"));
        manager.update(&ids[0], update).await.unwrap();
    }
    store
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_sequence_empties_the_cache() {
    let (kept, gone, new) = (&*unknown(1), &*unknown(2), &*unknown(3));
    // Rewound, as long as before, and longer.
    for changes in [0, 20, 50] {
        let before = history(&[kept, gone], 20).await;
        let restorable = Restorable::new(&before);
        let verifier = Verifier::builder(Dialect::bigspin(), restorable.clone()).build().unwrap();
        for key in [kept, gone, new] {
            warm(&verifier, key).await;
        }
        assert_eq!(refusal(&verifier, kept).await, None);
        assert_eq!(refusal(&verifier, gone).await, None);
        assert_eq!(refusal(&verifier, new).await, Some(RejectionKind::Unknown));

        restorable.restore(&history(&[kept, new], changes).await);
        eventually("the restored store counts", async || {
            refusal(&verifier, gone).await == Some(RejectionKind::Unknown)
        })
        .await;
        assert_eq!(refusal(&verifier, new).await, None);
        // Its numbers are lower than those known before, and count all the same.
        warm(&verifier, kept).await;
        assert_eq!(refusal(&verifier, kept).await, None);
    }
}

/// A store whose lookups read a replica that stands still when it is told to.
#[derive(Clone)]
struct Lagging {
    primary: MemoryStore,
    replica: Arc<Mutex<Option<Replica>>>,
    /// How often it was asked while it stood still.
    asked: Arc<AtomicUsize>,
}

struct Replica {
    records: HashMap<[u8; 32], Option<KeyRecord>>,
    as_of: Position,
}

impl Lagging {
    /// A replica that knows these keys as they are now.
    async fn replica(&self, keys: &[&str]) -> Replica {
        let digests: Vec<_> = keys.iter().map(|key| KeyDigest::sha256(key.as_bytes())).collect();
        let answers = self.primary.lookup_many(&digests).await.unwrap();
        let records = digests.iter().map(|it| *it.as_bytes()).zip(answers.records).collect();
        Replica { records, as_of: answers.as_of.unwrap() }
    }

    fn stand_still(&self, replica: Replica) {
        *self.replica.lock().unwrap() = Some(replica);
    }

    fn catch_up(&self) {
        *self.replica.lock().unwrap() = None;
    }
}

#[async_trait]
impl KeyLookup for Lagging {
    async fn lookup(&self, digest: &KeyDigest) -> Result<Option<KeyRecord>, StoreError> {
        self.primary.lookup(digest).await
    }

    async fn lookup_many(&self, digests: &[KeyDigest]) -> Result<Answers, StoreError> {
        if let Some(replica) = &*self.replica.lock().unwrap() {
            self.asked.fetch_add(1, Ordering::SeqCst);
            let record = |digest: &KeyDigest| replica.records.get(digest.as_bytes()).cloned();
            let records = digests.iter().map(|digest| record(digest).flatten()).collect();
            return Ok(Answers { records, as_of: Some(replica.as_of) });
        }
        self.primary.lookup_many(digests).await
    }

    fn feed(&self) -> Option<Arc<dyn ChangeFeed>> {
        self.primary.feed()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_of_a_lagging_replica_is_neither_used_nor_kept() {
    let store = MemoryStore::new();
    let manager = manager(store.clone()).await;
    let lagging = Lagging { primary: store, replica: Arc::default(), asked: Arc::default() };
    let verifier = Verifier::builder(Dialect::bigspin(), lagging.clone())
        .with_lookup_timeout(Duration::from_millis(600))
        .build()
        .unwrap();
    let (record, key) = create(&manager).await;
    let nobodys = unknown(1);
    for key in [&key, &nobodys] {
        warm(&verifier, key).await;
    }
    lagging.stand_still(lagging.replica(&[&key, &nobodys]).await);
    manager.revoke(&record.id, Reach::Key).await.unwrap();
    manager.adopt(&secret(&nobodys), NewKey::new("acme", "adopted")).await.unwrap();

    for _ in 0..2 {
        for key in [&key, &nobodys] {
            assert_eq!(refusal(&verifier, key).await, Some(RejectionKind::Unavailable));
            assert!(cached(&verifier, key).is_none());
        }
    }
    lagging.catch_up();
    assert_eq!(refusal(&verifier, &key).await, Some(RejectionKind::Revoked));
    assert_eq!(refusal(&verifier, &nobodys).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_waits_for_a_replica_that_catches_up() {
    let store = MemoryStore::new();
    let manager = manager(store.clone()).await;
    let lagging = Lagging { primary: store, replica: Arc::default(), asked: Arc::default() };
    let verifier = Verifier::builder(Dialect::bigspin(), lagging.clone()).build().unwrap();
    let (record, key) = create(&manager).await;
    warm(&verifier, &key).await;
    lagging.stand_still(lagging.replica(&[&key]).await);
    manager.revoke(&record.id, Reach::Key).await.unwrap();
    let request = tokio::spawn(async move { refusal(&verifier, &key).await });
    eventually("it has asked", async || lagging.asked.load(Ordering::SeqCst) > 2).await;
    lagging.catch_up();
    assert_eq!(request.await.unwrap(), Some(RejectionKind::Revoked));
}

/// What changed before a process began is not told by its poll, and counts all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_replica_behind_the_first_poll_is_not_believed() {
    let store = MemoryStore::new();
    let manager = manager(store.clone()).await;
    let (record, key) = create(&manager).await;
    let primary = store.other_process();
    let lagging = Lagging { primary, replica: Arc::default(), asked: Arc::default() };
    let before = lagging.replica(&[&key]).await;
    manager.revoke(&record.id, Reach::Key).await.unwrap();

    let verifier = Verifier::builder(Dialect::bigspin(), lagging.clone())
        .with_lookup_timeout(Duration::from_millis(600))
        .build()
        .unwrap();
    warm(&verifier, &unknown(1)).await;
    lagging.stand_still(before);
    assert_eq!(refusal(&verifier, &key).await, Some(RejectionKind::Unavailable));
    assert!(cached(&verifier, &key).is_none());
    lagging.catch_up();
    assert_eq!(refusal(&verifier, &key).await, Some(RejectionKind::Revoked));
}

/// A store that has committed, but does not get to say so.
#[derive(Clone)]
struct Speechless {
    table: Arc<ChangeTable>,
    store: MemoryStore,
    committed: Arc<Notify>,
}

#[async_trait]
impl KeyLookup for Speechless {
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
impl ChangeFeed for Speechless {
    fn table(&self) -> &Arc<ChangeTable> {
        &self.table
    }

    /// The poll hears of nothing, so that only the dropped commit can raise the table.
    async fn changes_since(&self, position: Option<Position>) -> Result<Changes, StoreError> {
        let head = Position { seq: 0, mark: 0 };
        Ok(match position {
            Some(_) => Changes::Since { changes: vec![], head, more: false, awaited: 0 },
            None => Changes::Lost { head },
        })
    }
}

#[async_trait]
impl KeyStore for Speechless {
    async fn claim(&self, dialect: &str) -> Result<(), StoreError> {
        self.store.claim(dialect).await
    }

    async fn dialect(&self) -> Result<Option<String>, StoreError> {
        self.store.dialect().await
    }

    async fn get(&self, id: &KeyId) -> Result<Option<KeyRecord>, StoreError> {
        self.store.get(id).await
    }

    async fn list(&self, query: &ListQuery) -> Result<Vec<KeyRecord>, StoreError> {
        self.store.list(query).await
    }

    async fn count(&self, query: &ListQuery) -> Result<u64, StoreError> {
        self.store.count(query).await
    }

    async fn audit(&self, query: &AuditQuery) -> Result<Vec<AuditEntry>, StoreError> {
        self.store.audit(query).await
    }

    async fn commit(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        let mut mutation = self.table.mutation();
        for write in &writes {
            if let Write::Replace { record, .. } = write {
                mutation.touch(KeyDigest::sha256(record.name.as_bytes()));
            }
        }
        self.store.commit(writes).await?;
        self.committed.notify_one();
        std::future::pending().await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_whose_caller_is_gone_counts_on_the_next_request() {
    let store = MemoryStore::new();
    let key = unknown(1);
    // Its name is its secret, by which the store above finds its digest.
    let new = NewKey::new("acme", key.clone());
    let record = manager(store.clone()).await.adopt(&secret(&key), new).await.unwrap();
    let speechless = Speechless {
        table: ChangeTable::new(),
        store: store.other_process(),
        committed: Arc::default(),
    };
    let committed = Arc::clone(&speechless.committed);
    let manager = manager(speechless.clone()).await;
    let verifier = Verifier::builder(Dialect::bigspin(), speechless).build().unwrap();
    warm(&verifier, &key).await;
    assert_eq!(refusal(&verifier, &key).await, None);

    let caller = tokio::spawn(async move { manager.revoke(&record.id, Reach::Key).await });
    within("the commit", committed.notified()).await;
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    assert_eq!(refusal(&verifier, &key).await, Some(RejectionKind::Revoked));
}
