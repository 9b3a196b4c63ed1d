//! A revocation holds whatever the clocks show.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use keyward_core::clock::{Clock, Now, TestClock, Timestamp};
use keyward_core::dialect::Dialect;
use keyward_core::manage::{KeyManager, NewKey, Reach, Rotate};
use keyward_core::store::MemoryStore;
use keyward_core::verify::RejectionKind;

use crate::setting::{START, Setting, manager, refusal, verifier};

/// A manager whose calendar is an hour ahead of the verifier's.
async fn ahead() -> (Setting, Arc<TestClock>, KeyManager) {
    let it = Setting::new().await;
    let ahead = Arc::new(TestClock::at(START.plus(Duration::from_hours(1))));
    let manager = manager(Dialect::bigspin(), it.store.clone(), &ahead).await;
    (it, ahead, manager)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_holds_on_a_clock_that_is_behind() {
    let (it, _, manager) = ahead().await;
    let issued = manager.create(NewKey::new("acme", "a key")).await.unwrap();
    assert_eq!(it.refusal(&issued).await, None);
    manager.revoke(&issued.record.id, Reach::Key).await.unwrap();
    assert_eq!(it.refusal(&issued).await, Some(RejectionKind::Revoked));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_without_grace_holds_on_a_clock_that_is_behind() {
    let (it, _, manager) = ahead().await;
    let issued = manager.create(NewKey::new("acme", "a key")).await.unwrap();
    manager.rotate(&issued.record.id, Rotate::now()).await.unwrap();
    assert_eq!(it.refusal(&issued).await, Some(RejectionKind::Revoked));
}

/// By the manager's clock the grace is over when the key is revoked, by the verifier's it is not.
#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_ends_a_grace_that_runs_only_on_a_clock_behind() {
    let (it, clock, manager) = ahead().await;
    let issued = manager.create(NewKey::new("acme", "a key")).await.unwrap();
    let id = &issued.record.id;
    let grace = Duration::from_mins(10);
    let rotation = manager.rotate(id, Rotate::now().with_grace(grace)).await.unwrap();
    clock.advance(grace * 2);
    assert_eq!(it.refusal(&issued).await, None, "its own clock is far from the end");
    let revoked = manager.revoke(id, Reach::Key).await.unwrap();
    assert_eq!(it.refusal(&issued).await, Some(RejectionKind::Revoked));
    assert_eq!(revoked.revoked_at, rotation.old.revoked_at, "it ended when the grace did");
    assert_eq!(manager.revoke(id, Reach::Key).await.unwrap(), revoked, "and stays as it is");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_holds_after_a_step_backwards() {
    let it = Setting::new().await;
    let issued = it.create().await;
    let id = &issued.record.id;
    let revoked = it.manager.revoke(id, Reach::Key).await.unwrap();
    it.clock.step_calendar(Timestamp::from_millis(0));
    assert_eq!(it.refusal(&issued).await, Some(RejectionKind::Revoked));
    assert_eq!(it.manager.revoke(id, Reach::Key).await.unwrap(), revoked, "it stays as it is");

    // A new revocation, on a clock that shows a time before the key was made.
    it.manager.reactivate(id).await.unwrap();
    assert_eq!(it.refusal(&issued).await, None);
    it.manager.revoke(id, Reach::Key).await.unwrap();
    assert_eq!(it.refusal(&issued).await, Some(RejectionKind::Revoked));
    it.clock.step_calendar(START);
    assert_eq!(it.refusal(&issued).await, Some(RejectionKind::Revoked));
}

/// Every reading is an hour before the one before.
struct Backwards(AtomicI64);

impl Clock for Backwards {
    fn now(&self) -> Now {
        let hour = 3_600_000;
        let timestamp = Timestamp::from_millis(self.0.fetch_sub(hour, Ordering::SeqCst));
        Now { elapsed: 1, timestamp }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_holds_though_the_clock_steps_back_while_it_is_written() {
    let store = MemoryStore::new();
    let clock = Arc::new(Backwards(AtomicI64::new(START.as_millis())));
    let manager = KeyManager::builder(Dialect::bigspin(), store.clone())
        .with_clock(clock.clone())
        .open()
        .await
        .unwrap();
    let past = Arc::new(TestClock::at(Timestamp::from_millis(0)));
    let verifier = verifier(Dialect::bigspin(), store, &past);
    let create = async || {
        clock.0.store(0, Ordering::SeqCst);
        let issued = manager.create(NewKey::new("acme", "a key")).await.unwrap();
        clock.0.store(START.as_millis(), Ordering::SeqCst);
        issued
    };

    let revoked = create().await;
    manager.revoke(&revoked.record.id, Reach::Key).await.unwrap();
    assert_eq!(refusal(&verifier, revoked.key.expose()).await, Some(RejectionKind::Revoked));
    let rotated = create().await;
    manager.rotate(&rotated.record.id, Rotate::now()).await.unwrap();
    assert_eq!(refusal(&verifier, rotated.key.expose()).await, Some(RejectionKind::Revoked));
}
