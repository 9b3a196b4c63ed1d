//! A verifier whose store, and handlers that, wait for the test; and how much of it there is.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use keyward::dialect::{Dialect, InFlight};
use keyward::key::{KeyDigest, KeyRecord, PlainKey};
use keyward::manage::{KeyManager, NewKey};
use keyward::store::{Answers, ChangeFeed, KeyLookup, MemoryStore, StoreError};
use keyward::verify::Verifier;
use tokio::sync::watch;

/// How many of something there are: each holds a [`Live`].
#[derive(Clone, Default)]
pub(crate) struct Count(Arc<AtomicUsize>);

pub(crate) struct Live(Arc<AtomicUsize>);

impl Count {
    pub(crate) fn one_more(&self) -> Live {
        self.0.fetch_add(1, Ordering::SeqCst);
        Live(Arc::clone(&self.0))
    }

    pub(crate) fn get(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Where what comes waits until the test opens.
#[derive(Clone)]
pub(crate) struct Gate {
    open: watch::Sender<bool>,
    pub(crate) waiting: Count,
}

impl Gate {
    fn new() -> Self {
        Self { open: watch::Sender::new(true), waiting: Count::default() }
    }

    pub(crate) fn set_open(&self, open: bool) {
        self.open.send_replace(open);
    }

    pub(crate) async fn pass(&self) {
        let _waiting = self.waiting.one_more();
        self.open.subscribe().wait_for(|open| *open).await.unwrap();
    }
}

/// What both servers are made from.
#[derive(Clone)]
pub(crate) struct Stage {
    pub(crate) verifier: Verifier,
    pub(crate) lookups: Gate,
    pub(crate) handlers: Gate,
    /// Requests that are inside of the server, outside of the layer.
    pub(crate) requests: Count,
    /// One for as long as anything holds the verifier.
    pub(crate) stores: Count,
    /// A good key.
    pub(crate) key: Arc<PlainKey>,
}

impl Stage {
    /// With all the machinery that a request may have: its handler is cut off when its key ends.
    pub(crate) async fn new() -> Self {
        let dialect = Dialect::builder("leaks").in_flight(InFlight::Cancel).build().unwrap();
        let memory = MemoryStore::new();
        let manager = KeyManager::builder(dialect.clone(), memory.clone()).open().await.unwrap();
        let key =
            Arc::new(manager.create(NewKey::new("acme", "of many clients")).await.unwrap().key);
        let (lookups, stores) = (Gate::new(), Count::default());
        let store = Store { memory, gate: lookups.clone(), _live: stores.one_more() };
        let verifier = Verifier::builder(dialect, store)
            .with_lookup_timeout(Duration::from_mins(5))
            // Few, so that what is kept of keys is no more after ten thousand than after a thousand.
            .with_cached_unknown(100)
            // All of the clients come from one address, and nobody knows their keys.
            .with_failed_attempts_per_min(u32::MAX)
            .build()
            .unwrap();
        let (handlers, requests) = (Gate::new(), Count::default());
        Self { verifier, lookups, handlers, requests, stores, key }
    }

    /// A well-formed key that no store knows, a new one each time.
    pub(crate) fn unknown_key(&self) -> PlainKey {
        let dialect = self.verifier.dialect();
        let kind = dialect.kind_id(dialect.kinds()[0].name()).unwrap();
        dialect.issue(kind).unwrap()
    }
}

struct Store {
    memory: MemoryStore,
    gate: Gate,
    _live: Live,
}

#[async_trait]
impl KeyLookup for Store {
    async fn lookup(&self, digest: &KeyDigest) -> Result<Option<KeyRecord>, StoreError> {
        self.gate.pass().await;
        self.memory.lookup(digest).await
    }

    async fn lookup_many(&self, digests: &[KeyDigest]) -> Result<Answers, StoreError> {
        self.gate.pass().await;
        self.memory.lookup_many(digests).await
    }

    fn feed(&self) -> Option<Arc<dyn ChangeFeed>> {
        self.memory.feed()
    }
}
