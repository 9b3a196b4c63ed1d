//! A rotation puts one new key in the place of one old one, whatever happens.

use std::time::Duration;

use keyward_core::manage::{KeyUpdate, ListKeys, ManageErrorKind, NewKey, Reach, Rotate, Status};
use keyward_core::verify::RejectionKind;
use tokio::task::JoinSet;

use crate::setting::{CONFLICT, NOT_FOUND, Setting, error_of, invalid, nobody, only, refusal};

const PARALLEL: usize = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_hundred_parallel_rotations_one_wins() {
    let it = Setting::new().await;
    let issued = it.create().await;
    let mut rotations = JoinSet::new();
    for _ in 0..PARALLEL {
        let (manager, id) = (it.manager.clone(), issued.record.id.clone());
        rotations.spawn(async move { manager.rotate(&id, Rotate::now()).await });
    }
    let (won, lost): (Vec<_>, Vec<_>) =
        rotations.join_all().await.into_iter().partition(Result::is_ok);
    assert_eq!((won.len(), lost.len()), (1, PARALLEL - 1));
    let winner = won.into_iter().next().unwrap().unwrap();
    for error in lost {
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ManageErrorKind::Conflict);
        assert!(error.to_string().contains(winner.new.id.as_str()), "it names the successor");
    }

    let active = ListKeys::new().with_status(Status::Active);
    assert_eq!(it.manager.list(&active).await.unwrap().keys, [winner.new]);
    let revoked = ListKeys::new().with_status(Status::Revoked);
    assert_eq!(it.manager.list(&revoked).await.unwrap().keys, [winner.old]);
    assert_eq!(it.refusal(&issued).await, Some(RejectionKind::Revoked));
    assert_eq!(refusal(&it.verifier, winner.key.unwrap().expose()).await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn parallel_rotations_with_one_token_are_one_rotation() {
    let it = Setting::new().await;
    let issued = it.create().await;
    let mut rotations = JoinSet::new();
    for _ in 0..PARALLEL {
        let (manager, id) = (it.manager.clone(), issued.record.id.clone());
        let rotate = Rotate::now().with_retry_token("deploy 7");
        rotations.spawn(async move { manager.rotate(&id, rotate).await.unwrap() });
    }
    let rotations = rotations.join_all().await;
    assert_eq!(rotations.iter().filter(|rotation| rotation.key.is_some()).count(), 1);
    for rotation in &rotations {
        assert_eq!(rotation.new, rotations[0].new);
        assert_eq!(rotation.old, rotations[0].old);
    }
    assert_eq!(it.manager.list(&ListKeys::new()).await.unwrap().keys.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_successor_has_the_same_rights_and_another_secret() {
    let it = Setting::new().await;
    let end = it.now().plus(Duration::from_mins(5));
    let new = NewKey::new("acme", "rotated")
        .with_grant(only("projects-read"))
        .with_description("for uploads")
        .with_expires_at(end);
    let issued = it.manager.create(new).await.unwrap();
    it.clock.advance(Duration::from_secs(1));
    let rotation = it.manager.rotate(&issued.record.id, Rotate::now()).await.unwrap();
    let (old, new) = (&rotation.old, &rotation.new);
    assert_eq!(old.rotated_to.as_ref(), Some(&new.id));
    assert_eq!((old.revoked_at, old.version), (Some(it.now()), 2));
    assert_eq!((&new.workspace, &new.name), (&old.workspace, &old.name));
    assert_eq!((&new.grant, new.expires_at), (&old.grant, Some(end)));
    assert_eq!((new.created_at, new.version), (it.now(), 1));
    assert_eq!((new.revoked_at, &new.rotated_to, &new.rotation_token), (None, &None, &None));
    assert_ne!(rotation.key.unwrap().expose(), issued.key.expose());
    assert_eq!(it.manager.get(&old.id).await.unwrap(), *old);
    assert_eq!(it.manager.get(&new.id).await.unwrap(), *new);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_after_a_lost_answer_finds_the_rotation_done() {
    let it = Setting::new().await;
    let issued = it.create().await;
    let id = &issued.record.id;
    let rotate = || Rotate::now().with_retry_token("deploy 7").with_grace(Duration::from_mins(1));
    let first = it.manager.rotate(id, rotate()).await.unwrap();
    it.clock.advance(Duration::from_hours(1));
    let retry = it.manager.rotate(id, rotate()).await.unwrap();
    assert_eq!((retry.old, &retry.new), (first.old, &first.new));
    assert!(retry.key.is_none(), "the first answer had the secret");

    for other in [Rotate::now(), Rotate::now().with_retry_token("deploy 8")] {
        assert_eq!(error_of(it.manager.rotate(id, other).await), CONFLICT);
    }
    // The way out when the answer is lost for good.
    let again = it.manager.rotate(&first.new.id, Rotate::now()).await.unwrap();
    assert!(again.key.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_has_ended_is_not_rotated() {
    let it = Setting::new().await;
    let revoked = it.create().await;
    it.manager.revoke(&revoked.record.id, Reach::Key).await.unwrap();
    assert_eq!(error_of(it.manager.rotate(&revoked.record.id, Rotate::now()).await), CONFLICT);

    let end = it.now().plus(Duration::from_secs(1));
    let expired = NewKey::new("acme", "expired").with_expires_at(end);
    let expired = it.manager.create(expired).await.unwrap();
    it.clock.advance(Duration::from_secs(1));
    assert_eq!(error_of(it.manager.rotate(&expired.record.id, Rotate::now()).await), CONFLICT);

    assert_eq!(error_of(it.manager.rotate(&nobody(), Rotate::now()).await), NOT_FOUND);
    let long = Rotate::now().with_retry_token("x".repeat(129));
    let good = it.create().await;
    assert_eq!(error_of(it.manager.rotate(&good.record.id, long).await), invalid("retry_token"));
    assert_eq!(it.refusal(&good).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_ends_a_grace_at_once_and_leaves_the_successor() {
    let it = Setting::new().await;
    let issued = it.create().await;
    let id = &issued.record.id;
    let grace = Rotate::now().with_grace(Duration::from_hours(24));
    let rotation = it.manager.rotate(id, grace).await.unwrap();
    assert_eq!(it.refusal(&issued).await, None);
    let revoked = it.manager.revoke(id, Reach::Descendants).await.unwrap();
    assert_eq!(revoked.revoked_at, Some(it.now()));
    assert_eq!(it.refusal(&issued).await, Some(RejectionKind::Revoked));
    assert_eq!(refusal(&it.verifier, rotation.key.unwrap().expose()).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_key_that_is_reactivated_can_be_rotated_again() {
    let it = Setting::new().await;
    let issued = it.create().await;
    let id = &issued.record.id;
    let rotate = || Rotate::now().with_retry_token("deploy 7");
    let first = it.manager.rotate(id, rotate()).await.unwrap();
    let active = it.manager.reactivate(id).await.unwrap();
    assert_eq!((active.revoked_at, active.rotated_to, active.rotation_token), (None, None, None));
    assert_eq!(it.refusal(&issued).await, None);
    let second = it.manager.rotate(id, rotate()).await.unwrap();
    assert!(second.key.is_some(), "it is another rotation");
    assert_ne!(second.new.id, first.new.id);
    assert_eq!(refusal(&it.verifier, first.key.unwrap().expose()).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grace_has_an_end() {
    let it = Setting::new().await;
    let issued = it.create().await;
    let id = &issued.record.id;
    for grace in [Duration::from_hours(24 * 367), Duration::MAX] {
        let rotate = Rotate::now().with_grace(grace);
        assert_eq!(error_of(it.manager.rotate(id, rotate).await), invalid("grace"));
    }
    assert_eq!(it.manager.get(id).await.unwrap(), issued.record);
}

/// Rotations race with updates of the key: each of them is done once or reported.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_rotation_loses_no_concurrent_update() {
    let it = Setting::new().await;
    for round in 0..50 {
        let issued = it.create().await;
        let id = issued.record.id.clone();
        let update = tokio::spawn({
            let (manager, id) = (it.manager.clone(), id.clone());
            let update = KeyUpdate::new().with_grant(only("projects-read"));
            async move { manager.update(&id, update).await.unwrap() }
        });
        let rotation = it.manager.rotate(&id, Rotate::now()).await.unwrap();
        update.await.unwrap();
        let old = it.manager.get(&id).await.unwrap();
        assert_eq!(old.grant, only("projects-read"), "round {round}");
        assert_eq!(old.rotated_to, Some(rotation.new.id));
        assert_eq!((old.version, it.refusal(&issued).await), (3, Some(RejectionKind::Revoked)));
    }
}
