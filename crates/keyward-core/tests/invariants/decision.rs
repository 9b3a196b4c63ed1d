//! What is cached is who a key is, never what was decided about it.

use std::sync::Arc;
use std::time::Duration;

use keyward_core::clock::{Clock, TestClock, Timestamp};
use keyward_core::dialect::Dialect;
use keyward_core::key::{Grant, Resources};
use keyward_core::manage::{KeyManager, KeyUpdate, NewKey, Reach, Rotate};
use keyward_core::store::MemoryStore;
use keyward_core::verify::{RejectionKind, Verifier};

use crate::support::stage::Stage;
use crate::support::{refusal, verify, warm};

struct Setting {
    stage: Stage,
    clock: Arc<TestClock>,
    manager: KeyManager,
    verifier: Verifier,
}

async fn setting() -> Setting {
    let stage = Stage::new(MemoryStore::new());
    let clock = Arc::new(TestClock::at(Timestamp::from_millis(1_800_000_000_000)));
    let manager = KeyManager::builder(Dialect::bigspin(), stage.clone())
        .with_clock(clock.clone())
        .open()
        .await
        .unwrap();
    let verifier = Verifier::builder(Dialect::bigspin(), stage.clone())
        .with_max_staleness(Duration::from_hours(1))
        .with_clock(clock.clone())
        .build()
        .unwrap();
    Setting { stage, clock, manager, verifier }
}

fn only(scopes: &str) -> Grant {
    Grant::Only(scopes.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn cached_identity_not_decision() {
    let Setting { stage, clock, manager, verifier } = setting().await;
    let end = clock.now().timestamp.plus(Duration::from_mins(1));
    let new = NewKey::new("acme", "reader")
        .with_grant(only("projects-read"))
        .with_resources(Resources::Only(vec!["p1".to_owned()]))
        .with_expires_at(end);
    let issued = manager.create(new).await.unwrap();
    let (id, key) = (&issued.record.id, issued.key.expose());
    warm(&verifier, key).await;
    let questions = stage.questions();

    // Another scope and another resource are asked for later.
    let reader = verify(&verifier, key).await.unwrap();
    assert!(reader.has("projects-read"));
    assert_eq!(reader.require("projects-write").unwrap_err().kind(), RejectionKind::Scope);
    assert!(reader.require_resource("p1").is_ok());
    assert_eq!(reader.require_resource("p2").unwrap_err().kind(), RejectionKind::Resource);
    assert_eq!(reader.require_workspace("globex").unwrap_err().kind(), RejectionKind::Resource);
    assert_eq!(stage.questions(), questions, "all from the cache");

    // A change of grant and of resources counts on the next request.
    let more = KeyUpdate::new().with_grant(only("projects-read projects-write"));
    manager.update(id, more).await.unwrap();
    assert!(verify(&verifier, key).await.unwrap().has("projects-write"));
    manager.update(id, KeyUpdate::new().with_grant(only(""))).await.unwrap();
    assert!(!verify(&verifier, key).await.unwrap().has("projects-read"));
    let other = Resources::Only(vec!["p2".to_owned()]);
    manager.update(id, KeyUpdate::new().with_resources(other)).await.unwrap();
    let moved = verify(&verifier, key).await.unwrap();
    assert!(moved.require_resource("p2").is_ok());
    assert_eq!(moved.require_resource("p1").unwrap_err().kind(), RejectionKind::Resource);

    // An expiry passes, to the millisecond, without a question to the store.
    let questions = stage.questions();
    clock.advance(Duration::from_millis(59_999));
    assert_eq!(refusal(&verifier, key).await, None);
    clock.advance(Duration::from_millis(1));
    assert_eq!(refusal(&verifier, key).await, Some(RejectionKind::Expired));
    clock.step_calendar(Timestamp::from_millis(end.as_millis() - 1));
    assert_eq!(refusal(&verifier, key).await, None);
    assert_eq!(stage.questions(), questions);

    // And it can be moved.
    clock.advance(Duration::from_mins(1));
    assert_eq!(refusal(&verifier, key).await, Some(RejectionKind::Expired));
    manager.update(id, KeyUpdate::new().with_expires_at(None)).await.unwrap();
    assert_eq!(refusal(&verifier, key).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grace_lets_both_keys_in_until_it_ends() {
    let Setting { stage, clock, manager, verifier } = setting().await;
    let issued = manager.create(NewKey::new("acme", "rotated")).await.unwrap();
    let rotate = Rotate::now().with_grace(Duration::from_secs(10));
    let rotation = manager.rotate(&issued.record.id, rotate).await.unwrap();
    let (old, new) = (issued.key.expose(), rotation.key.unwrap());
    let new = new.expose();
    warm(&verifier, old).await;
    warm(&verifier, new).await;
    let questions = stage.questions();

    clock.advance(Duration::from_millis(9_999));
    assert_eq!(refusal(&verifier, old).await, None);
    assert_eq!(refusal(&verifier, new).await, None);
    clock.advance(Duration::from_millis(1));
    assert_eq!(refusal(&verifier, old).await, Some(RejectionKind::Revoked));
    assert_eq!(refusal(&verifier, new).await, None);
    assert_eq!(stage.questions(), questions, "all from the cache");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_ends_a_grace_and_a_reactivation_ends_a_revocation_at_once() {
    let Setting { clock, manager, verifier, .. } = setting().await;
    let issued = manager.create(NewKey::new("acme", "rotated")).await.unwrap();
    let (id, old) = (&issued.record.id, issued.key.expose());
    let grace = Rotate::now().with_grace(Duration::from_hours(24));
    manager.rotate(id, grace).await.unwrap();
    warm(&verifier, old).await;
    assert_eq!(refusal(&verifier, old).await, None);
    manager.revoke(id, Reach::Key).await.unwrap();
    assert_eq!(refusal(&verifier, old).await, Some(RejectionKind::Revoked));
    clock.step_calendar(Timestamp::from_millis(0));
    assert_eq!(refusal(&verifier, old).await, Some(RejectionKind::Revoked));
    manager.reactivate(id).await.unwrap();
    assert_eq!(refusal(&verifier, old).await, None);
}
