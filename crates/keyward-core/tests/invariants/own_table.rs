//! Somebody's own table of keys, with one method and no sequence of changes.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use keyward_core::clock::{TestClock, Timestamp};
use keyward_core::dialect::{Dialect, InFlight};
use keyward_core::key::{Grant, KeyDigest, KeyId, KeyRecord};
use keyward_core::manage::Reach;
use keyward_core::store::{ChangeFeed, KeyLookup, MemoryStore, StoreError};
use keyward_core::verify::{Health, RejectionKind, Verifier};
use tokio::sync::watch;

use crate::support::{
    cached, create, eventually, manager, refusal, unknown, verifier, verify, warm, within,
};

const STALENESS: Duration = Duration::from_secs(5);

#[derive(Clone, Default)]
struct Own(Arc<OwnTable>);

#[derive(Default)]
struct OwnTable {
    keys: Mutex<HashMap<[u8; 32], KeyRecord>>,
    lookups: AtomicUsize,
    down: AtomicBool,
    held: watch::Sender<bool>,
}

impl Own {
    fn write(&self, key: &str, grant: Option<&str>) {
        let digest = *KeyDigest::sha256(key.as_bytes()).as_bytes();
        let mut keys = self.0.keys.lock().unwrap();
        match grant {
            Some(grant) => {
                let record = KeyRecord::new(KeyId::new("key_1"), "acme", "secret")
                    .with_grant(Grant::Only(grant.parse().unwrap()));
                keys.insert(digest, record);
            }
            None => drop(keys.remove(&digest)),
        }
    }

    fn lookups(&self) -> usize {
        self.0.lookups.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl KeyLookup for Own {
    async fn lookup(&self, digest: &KeyDigest) -> Result<Option<KeyRecord>, StoreError> {
        self.0.lookups.fetch_add(1, Ordering::SeqCst);
        let record = self.0.keys.lock().unwrap().get(digest.as_bytes()).cloned();
        let _ = self.0.held.subscribe().wait_for(|held| !held).await;
        if self.0.down.load(Ordering::SeqCst) {
            return Err(StoreError::unavailable("down"));
        }
        Ok(record)
    }
}

fn setting() -> (Own, Arc<TestClock>, Verifier, String) {
    let own = Own::default();
    let clock = Arc::new(TestClock::at(Timestamp::from_millis(1_800_000_000_000)));
    let verifier = Verifier::builder(Dialect::bigspin(), own.clone())
        .with_max_staleness(STALENESS)
        .with_clock(clock.clone())
        .build()
        .unwrap();
    (own, clock, verifier, unknown(1))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_a_sequence_is_trusted_for_max_staleness() {
    let (own, clock, verifier, key) = setting();
    own.write(&key, Some("projects-read"));
    assert!(verify(&verifier, &key).await.unwrap().has("projects-read"));
    own.write(&key, None);
    clock.advance(STALENESS);
    assert_eq!(refusal(&verifier, &key).await, None);
    assert_eq!(own.lookups(), 1);
    clock.advance(Duration::from_nanos(1));
    assert_eq!(refusal(&verifier, &key).await, Some(RejectionKind::Unknown));
    assert_eq!(own.lookups(), 2);

    own.write(&key, Some("projects-write"));
    assert_eq!(refusal(&verifier, &key).await, Some(RejectionKind::Unknown), "remembered");
    clock.advance(STALENESS + Duration::from_nanos(1));
    assert!(verify(&verifier, &key).await.unwrap().has("projects-write"));
    own.0.down.store(true, Ordering::SeqCst);
    assert_eq!(refusal(&verifier, &key).await, None);
    clock.advance(STALENESS + Duration::from_nanos(1));
    assert_eq!(refusal(&verifier, &key).await, Some(RejectionKind::Unavailable));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_a_sequence_stands_in_for_a_table_that_is_down() {
    let longer = Duration::from_secs(30);
    let (own, clock, _, key) = setting();
    let verifier = Verifier::builder(Dialect::bigspin(), own.clone())
        .with_max_staleness(STALENESS)
        .with_stale_if_error(longer)
        .with_clock(clock.clone())
        .build()
        .unwrap();
    assert_eq!((verifier.freshness(), verifier.health()), (None, Health::Ready));
    own.write(&key, Some("projects-read"));
    assert_eq!(refusal(&verifier, &key).await, None);

    own.0.down.store(true, Ordering::SeqCst);
    clock.advance(STALENESS + Duration::from_nanos(1));
    eventually("the table is left alone", async || {
        assert_eq!(refusal(&verifier, &key).await, None);
        verifier.health() == Health::KnownKeysOnly
    })
    .await;
    assert!(cached(&verifier, &key).unwrap().is_ok());
    assert_eq!(refusal(&verifier, &unknown(2)).await, Some(RejectionKind::Unavailable));

    // The key that stands in finds out that the table is back.
    own.write(&key, None);
    own.0.down.store(false, Ordering::SeqCst);
    eventually("the table is asked", async || {
        refusal(&verifier, &key).await == Some(RejectionKind::Unknown)
    })
    .await;
    assert_eq!(verifier.health(), Health::Ready);

    own.write(&key, Some("projects-read"));
    verifier.forget(&KeyDigest::sha256(key.as_bytes()));
    assert_eq!(refusal(&verifier, &key).await, None);
    own.0.down.store(true, Ordering::SeqCst);
    clock.advance(STALENESS + longer);
    assert_eq!(refusal(&verifier, &key).await, None);
    clock.advance(Duration::from_nanos(1));
    assert_eq!(refusal(&verifier, &key).await, Some(RejectionKind::Unavailable));
}

#[tokio::test(flavor = "multi_thread")]
async fn forget_ends_what_was_known_at_once() {
    let (own, _, verifier, key) = setting();
    let digest = KeyDigest::sha256(key.as_bytes());
    own.write(&key, Some("projects-read"));
    assert_eq!(refusal(&verifier, &key).await, None);
    own.write(&key, None);
    verifier.forget(&digest);
    assert_eq!(refusal(&verifier, &key).await, Some(RejectionKind::Unknown));
    own.write(&key, Some("projects-read"));
    verifier.forget(&digest);
    assert_eq!(refusal(&verifier, &key).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn forget_outdates_a_lookup_in_flight() {
    let (own, _, verifier, key) = setting();
    own.write(&key, Some("projects-read"));
    own.0.held.send_replace(true);
    let request = tokio::spawn({
        let (verifier, key) = (verifier.clone(), key.clone());
        async move { refusal(&verifier, &key).await }
    });
    eventually("the lookup", async || own.lookups() == 1).await;
    own.write(&key, None);
    verifier.forget(&KeyDigest::sha256(key.as_bytes()));
    own.0.held.send_replace(false);
    let refused = within("an answer", request).await.unwrap();
    assert_eq!(refused, Some(RejectionKind::Unknown), "it asked again");
    assert_eq!(refusal(&verifier, &key).await, Some(RejectionKind::Unknown));
    assert_eq!(own.lookups(), 2);
}

/// A question that is older than anything may be trusted is not joined, however slow the store is.
#[tokio::test(flavor = "multi_thread")]
async fn a_question_older_than_max_staleness_is_not_joined() {
    let (own, clock, verifier, key) = setting();
    own.write(&key, Some("projects-read"));
    own.0.held.send_replace(true);
    let request = |key: &str| {
        let (verifier, key) = (verifier.clone(), key.to_owned());
        tokio::spawn(async move { refusal(&verifier, &key).await })
    };
    let early = request(&key);
    eventually("the lookup", async || own.lookups() == 1).await;
    own.write(&key, None);
    clock.advance(STALENESS + Duration::from_nanos(1));
    let late = request(&key);
    eventually("another lookup", async || own.lookups() == 2).await;
    own.0.held.send_replace(false);
    assert_eq!(early.await.unwrap(), None, "it began before");
    assert_eq!(late.await.unwrap(), Some(RejectionKind::Unknown));
}

/// A wrapper that passes the feed on, but takes `lookup_many` as it is by default.
struct Unnumbered(MemoryStore);

#[async_trait]
impl KeyLookup for Unnumbered {
    async fn lookup(&self, digest: &KeyDigest) -> Result<Option<KeyRecord>, StoreError> {
        self.0.lookup(digest).await
    }

    fn feed(&self) -> Option<Arc<dyn ChangeFeed>> {
        self.0.feed()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_outdates_an_answer_without_a_number() {
    let store = MemoryStore::new();
    let manager = manager(store.clone()).await;
    let verifier = verifier(Unnumbered(store));
    for _ in 0..20 {
        let (record, key) = create(&manager).await;
        warm(&verifier, &key).await;
        assert!(cached(&verifier, &key).unwrap().is_ok());
        manager.revoke(&record.id, Reach::Key).await.unwrap();
        assert_eq!(refusal(&verifier, &key).await, Some(RejectionKind::Revoked));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_of_a_request_in_flight_ends_when_it_is_forgotten_or_its_answer_is_too_old() {
    let cancel = Dialect::builder("strict").like(&Dialect::bigspin()).in_flight(InFlight::Cancel);
    let cancel = cancel.build().unwrap();
    for (staleness, forgets) in
        [(Duration::from_hours(1), true), (Duration::from_millis(100), false)]
    {
        let own = Own::default();
        let verifier = Verifier::builder(cancel.clone(), own.clone())
            .with_max_staleness(staleness)
            .build()
            .unwrap();
        let key = unknown(1);
        own.write(&key, Some("projects-read"));
        let principal = verify(&verifier, &key).await.unwrap();
        let ended = {
            let verifier = verifier.clone();
            tokio::spawn(async move { verifier.ended(&principal).await })
        };
        own.write(&key, None);
        if forgets {
            verifier.forget(&KeyDigest::sha256(key.as_bytes()));
        }
        let rejection = within("the end of the key", ended).await;
        assert_eq!(rejection.unwrap().kind(), RejectionKind::Unknown);
    }
}
