//! Until the head of the response leaves.

use std::time::Duration;

use keyward::clock::Clock;
use keyward::dialect::InFlight;
use keyward::key::Grant;
use keyward::manage::{KeyUpdate, NewKey, Reach, Rotate};
use keyward_tests::Trouble;
use keyward_tests::bigspin::assert_invalid;
use tokio::time::timeout;

use crate::stage::{Event, PATIENCE, Stage, WATCHED, answered, assert_done};

#[tokio::test]
async fn under_finish_a_request_is_answered_though_its_key_is_revoked() {
    let mut stage = Stage::set(InFlight::Finish).await;
    let key = stage.key().await;
    let answer = stage.begin(&key).await;
    stage.revoke(&key).await;
    stage.permit();
    assert_done(&answered(answer).await);
    stage.expect(Event::Finished).await;
    assert_eq!(stage.status(&key).await, 401);
}

#[tokio::test]
async fn on_return_the_refusal_stands_in_place_of_what_the_handler_did_finish() {
    let mut stage = Stage::set(InFlight::RefuseOnReturn).await;
    let key = stage.key().await;
    let answer = stage.begin(&key).await;
    stage.revoke(&key).await;
    stage.permit();
    assert_invalid(&answered(answer).await);
    stage.expect(Event::Finished).await;
}

#[tokio::test]
async fn cancelled_handlers_are_dropped_and_their_clients_refused_at_once() {
    let mut stage = Stage::set(InFlight::Cancel).await;
    let (key, other) = (stage.key().await, stage.key().await);
    let mut answers = vec![];
    for _ in 0..20 {
        answers.push(stage.begin(&key).await);
    }
    let kept = stage.begin(&other).await;
    stage.revoke(&key).await;
    for answer in answers {
        assert_invalid(&answered(answer).await);
        stage.expect(Event::Dropped).await;
    }
    stage.permit();
    assert_done(&answered(kept).await);
    stage.expect(Event::Finished).await;
}

#[tokio::test]
async fn what_another_process_revokes_counts() {
    let mut stage = Stage::set(InFlight::RefuseOnReturn).await;
    let key = stage.key().await;
    let answer = stage.begin(&key).await;
    stage.other_process.revoke(&key.record.id, Reach::Key).await.unwrap();
    stage.polled().await;
    stage.permit();
    assert_invalid(&answered(answer).await);

    let mut stage = Stage::set(InFlight::Cancel).await;
    let key = stage.key().await;
    let answer = stage.begin(&key).await;
    stage.other_process.revoke(&key.record.id, Reach::Key).await.unwrap();
    // Nobody wakes the poll.
    assert_invalid(&answered(answer).await);
    stage.expect(Event::Dropped).await;
}

#[tokio::test]
async fn a_deleted_key_is_a_bad_one() {
    for policy in WATCHED {
        let mut stage = Stage::set(policy).await;
        let key = stage.key().await;
        let answer = stage.begin(&key).await;
        stage.manager.delete(&key.record.id).await.unwrap();
        if policy == InFlight::RefuseOnReturn {
            stage.permit();
        }
        assert_invalid(&answered(answer).await);
    }
}

#[tokio::test]
async fn what_does_not_end_the_key_ends_no_request() {
    for policy in WATCHED {
        let mut stage = Stage::set(policy).await;
        let (key, other) = (stage.key().await, stage.key().await);
        let expires_at = stage.clock.now().timestamp.plus(Duration::from_mins(1));
        let expiring = NewKey::new("acme", "a test's key").with_expires_at(expires_at);
        let expiring = stage.manager.create(expiring).await.unwrap();

        let requests = [stage.begin(&key).await, stage.begin(&expiring).await];
        stage.revoke(&other).await;
        let update = KeyUpdate::new().with_grant(Grant::Only("projects-read".parse().unwrap()));
        stage.manager.update(&key.record.id, update.clone()).await.unwrap();
        stage.other_process.update(&expiring.record.id, update).await.unwrap();
        stage.polled().await;
        stage.clock.advance(Duration::from_mins(2));
        for answer in requests {
            stage.permit();
            assert_done(&answered(answer).await);
            stage.expect(Event::Finished).await;
        }
        assert_eq!(stage.status(&expiring).await, 401, "the next one is refused");
    }
}

#[tokio::test]
async fn a_grace_that_ends_is_a_revocation() {
    for policy in WATCHED {
        let mut stage = Stage::set_with(policy, Duration::from_millis(100)).await;
        let key = stage.key().await;
        let grace = Rotate::now().with_grace(Duration::from_mins(1));
        stage.manager.rotate(&key.record.id, grace).await.unwrap();
        let answer = stage.begin(&key).await;
        stage.clock.advance(Duration::from_mins(2));
        if policy == InFlight::RefuseOnReturn {
            stage.permit();
        }
        assert_invalid(&answered(answer).await);
    }
}

#[tokio::test]
async fn a_request_that_says_so_before_may_end_its_own_key() {
    for policy in WATCHED {
        let stage = Stage::set(policy).await;
        let (announced, silent) = (stage.key().await, stage.key().await);
        let answer = stage.delete_own("/own", &announced).await;
        assert_eq!((answer.status, &*answer.body), (200, "ended"));
        assert_invalid(&stage.delete_own("/own-in-silence", &silent).await);
        for key in [announced, silent] {
            assert_eq!(stage.status(&key).await, 401);
        }
    }
}

#[tokio::test]
async fn a_store_that_is_down_makes_no_key_bad() {
    for policy in WATCHED {
        for trouble in [Trouble::Fails, Trouble::Hangs, Trouble::Panics] {
            let mut stage = Stage::set(policy).await;
            let key = stage.key().await;
            let answer = stage.begin(&key).await;
            stage.outage.begin(trouble);
            // What is cached does not count any more.
            stage
                .manager
                .update(&key.record.id, KeyUpdate::new().with_name("new name"))
                .await
                .unwrap();
            stage.permit();
            assert_done(&answered(answer).await);
        }
    }
}

#[tokio::test]
async fn a_request_is_cancelled_when_the_store_can_say_again() {
    let mut stage = Stage::set_with(InFlight::Cancel, Duration::from_millis(100)).await;
    let key = stage.key().await;
    let answer = stage.begin(&key).await;
    stage.outage.begin(Trouble::Fails);
    let asked = stage.outage.lookups();
    stage.revoke(&key).await;
    timeout(PATIENCE, async {
        while stage.outage.lookups() == asked {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
    assert!(!answer.is_finished(), "the store said nothing");
    stage.outage.end();
    assert_invalid(&answered(answer).await);
    stage.expect(Event::Dropped).await;
}

#[tokio::test]
async fn the_store_is_asked_again_only_when_something_changed() {
    for policy in WATCHED {
        let mut stage = Stage::set(policy).await;
        let key = stage.key().await;
        stage.polled().await;
        let asked = stage.outage.lookups();
        for _ in 0..3 {
            let answer = stage.begin(&key).await;
            stage.permit();
            assert_done(&answered(answer).await);
            stage.expect(Event::Finished).await;
        }
        assert_eq!(stage.outage.lookups(), asked + 1, "the first time");
    }
}
