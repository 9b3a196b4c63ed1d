use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use keyward_core::audit::{AuditEntry, AuditQuery};
use keyward_core::key::{KeyDigest, KeyId, KeyRecord};
use keyward_core::store::{
    Answers, ChangeFeed, ChangeTable, Changes, KeyLookup, KeyStore, ListQuery, MemoryStore,
    Position, StoreError, StoreErrorKind, Write,
};
use tokio::sync::watch;

use super::within;

/// What a store does when it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Conduct {
    Answers,
    /// It takes a while, another one each time, before and after it looks.
    Dawdles,
    Fails,
    Corrupt,
    Hangs,
    Panics,
    /// It panics before there is a future to poll.
    PanicsAtOnce,
    /// It hangs, and panics when it is given up.
    PanicsWhenDropped,
    TooFew,
    TooMany,
    /// The record's kind is none of the dialect's.
    OtherKind,
}

impl Conduct {
    pub(crate) const BAD: [Self; 9] = [
        Self::Fails,
        Self::Corrupt,
        Self::Hangs,
        Self::Panics,
        Self::PanicsAtOnce,
        Self::PanicsWhenDropped,
        Self::TooFew,
        Self::TooMany,
        Self::OtherKind,
    ];
}

/// A store in memory that counts its questions and does as a test says.
#[derive(Clone)]
pub(crate) struct Stage(Arc<Inner>);

struct Inner {
    store: MemoryStore,
    lookups: Mutex<Conduct>,
    feed_fails: AtomicBool,
    feed_hangs: AtomicBool,
    gate: Mutex<Option<Arc<Gate>>>,
    questions: AtomicUsize,
    digests: AtomicUsize,
    running: AtomicUsize,
    most_running: AtomicUsize,
}

/// Holds answers up that were taken from the store already.
pub(crate) struct Gate {
    arrived: watch::Sender<usize>,
    open: watch::Sender<bool>,
}

impl Gate {
    /// Waits until so many answers stand here.
    pub(crate) async fn arrived(&self, count: usize) {
        let mut arrived = self.arrived.subscribe();
        let done = within("answers stand at the gate", arrived.wait_for(|it| *it >= count)).await;
        assert!(done.is_ok());
    }

    pub(crate) fn open(&self) {
        self.open.send_replace(true);
    }

    async fn pass(&self) {
        self.arrived.send_modify(|count| *count += 1);
        let _ = self.open.subscribe().wait_for(|open| *open).await;
    }
}

struct PanicWhenDropped;

impl Drop for PanicWhenDropped {
    fn drop(&mut self) {
        panic!("given up");
    }
}

impl Stage {
    pub(crate) fn new(store: MemoryStore) -> Self {
        Self(Arc::new(Inner {
            store,
            lookups: Mutex::new(Conduct::Answers),
            feed_fails: AtomicBool::new(false),
            feed_hangs: AtomicBool::new(false),
            gate: Mutex::new(None),
            questions: AtomicUsize::new(0),
            digests: AtomicUsize::new(0),
            running: AtomicUsize::new(0),
            most_running: AtomicUsize::new(0),
        }))
    }

    pub(crate) fn lookups(&self, conduct: Conduct) {
        *self.0.lookups.lock().unwrap() = conduct;
    }

    pub(crate) fn feed_fails(&self, fails: bool) {
        self.0.feed_fails.store(fails, Ordering::SeqCst);
    }

    pub(crate) fn feed_hangs(&self, hangs: bool) {
        self.0.feed_hangs.store(hangs, Ordering::SeqCst);
    }

    /// From now on answers are held up at the gate; see [`let_through`](Self::let_through).
    pub(crate) fn hold(&self) -> Arc<Gate> {
        let gate =
            Arc::new(Gate { arrived: watch::Sender::new(0), open: watch::Sender::new(false) });
        *self.0.gate.lock().unwrap() = Some(Arc::clone(&gate));
        gate
    }

    /// Later answers do not stop at the gate; those that stand there stay until it opens.
    pub(crate) fn let_through(&self) {
        *self.0.gate.lock().unwrap() = None;
    }

    /// How many questions were put.
    pub(crate) fn questions(&self) -> usize {
        self.0.questions.load(Ordering::SeqCst)
    }

    /// About how many digests.
    pub(crate) fn digests(&self) -> usize {
        self.0.digests.load(Ordering::SeqCst)
    }

    /// How many at once, at most.
    pub(crate) fn most_running(&self) -> usize {
        self.0.most_running.load(Ordering::SeqCst)
    }

    /// How many hold this store: the test, and whatever a verifier has running.
    pub(crate) fn holders(&self) -> usize {
        Arc::strong_count(&self.0)
    }

    async fn answer(&self, digests: &[KeyDigest]) -> Result<Answers, StoreError> {
        let conduct = *self.0.lookups.lock().unwrap();
        if conduct == Conduct::Dawdles {
            dawdle().await;
        }
        let mut answers = self.0.store.lookup_many(digests).await?;
        let gate = self.0.gate.lock().unwrap().clone();
        if let Some(gate) = gate {
            gate.pass().await;
        }
        match conduct {
            Conduct::Answers | Conduct::PanicsAtOnce => {}
            Conduct::Dawdles => dawdle().await,
            Conduct::Fails => return Err(StoreError::unavailable("down")),
            Conduct::Corrupt => return Err(StoreError::new(StoreErrorKind::Corrupt, "unreadable")),
            Conduct::Hangs => std::future::pending().await,
            Conduct::Panics => panic!("a lookup that panics"),
            Conduct::PanicsWhenDropped => {
                let _panics = PanicWhenDropped;
                std::future::pending::<()>().await;
            }
            Conduct::TooFew => drop(answers.records.pop()),
            Conduct::TooMany => answers.records.push(None),
            Conduct::OtherKind => {
                for record in answers.records.iter_mut().flatten() {
                    "no such kind".clone_into(&mut record.kind);
                }
            }
        }
        Ok(answers)
    }
}

/// Lets others run for a while that differs each time.
pub(crate) async fn dawdle() {
    for _ in 0..fastrand::u32(..6) {
        if fastrand::u8(..8) == 0 {
            tokio::time::sleep(Duration::from_micros(fastrand::u64(..500))).await;
        }
        for _ in 0..fastrand::u32(..300) {
            std::hint::spin_loop();
        }
        tokio::task::yield_now().await;
    }
}

/// Counts a question as running until it is dropped.
struct Running<'a>(&'a Inner);

impl<'a> Running<'a> {
    fn new(inner: &'a Inner) -> Self {
        let running = inner.running.fetch_add(1, Ordering::SeqCst) + 1;
        inner.most_running.fetch_max(running, Ordering::SeqCst);
        Self(inner)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl KeyLookup for Stage {
    async fn lookup(&self, digest: &KeyDigest) -> Result<Option<KeyRecord>, StoreError> {
        self.0.store.lookup(digest).await
    }

    // As `async_trait` would write it, so that it can panic before there is a future.
    fn lookup_many<'life0, 'life1, 'async_trait>(
        &'life0 self,
        digests: &'life1 [KeyDigest],
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<Answers, StoreError>> + Send + 'async_trait>>
    where
        'life0: 'async_trait,
        'life1: 'async_trait,
        Self: 'async_trait,
    {
        self.0.questions.fetch_add(1, Ordering::SeqCst);
        self.0.digests.fetch_add(digests.len(), Ordering::SeqCst);
        let conduct = *self.0.lookups.lock().unwrap();
        assert_ne!(conduct, Conduct::PanicsAtOnce, "a lookup that panics at once");
        Box::pin(async move {
            let _running = Running::new(&self.0);
            self.answer(digests).await
        })
    }

    fn feed(&self) -> Option<Arc<dyn ChangeFeed>> {
        Some(Arc::new(self.clone()))
    }
}

#[async_trait]
impl ChangeFeed for Stage {
    fn table(&self) -> &Arc<ChangeTable> {
        ChangeFeed::table(&self.0.store)
    }

    async fn changes_since(&self, position: Option<Position>) -> Result<Changes, StoreError> {
        if self.0.feed_hangs.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        if self.0.feed_fails.load(Ordering::SeqCst) {
            return Err(StoreError::unavailable("down"));
        }
        self.0.store.changes_since(position).await
    }
}

#[async_trait]
impl KeyStore for Stage {
    async fn claim(&self, dialect: &str) -> Result<(), StoreError> {
        self.0.store.claim(dialect).await
    }

    async fn dialect(&self) -> Result<Option<String>, StoreError> {
        self.0.store.dialect().await
    }

    async fn get(&self, id: &KeyId) -> Result<Option<KeyRecord>, StoreError> {
        self.0.store.get(id).await
    }

    async fn list(&self, query: &ListQuery) -> Result<Vec<KeyRecord>, StoreError> {
        self.0.store.list(query).await
    }

    async fn count(&self, query: &ListQuery) -> Result<u64, StoreError> {
        self.0.store.count(query).await
    }

    async fn audit(&self, query: &AuditQuery) -> Result<Vec<AuditEntry>, StoreError> {
        self.0.store.audit(query).await
    }

    async fn commit(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        self.0.store.commit(writes).await
    }
}
