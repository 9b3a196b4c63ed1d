//! Known keys that stand in for a store that does not answer: longer, and no further.

use std::sync::Arc;
use std::time::{Duration, Instant};

use keyward_core::clock::{Clock, TestClock, Timestamp};
use keyward_core::dialect::Dialect;
use keyward_core::manage::{KeyManager, NewKey, Reach};
use keyward_core::store::MemoryStore;
use keyward_core::verify::{RejectionKind, Verifier};

use crate::support::stage::{Conduct, Stage};
use crate::support::{cached, create, eventually, manager, refusal, unknown, warm};

const STALENESS: Duration = Duration::from_secs(5);
const LONGER: Duration = Duration::from_secs(30);
const INSTANT: Duration = Duration::from_nanos(1);

struct Setting {
    stage: Stage,
    /// In another process: only polls and lookups hear of what it does.
    manager: KeyManager,
    clock: Arc<TestClock>,
    verifier: Verifier,
}

impl Setting {
    async fn new() -> Self {
        let store = MemoryStore::new();
        let manager = manager(store.other_process()).await;
        let stage = Stage::new(store);
        let clock = Arc::new(TestClock::at(Timestamp::from_millis(1_800_000_000_000)));
        let verifier = Verifier::builder(Dialect::bigspin(), stage.clone())
            .with_max_staleness(STALENESS)
            .with_stale_if_error(LONGER)
            .with_clock(clock.clone())
            .build()
            .unwrap();
        Self { stage, manager, clock, verifier }
    }

    fn begin_outage(&self) {
        self.stage.feed_fails(true);
        self.stage.lookups(Conduct::Fails);
    }

    async fn refusal(&self, key: &str) -> Option<RejectionKind> {
        refusal(&self.verifier, key).await
    }

    /// Waits until nobody waits for the store any more.
    async fn store_is_left_alone(&self, known: &str) {
        eventually("the store is left alone", async || {
            let _ = self.refusal(known).await;
            cached(&self.verifier, known).is_some()
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_key_works_for_so_much_longer_and_then_is_unavailable() {
    let setting = Setting::new().await;
    let (_, good) = create(&setting.manager).await;
    let (_, cold) = create(&setting.manager).await;
    let (record, revoked) = create(&setting.manager).await;
    setting.manager.revoke(&record.id, Reach::Key).await.unwrap();
    let nobodys = unknown(1);
    for key in [&good, &revoked, &nobodys] {
        warm(&setting.verifier, key).await;
    }

    setting.begin_outage();
    setting.clock.advance(STALENESS);
    assert_eq!(setting.refusal(&nobodys).await, Some(RejectionKind::Unknown));
    setting.clock.advance(LONGER / 2);
    let judged = async || {
        assert_eq!(setting.refusal(&good).await, None);
        assert_eq!(setting.refusal(&revoked).await, Some(RejectionKind::Revoked));
        // It may have been created elsewhere meanwhile.
        assert_eq!(setting.refusal(&nobodys).await, Some(RejectionKind::Unavailable));
        assert_eq!(setting.refusal(&cold).await, Some(RejectionKind::Unavailable));
    };
    judged().await;
    setting.store_is_left_alone(&good).await;
    judged().await;
    setting.clock.advance(LONGER / 2);
    judged().await;

    setting.clock.advance(INSTANT);
    for key in [&good, &revoked, &nobodys, &cold] {
        assert_eq!(setting.refusal(key).await, Some(RejectionKind::Unavailable));
    }
}

/// That the store hangs is known before what is cached does not count any more.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_waits_for_a_store_that_hangs() {
    let stage = Stage::new(MemoryStore::new());
    let manager = manager(stage.clone()).await;
    let staleness = Duration::from_secs(1);
    let verifier = Verifier::builder(Dialect::bigspin(), stage.clone())
        .with_max_staleness(staleness)
        .with_stale_if_error(LONGER)
        .build()
        .unwrap();
    let mut keys = vec![];
    for _ in 0..100 {
        keys.push(create(&manager).await.1);
    }
    for key in &keys {
        warm(&verifier, key).await;
    }
    let questions = stage.questions();
    stage.feed_hangs(true);
    stage.lookups(Conduct::Hangs);
    let begun = Instant::now();
    while begun.elapsed() < staleness * 4 {
        for key in &keys {
            let verdict = cached(&verifier, key);
            assert!(verdict.is_some_and(|it| it.is_ok()), "after {:?}", begun.elapsed());
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let probes = stage.questions() - questions;
    assert!((1..=8).contains(&probes), "{probes} questions to see whether it is back");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_stands_in_expires() {
    let setting = Setting::new().await;
    let expires = setting.clock.now().timestamp.plus(STALENESS + LONGER / 2);
    let new = NewKey::new("acme", "for a while").with_expires_at(expires);
    let manager = KeyManager::builder(Dialect::bigspin(), setting.stage.clone())
        .with_clock(setting.clock.clone())
        .open()
        .await
        .unwrap();
    let key = manager.create(new).await.unwrap().key;
    warm(&setting.verifier, key.expose()).await;
    setting.begin_outage();
    setting.clock.advance(STALENESS + INSTANT);
    assert_eq!(setting.refusal(key.expose()).await, None);
    setting.clock.advance(LONGER / 2);
    assert_eq!(setting.refusal(key.expose()).await, Some(RejectionKind::Expired));
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_store_answers_the_bound_is_max_staleness() {
    let setting = Setting::new().await;
    let (record, key) = create(&setting.manager).await;
    warm(&setting.verifier, &key).await;
    setting.stage.feed_fails(true);
    setting.manager.revoke(&record.id, Reach::Key).await.unwrap();
    setting.clock.advance(STALENESS + INSTANT);
    eventually("a question", async || {
        // Polls that fail make it stand in, for a second at most.
        setting.refusal(&key).await == Some(RejectionKind::Revoked)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_was_seen_ended_never_works_again() {
    for delete in [false, true] {
        let setting = Setting::new().await;
        let (record, key) = create(&setting.manager).await;
        let (_, other) = create(&setting.manager).await;
        warm(&setting.verifier, &key).await;
        warm(&setting.verifier, &other).await;
        // A request sees the end, no poll does.
        setting.stage.feed_fails(true);
        setting.manager.revoke(&record.id, Reach::Key).await.unwrap();
        if delete {
            setting.manager.delete(&record.id).await.unwrap();
        }
        let seen = if delete { RejectionKind::Unknown } else { RejectionKind::Revoked };
        setting.clock.advance(STALENESS + INSTANT);
        eventually("a question", async || setting.refusal(&key).await == Some(seen)).await;

        setting.begin_outage();
        setting.store_is_left_alone(&other).await;
        let refused = setting.refusal(&key).await;
        let left = if delete { RejectionKind::Unavailable } else { RejectionKind::Revoked };
        assert_eq!(refused, Some(left));
        assert_eq!(setting.refusal(&other).await, None, "it is an outage");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_lands_after_a_newer_one_does_not_bring_a_key_back() {
    for delete in [false, true] {
        let setting = Setting::new().await;
        let (record, key) = create(&setting.manager).await;
        let (_, other) = create(&setting.manager).await;
        warm(&setting.verifier, &other).await;
        let gate = setting.stage.hold();
        let request = || {
            let (verifier, key) = (setting.verifier.clone(), key.clone());
            tokio::spawn(async move { refusal(&verifier, &key).await })
        };
        let early = request();
        gate.arrived(1).await;
        setting.stage.let_through();
        setting.stage.feed_fails(true);
        setting.manager.revoke(&record.id, Reach::Key).await.unwrap();
        if delete {
            setting.manager.delete(&record.id).await.unwrap();
        }
        // So old that nobody joins it.
        setting.clock.advance(STALENESS + INSTANT);
        let seen = if delete { RejectionKind::Unknown } else { RejectionKind::Revoked };
        assert_eq!(request().await.unwrap(), Some(seen));
        gate.open();
        assert_eq!(early.await.unwrap(), None, "it was asked before");

        setting.begin_outage();
        setting.store_is_left_alone(&other).await;
        assert_ne!(setting.refusal(&key).await, None, "deleted: {delete}");
    }
}
