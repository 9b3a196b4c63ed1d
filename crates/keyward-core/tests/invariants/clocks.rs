//! Clocks that jump: a machine that was suspended, a calendar that was set.

use std::sync::Arc;
use std::time::Duration;

use keyward_core::clock::{Clock, TestClock, Timestamp};
use keyward_core::dialect::Dialect;
use keyward_core::manage::{KeyManager, NewKey, Reach};
use keyward_core::store::{ChangeFeed, MemoryStore};
use keyward_core::verify::{RejectionKind, Verifier};

use crate::support::stage::Stage;
use crate::support::{cached, create, eventually, refusal, warm};

const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const YEAR: Duration = Duration::from_hours(365 * 24);

struct Setting {
    stage: Stage,
    /// In another process, whose clock is its own.
    manager: KeyManager,
    clock: Arc<TestClock>,
    verifier: Verifier,
}

impl Setting {
    async fn new() -> Self {
        let store = MemoryStore::new();
        let manager = KeyManager::builder(Dialect::bigspin(), store.other_process())
            .with_clock(Arc::new(TestClock::at(START)))
            .open()
            .await
            .unwrap();
        let stage = Stage::new(store);
        let clock = Arc::new(TestClock::at(START));
        let verifier = Verifier::builder(Dialect::bigspin(), stage.clone())
            .with_clock(clock.clone())
            .build()
            .unwrap();
        Self { stage, manager, clock, verifier }
    }
}

/// No poll has run yet when the machine is back: what is known is as old as it is.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_was_revoked_during_a_suspension_is_refused_on_the_next_request() {
    let Setting { stage, manager, clock, verifier } = Setting::new().await;
    for suspended in [Duration::from_secs(30), YEAR] {
        stage.feed_fails(false);
        let (record, key) = create(&manager).await;
        let (_, good) = create(&manager).await;
        warm(&verifier, &key).await;
        warm(&verifier, &good).await;
        stage.feed_fails(true);
        manager.revoke(&record.id, Reach::Key).await.unwrap();
        assert_eq!(refusal(&verifier, &key).await, None, "it has not heard of it");
        clock.advance(suspended);
        assert!(cached(&verifier, &key).is_none() && cached(&verifier, &good).is_none());
        assert_eq!(refusal(&verifier, &key).await, Some(RejectionKind::Revoked));
        assert_eq!(refusal(&verifier, &good).await, None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_of_the_calendar_makes_nothing_fresh_or_stale() {
    let Setting { stage, manager, clock, verifier } = Setting::new().await;
    let year = i64::try_from(YEAR.as_millis()).unwrap();
    for step in [year, -year] {
        let (record, key) = create(&manager).await;
        warm(&verifier, &key).await;
        let stepped = Timestamp::from_millis(clock.now().timestamp.as_millis() + step);
        clock.step_calendar(stepped);
        assert!(cached(&verifier, &key).unwrap().is_ok(), "it counts as before");
        // What is too old stays too old.
        stage.feed_fails(true);
        clock.advance(Duration::from_secs(6));
        clock.step_calendar(stepped);
        assert!(cached(&verifier, &key).is_none());

        stage.feed_fails(false);
        warm(&verifier, &key).await;
        manager.revoke(&record.id, Reach::Key).await.unwrap();
        stage.table().wake();
        eventually("the poll hears of it", async || {
            refusal(&verifier, &key).await == Some(RejectionKind::Revoked)
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn expiry_goes_by_the_calendar_as_it_is_now() {
    let Setting { manager, clock, verifier, .. } = Setting::new().await;
    let expires = START.plus(Duration::from_hours(1));
    let new = NewKey::new("acme", "for an hour").with_expires_at(expires);
    let key = manager.create(new).await.unwrap().key;
    warm(&verifier, key.expose()).await;
    clock.step_calendar(expires);
    assert_eq!(refusal(&verifier, key.expose()).await, Some(RejectionKind::Expired));
    clock.step_calendar(Timestamp::from_millis(expires.as_millis() - 1));
    assert_eq!(refusal(&verifier, key.expose()).await, None, "it was set back");
    clock.advance(Duration::from_millis(1));
    assert_eq!(refusal(&verifier, key.expose()).await, Some(RejectionKind::Expired));
}
