//! Requests are counted with other processes, once each, and without them when nobody answers.

use std::future::pending;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use keyward_core::clock::Timestamp;
use keyward_core::dialect::Dialect;
use keyward_core::key::{KeyId, PlainKey};
use keyward_core::limit::{Counted, Hit, SharedLimits, Standing};
use keyward_core::manage::{KeyManager, NewKey, Reach};
use keyward_core::store::{MemoryStore, StoreError};
use keyward_core::verify::{RejectionKind, Verifier};

use crate::support::{Bearer, cached, eventually, verify, warm};

#[derive(Debug, Clone, Copy, Default)]
enum Mood {
    #[default]
    Counts,
    IsDown,
    IsSilent,
    Panics,
}

/// Counts in one minute that does not end, for however many verifiers.
#[derive(Clone, Default)]
struct Counter(Arc<State>);

#[derive(Default)]
struct State {
    mood: Mutex<Mood>,
    /// What it was asked: the name of the limit, and how many.
    asked: Mutex<Vec<(Option<String>, u32)>>,
    admitted: AtomicUsize,
}

impl Counter {
    fn be(&self, mood: Mood) {
        *self.0.mood.lock().unwrap() = mood;
    }

    fn asked(&self) -> Vec<(Option<String>, u32)> {
        std::mem::take(&mut *self.0.asked.lock().unwrap())
    }
}

#[async_trait]
impl SharedLimits for Counter {
    async fn count(&self, hit: &Hit<'_>) -> Result<Counted, StoreError> {
        let question = (hit.limit.map(str::to_owned), hit.per_minute.get());
        self.0.asked.lock().unwrap().push(question);
        let mood = *self.0.mood.lock().unwrap();
        match mood {
            Mood::Counts => {}
            Mood::IsDown => return Err(StoreError::unavailable("down")),
            Mood::IsSilent => pending().await,
            Mood::Panics => panic!("a counter that panics"),
        }
        let before = u32::try_from(self.0.admitted.load(Ordering::SeqCst)).unwrap();
        let admitted = before < hit.per_minute.get();
        self.0.admitted.fetch_add(admitted.into(), Ordering::SeqCst);
        Ok(Counted {
            admitted,
            requests: before + u32::from(admitted),
            ends_at: Timestamp::from_millis(2_000_000_000_500),
            ends_in: Duration::from_millis(12_001),
        })
    }
}

struct Setting {
    counter: Counter,
    store: MemoryStore,
    dialect: Dialect,
    manager: KeyManager,
}

async fn setting() -> Setting {
    let dialect = Dialect::builder("acme").named_limits([("uploads", 9)]).build().unwrap();
    let store = MemoryStore::new();
    let manager = KeyManager::builder(dialect.clone(), store.clone()).open().await.unwrap();
    Setting { counter: Counter::default(), store, dialect, manager }
}

impl Setting {
    /// One process of the service.
    fn verifier(&self) -> Verifier {
        Verifier::builder(self.dialect.clone(), self.store.clone())
            .with_max_staleness(Duration::from_hours(1))
            .with_shared_limits(self.counter.clone())
            .build()
            .unwrap()
    }

    async fn key(&self, requests: u32) -> PlainKey {
        let limit = NonZeroU32::new(requests).unwrap();
        let new = NewKey::new("acme", "limited").with_rate_limit_per_min(limit);
        self.manager.create(new).await.unwrap().key
    }
}

/// How many of so many requests are admitted.
async fn admitted(verifier: &Verifier, key: &PlainKey, requests: usize) -> usize {
    let mut admitted = 0;
    for _ in 0..requests {
        match verify(verifier, key.expose()).await {
            Ok(_) => admitted += 1,
            Err(kind) => assert_eq!(kind, RejectionKind::RateLimited),
        }
    }
    admitted
}

#[tokio::test]
async fn a_request_asks_once_and_once_more_for_a_named_limit() {
    let setting = setting().await;
    let (verifier, key) = (setting.verifier(), setting.key(5).await);
    let first = verify(&verifier, key.expose()).await.unwrap();
    assert_eq!(setting.counter.asked(), [(None, 5)], "a key that is not cached");
    let uploads = setting.dialect.limit_id("uploads").unwrap();
    for again in [first.clone(), first] {
        verifier.require_limit(&again, uploads).await.unwrap();
    }
    assert_eq!(setting.counter.asked(), [(Some("uploads".to_owned()), 9)]);
    let _cached = verify(&verifier, key.expose()).await.unwrap();
    assert_eq!(setting.counter.asked(), [(None, 5)], "and one that is");
}

#[tokio::test]
async fn a_key_without_a_limit_asks_nobody_and_never_waits() {
    let setting = setting().await;
    let verifier = setting.verifier();
    let key = setting.manager.create(NewKey::new("acme", "plain")).await.unwrap().key;
    warm(&verifier, key.expose()).await;
    assert!(cached(&verifier, key.expose()).unwrap().is_ok());
    assert_eq!(setting.counter.asked(), []);
}

#[tokio::test]
async fn a_bad_key_asks_nobody() {
    let setting = setting().await;
    let (verifier, key) = (setting.verifier(), setting.key(5).await);
    let id = KeyId::new(verify(&verifier, key.expose()).await.unwrap().id());
    setting.counter.asked();
    setting.manager.revoke(&id, Reach::Key).await.unwrap();
    assert_eq!(verify(&verifier, key.expose()).await.unwrap_err(), RejectionKind::Revoked);
    assert_eq!(setting.counter.asked(), []);
}

#[tokio::test]
async fn two_processes_admit_one_limit_and_say_what_both_have_counted() {
    let setting = setting().await;
    let (here, there, key) = (setting.verifier(), setting.verifier(), setting.key(3).await);
    assert_eq!(admitted(&here, &key, 2).await, 2);
    let third = verify(&there, key.expose()).await.unwrap();
    let said = |standing: Standing| {
        (standing.remaining(), standing.resets_in(), standing.resets_at(), standing.name())
    };
    let expected = (0, 13, 2_000_000_001, None);
    assert_eq!(said(third.tally().standing().unwrap()), expected);
    for verifier in [here, there] {
        let refused = verifier.verify(&Bearer::new(key.expose())).await.unwrap_err();
        assert_eq!(refused.retry_after(), Some(13));
        assert_eq!(said(*refused.standing().unwrap()), expected);
    }
}

#[tokio::test]
async fn a_limit_that_differs_from_that_of_the_request_before_counts_at_once() {
    let setting = setting().await;
    let verifier = setting.verifier();
    let (small, large) = (setting.key(2).await, setting.key(4).await);
    assert_eq!(admitted(&verifier, &small, 3).await, 2);
    assert_eq!(admitted(&verifier, &large, 3).await, 2);
}

#[tokio::test]
async fn while_nobody_answers_each_process_admits_its_limit_less_what_it_has_admitted() {
    for mood in [Mood::IsDown, Mood::Panics] {
        let setting = setting().await;
        let (here, there, key) = (setting.verifier(), setting.verifier(), setting.key(5).await);
        assert_eq!(admitted(&here, &key, 2).await, 2);
        setting.counter.be(mood);
        assert_eq!(admitted(&here, &key, 50).await, 3, "{mood:?}");
        assert_eq!(admitted(&there, &key, 50).await, 5, "{mood:?}");
    }
}

#[tokio::test]
async fn what_the_others_refused_is_not_counted_here() {
    let setting = setting().await;
    let (here, there, key) = (setting.verifier(), setting.verifier(), setting.key(5).await);
    assert_eq!(admitted(&there, &key, 5).await, 5);
    assert_eq!(admitted(&here, &key, 50).await, 0);
    setting.counter.be(Mood::IsDown);
    assert_eq!(admitted(&here, &key, 50).await, 5);
}

#[tokio::test]
async fn whoever_does_not_answer_is_left_alone_and_asked_again() {
    for mood in [Mood::IsDown, Mood::IsSilent] {
        let setting = setting().await;
        let (verifier, key) = (setting.verifier(), setting.key(1_000_000).await);
        assert_eq!(admitted(&verifier, &key, 1).await, 1);
        setting.counter.asked();
        setting.counter.be(mood);
        assert_eq!(admitted(&verifier, &key, 1_000).await, 1_000);
        // Three, and one in a pause of 50 ms or more; a silent one has 100 ms for each.
        let asked = setting.counter.asked().len();
        assert!((1..100).contains(&asked), "{mood:?}: {asked}");

        setting.counter.be(Mood::Counts);
        eventually("it counts again", async || {
            let before = setting.counter.0.admitted.load(Ordering::SeqCst);
            let _ = verify(&verifier, key.expose()).await;
            setting.counter.0.admitted.load(Ordering::SeqCst) > before
        })
        .await;
    }
}
