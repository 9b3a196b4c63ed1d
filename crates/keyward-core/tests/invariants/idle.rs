//! A key that nobody uses ends; one that is used does not, however old what is cached of it is.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use keyward_core::clock::{Clock, TestClock, Timestamp};
use keyward_core::dialect::Dialect;
use keyward_core::key::{KeyDigest, KeyRecord};
use keyward_core::manage::{KeyManager, NewKey};
use keyward_core::store::{Answers, ChangeFeed, KeyLookup, MemoryStore, StoreError};
use keyward_core::verify::{RejectionKind, Verifier};

use crate::support::{cached, eventually, refusal, warm};

const DAY: Duration = Duration::from_hours(24);
const HALF_AN_HOUR: Duration = Duration::from_mins(30);
const NEARLY_NINETY_DAYS: Duration = Duration::from_mins(90 * 24 * 60 - 30);

/// A store that learns of uses without a change of the key.
#[derive(Clone)]
struct Used {
    keys: MemoryStore,
    last: Arc<Mutex<Option<Timestamp>>>,
    fails: Arc<AtomicBool>,
    questions: Arc<AtomicUsize>,
}

#[async_trait]
impl KeyLookup for Used {
    async fn lookup(&self, digest: &KeyDigest) -> Result<Option<KeyRecord>, StoreError> {
        self.keys.lookup(digest).await
    }

    async fn lookup_many(&self, digests: &[KeyDigest]) -> Result<Answers, StoreError> {
        self.questions.fetch_add(1, Ordering::SeqCst);
        if self.fails.load(Ordering::SeqCst) {
            return Err(StoreError::unavailable("down"));
        }
        let mut answers = self.keys.lookup_many(digests).await?;
        for record in answers.records.iter_mut().flatten() {
            record.last_used_at = *self.last.lock().unwrap();
        }
        Ok(answers)
    }

    fn feed(&self) -> Option<Arc<dyn ChangeFeed>> {
        self.keys.feed()
    }
}

struct Setting {
    clock: Arc<TestClock>,
    store: Used,
    verifier: Verifier,
    key: String,
}

/// A cached key half an hour before it has not been used for ninety days.
async fn setting() -> Setting {
    let dialect = Dialect::builder("acme").idle_days(90).build().unwrap();
    let clock = Arc::new(TestClock::at(Timestamp::from_millis(1_800_000_000_000)));
    let store = Used {
        keys: MemoryStore::new(),
        last: Arc::default(),
        fails: Arc::default(),
        questions: Arc::default(),
    };
    let manager = KeyManager::builder(dialect.clone(), store.keys.clone());
    let manager = manager.with_clock(clock.clone()).open().await.unwrap();
    let verifier = Verifier::builder(dialect, store.clone())
        .with_max_staleness(Duration::from_hours(1))
        .with_clock(clock.clone())
        .build()
        .unwrap();
    let issued = manager.create(NewKey::new("acme", "a key")).await.unwrap();
    let key = issued.key.expose().to_owned();
    warm(&verifier, &key).await;
    let it = Setting { clock, store, verifier, key };
    it.advance(NEARLY_NINETY_DAYS).await;
    it
}

impl Setting {
    /// Lets time pass until what is cached is known to be true again.
    async fn advance(&self, time: Duration) {
        self.clock.advance(time);
        let counts = async || matches!(cached(&self.verifier, &self.key), Some(Ok(_)));
        eventually("the cached key counts", counts).await;
    }

    fn is_used(&self) {
        *self.store.last.lock().unwrap() = Some(self.clock.now().timestamp);
    }

    fn questions(&self) -> usize {
        self.store.questions.load(Ordering::SeqCst)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_used_is_asked_for_once_and_let_in() {
    let it = setting().await;
    it.is_used();
    let before = it.questions();
    it.clock.advance(HALF_AN_HOUR);
    assert!(cached(&it.verifier, &it.key).is_none(), "what is cached does not know of the use");
    for _ in 0..100 {
        assert_eq!(refusal(&it.verifier, &it.key).await, None);
    }
    assert_eq!(it.questions(), before + 1);
    it.advance(89 * DAY).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_nobody_used_is_expired_and_asked_for_no_more() {
    let it = setting().await;
    let before = it.questions();
    it.clock.advance(HALF_AN_HOUR);
    for _ in 0..100 {
        assert_eq!(refusal(&it.verifier, &it.key).await, Some(RejectionKind::Expired));
    }
    assert_eq!(it.questions(), before + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_cannot_say_whether_a_key_was_used_ends_none() {
    let it = setting().await;
    it.store.fails.store(true, Ordering::SeqCst);
    it.clock.advance(HALF_AN_HOUR);
    assert_eq!(refusal(&it.verifier, &it.key).await, Some(RejectionKind::Unavailable));
    it.store.fails.store(false, Ordering::SeqCst);
    it.is_used();
    eventually("the store is asked again", async || refusal(&it.verifier, &it.key).await.is_none())
        .await;
}
