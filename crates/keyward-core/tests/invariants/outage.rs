//! A store's trouble is a 503: never a good key called bad, never a bad one let in.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use keyward_core::clock::{TestClock, Timestamp};
use keyward_core::dialect::Dialect;
use keyward_core::key::{KeyDigest, KeyRecord};
use keyward_core::manage::Reach;
use keyward_core::store::{
    Answers, ChangeFeed, ChangeTable, Changes, KeyLookup, MemoryStore, Position, StoreError,
};
use keyward_core::verify::{RejectionKind, Verifier};

use crate::support::stage::{Conduct, Stage};
use crate::support::{cached, create, eventually, manager, refusal, unknown, verifier, warm};

const STALENESS: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread")]
async fn store_failure_is_never_a_401() {
    let stage = Stage::new(MemoryStore::new());
    let manager = manager(stage.clone()).await;
    let verifier = Verifier::builder(Dialect::bigspin(), stage.clone())
        .with_lookup_timeout(Duration::from_millis(700))
        .build()
        .unwrap();
    let (_, seen) = create(&manager).await;
    warm(&verifier, &seen).await;

    for conduct in Conduct::BAD {
        // More often than there are slots: none of them is lost.
        for round in 0..3 {
            let (_, key) = create(&manager).await;
            stage.lookups(conduct);
            let nobodys = unknown(round);
            let (good, bad) = tokio::join!(refusal(&verifier, &key), refusal(&verifier, &nobodys));
            assert_eq!(good, Some(RejectionKind::Unavailable), "{conduct:?} in round {round}");
            // An answer without a record shows no kind, so that it cannot show a wrong one.
            if conduct != Conduct::OtherKind {
                assert_eq!(bad, Some(RejectionKind::Unavailable), "{conduct:?} in round {round}");
            }
            assert_eq!(refusal(&verifier, &seen).await, None, "a cached key stays good");

            // Nothing of that was cached: as soon as the store is asked, it is asked again.
            stage.lookups(Conduct::Answers);
            let questions = stage.questions();
            eventually("the store is asked again", async || {
                let refused = refusal(&verifier, &key).await;
                assert!(matches!(refused, None | Some(RejectionKind::Unavailable)), "{refused:?}");
                refused.is_none()
            })
            .await;
            assert_eq!(stage.questions(), questions + 1, "after {conduct:?}");
        }
    }
    assert!(stage.most_running() <= 2);
    assert_eq!(refusal(&verifier, &unknown(0)).await, Some(RejectionKind::Unknown));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cached_key_is_good_for_max_staleness_of_an_outage_and_then_unavailable() {
    let stage = Stage::new(MemoryStore::new());
    let manager = manager(stage.clone()).await;
    let clock = Arc::new(TestClock::at(Timestamp::from_millis(1_800_000_000_000)));
    let verifier = Verifier::builder(Dialect::bigspin(), stage.clone())
        .with_max_staleness(STALENESS)
        .with_clock(clock.clone())
        .build()
        .unwrap();
    let (_, good) = create(&manager).await;
    let (record, revoked) = create(&manager).await;
    let nobodys = unknown(1);
    manager.revoke(&record.id, Reach::Key).await.unwrap();
    for key in [&good, &revoked, &nobodys] {
        warm(&verifier, key).await;
    }

    stage.feed_fails(true);
    stage.lookups(Conduct::Fails);
    clock.advance(STALENESS);
    let questions = stage.questions();
    assert_eq!(refusal(&verifier, &good).await, None);
    assert_eq!(refusal(&verifier, &revoked).await, Some(RejectionKind::Revoked));
    assert_eq!(refusal(&verifier, &nobodys).await, Some(RejectionKind::Unknown));
    assert_eq!(stage.questions(), questions, "all from the cache");

    clock.advance(Duration::from_nanos(1));
    for key in [&good, &revoked, &nobodys] {
        assert_eq!(refusal(&verifier, key).await, Some(RejectionKind::Unavailable));
    }

    // Lookups work, the poll does not: every request asks the store, and none is cached.
    stage.lookups(Conduct::Answers);
    eventually("it is asked", async || refusal(&verifier, &good).await.is_none()).await;
    for _ in 0..3 {
        let questions = stage.questions();
        assert_eq!(refusal(&verifier, &good).await, None);
        assert_eq!(refusal(&verifier, &revoked).await, Some(RejectionKind::Revoked));
        assert_eq!(stage.questions(), questions + 2);
    }

    stage.feed_fails(false);
    eventually("the poll works again", async || {
        let _ = refusal(&verifier, &good).await;
        cached(&verifier, &good).is_some()
    })
    .await;
    assert_eq!(refusal(&verifier, &revoked).await, Some(RejectionKind::Revoked));
}

/// A feed that panics for as often as it is told to.
struct PanickingFeed {
    store: MemoryStore,
    panics: std::sync::atomic::AtomicUsize,
}

struct Panicking(Arc<PanickingFeed>);

#[async_trait]
impl KeyLookup for Panicking {
    async fn lookup(&self, digest: &KeyDigest) -> Result<Option<KeyRecord>, StoreError> {
        self.0.store.lookup(digest).await
    }

    async fn lookup_many(&self, digests: &[KeyDigest]) -> Result<Answers, StoreError> {
        self.0.store.lookup_many(digests).await
    }

    fn feed(&self) -> Option<Arc<dyn ChangeFeed>> {
        Some(self.0.clone())
    }
}

#[async_trait]
impl ChangeFeed for PanickingFeed {
    fn table(&self) -> &Arc<ChangeTable> {
        ChangeFeed::table(&self.store)
    }

    async fn changes_since(&self, position: Option<Position>) -> Result<Changes, StoreError> {
        use std::sync::atomic::Ordering::SeqCst;
        let left = self.panics.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1));
        assert!(left.is_err(), "a feed that panics");
        self.store.changes_since(position).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_panics_is_asked_again() {
    let store = MemoryStore::new();
    let manager = manager(store.clone()).await;
    let feed = Arc::new(PanickingFeed { store, panics: 3.into() });
    let verifier = Verifier::builder(Dialect::bigspin(), Panicking(feed))
        .with_max_staleness(Duration::from_millis(100))
        .build()
        .unwrap();
    let (_, key) = create(&manager).await;
    assert_eq!(refusal(&verifier, &key).await, None, "meanwhile requests read through");
    warm(&verifier, &key).await;
}

/// A question that hung before the store recovered fails those who put it, not those who come later.
#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_not_passed_on_to_a_request_that_came_after_the_question() {
    let stage = Stage::new(MemoryStore::new());
    let manager = manager(stage.clone()).await;
    let verifier = verifier(stage.clone());
    let (_, key) = create(&manager).await;
    stage.lookups(Conduct::Fails);
    let gate = stage.hold();
    let request = || {
        let (verifier, key) = (verifier.clone(), key.clone());
        tokio::spawn(async move { refusal(&verifier, &key).await })
    };
    let early = request();
    gate.arrived(1).await;
    stage.lookups(Conduct::Answers);
    stage.let_through();
    let mut late = request();
    let joined = tokio::time::timeout(Duration::from_millis(50), &mut late).await;
    assert!(joined.is_err(), "it waits for the same question");
    gate.open();
    // Unless the late one was answered before.
    assert!(matches!(early.await.unwrap(), None | Some(RejectionKind::Unavailable)));
    assert_eq!(late.await.unwrap(), None);
    assert_eq!(stage.questions(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_waits_for_the_store_no_longer_than_it_may() {
    let stage = Stage::new(MemoryStore::new());
    let verifier = verifier(stage.clone());
    stage.lookups(Conduct::Hangs);
    let started = std::time::Instant::now();
    assert_eq!(refusal(&verifier, &unknown(1)).await, Some(RejectionKind::Unavailable));
    let waited = started.elapsed();
    assert!(waited >= Duration::from_millis(1_900), "{waited:?}");
    assert!(waited < Duration::from_secs(6), "{waited:?}");
}
