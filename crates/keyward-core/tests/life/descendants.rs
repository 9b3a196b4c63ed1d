//! A revocation can take the keys that a key made, and those that they made.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use keyward_core::key::{Creator, KeyId};
use keyward_core::manage::{
    Issued, KeyManager, KeyUpdate, ListKeys, ManageErrorKind, NewKey, Reach, Rotate, Status,
};
use keyward_core::verify::RejectionKind;

use crate::setting::{Setting, denied, error_of, only};

async fn child_of(manager: &KeyManager, parent: &KeyId) -> Issued {
    let by_parent = manager.acting_as(Creator::Key(parent.clone()));
    by_parent.create(NewKey::new("acme", "a child")).await.unwrap()
}

async fn active(it: &Setting) -> Vec<KeyId> {
    let keys = ListKeys::new().with_status(Status::Active).with_limit(1_000);
    let page = it.manager.list(&keys).await.unwrap();
    assert!(page.next.is_none());
    page.keys.into_iter().map(|record| record.id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn three_generations_end_with_the_first_and_nobody_else() {
    let it = Setting::new().await;
    let root = it.create().await;
    let bystander = it.create().await;
    let mut family = Vec::new();
    for _ in 0..50 {
        let child = child_of(&it.manager, &root.record.id).await;
        family.push(child_of(&it.manager, &child.record.id).await);
        family.push(child);
    }
    for issued in &family {
        assert_eq!(it.refusal(issued).await, None);
    }

    it.manager.revoke(&root.record.id, Reach::Key).await.unwrap();
    assert_eq!(it.refusal(&family[0]).await, None, "only the key itself");
    it.manager.revoke(&root.record.id, Reach::Descendants).await.unwrap();
    for issued in &family {
        assert_eq!(it.refusal(issued).await, Some(RejectionKind::Revoked));
    }
    assert_eq!(active(&it).await, [bystander.record.id]);
}

/// Children and grandchildren are made, rotated and deleted while the revocation goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_descendant_is_left_active_whatever_happens_meanwhile() {
    for round in 0..20 {
        let it = Setting::new().await;
        let root = it.create().await.record.id;
        let mut children = Vec::new();
        for _ in 0..50 {
            children.push(child_of(&it.manager, &root).await.record.id);
        }
        let stop = Arc::new(AtomicBool::new(false));
        let busy = Arc::new(AtomicUsize::new(0));
        let workers: Vec<_> = (0..4)
            .map(|_| {
                let (manager, root, children) =
                    (it.manager.clone(), root.clone(), children.clone());
                let (stop, busy) = (Arc::clone(&stop), Arc::clone(&busy));
                tokio::spawn(async move {
                    for _ in 0..300 {
                        if stop.load(Ordering::SeqCst) {
                            break;
                        }
                        disturb(&manager, &root, &children).await;
                        busy.fetch_add(1, Ordering::SeqCst);
                        tokio::task::yield_now().await;
                    }
                })
            })
            .collect();
        while busy.load(Ordering::SeqCst) < 10 {
            tokio::task::yield_now().await;
        }
        it.manager.revoke(&root, Reach::Descendants).await.unwrap();
        stop.store(true, Ordering::SeqCst);
        for worker in workers {
            worker.await.unwrap();
        }
        // A deleted child's own children are nobody's descendants any more.
        let left = active(&it).await;
        assert_eq!(left, Vec::<KeyId>::new(), "round {round}");
    }
}

/// One thing that others may do to a family of keys.
async fn disturb(manager: &KeyManager, root: &KeyId, children: &[KeyId]) {
    let child = &children[fastrand::usize(..children.len())];
    let by = |key: &KeyId| manager.acting_as(Creator::Key(key.clone()));
    let new = NewKey::new("acme", "a child");
    let done = match fastrand::u8(..5) {
        0 => by(root).create(new).await.map(drop),
        1 => by(child).create(new).await.map(drop),
        2 => by(child).rotate(child, Rotate::now()).await.map(drop),
        3 => by(root).rotate(child, Rotate::now()).await.map(drop),
        _ => manager.rotate(child, Rotate::now()).await.map(drop),
    };
    if let Err(error) = done {
        assert!(
            matches!(error.kind(), ManageErrorKind::Denied | ManageErrorKind::Conflict),
            "{error}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_child_that_is_deleted_meanwhile_does_not_stop_the_revocation() {
    let it = Setting::new().await;
    for _ in 0..50 {
        let root = it.create().await.record.id;
        let mut children = Vec::new();
        for _ in 0..20 {
            children.push(child_of(&it.manager, &root).await.record.id);
        }
        let deleting = tokio::spawn({
            let manager = it.manager.clone();
            async move {
                for child in &children {
                    manager.delete(child).await.unwrap();
                    tokio::task::yield_now().await;
                }
            }
        });
        it.manager.revoke(&root, Reach::Descendants).await.unwrap();
        deleting.await.unwrap();
        assert_eq!(active(&it).await, Vec::<KeyId>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_successor_ends_with_the_key_in_whose_place_it_is() {
    let it = Setting::new().await;
    let root = it.create().await.record;
    let child = child_of(&it.manager, &root.id).await.record;
    let by_ada = it.manager.acting_as(Creator::Person("ada".to_owned()));
    let second = by_ada.rotate(&child.id, Rotate::now()).await.unwrap().new;
    let third = by_ada.rotate(&second.id, Rotate::now()).await.unwrap().new;
    let grandchild = child_of(&it.manager, &third.id).await;
    it.manager.revoke(&root.id, Reach::Descendants).await.unwrap();
    assert_eq!(it.refusal(&grandchild).await, Some(RejectionKind::Revoked));
    assert_eq!(active(&it).await, Vec::<KeyId>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_key_made_before_it_was_rotated_ends_with_its_successor() {
    let it = Setting::new().await;
    let first = it.create().await.record;
    let bystander = it.create().await.record;
    child_of(&it.manager, &first.id).await;
    let second = it.manager.rotate(&first.id, Rotate::now()).await.unwrap().new;
    child_of(&it.manager, &second.id).await;
    let grace = Rotate::now().with_grace(Duration::from_hours(1));
    let third = it.manager.rotate(&second.id, grace).await.unwrap().new;
    // In its grace.
    child_of(&it.manager, &second.id).await;
    assert_eq!(active(&it).await.len(), 6);
    it.manager.revoke(&third.id, Reach::Descendants).await.unwrap();
    assert_eq!(active(&it).await, [bystander.id]);
}

/// Whoever rotates a key has its secret, also when it was made by somebody else.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_another_one_rotated_ends_with_that() {
    let it = Setting::new().await;
    let (thief, victim) = (it.create().await.record, it.create().await.record);
    let by_thief = it.by(&thief);
    let taken = by_thief.rotate(&victim.id, Rotate::now()).await.unwrap().new;
    let itself = by_thief.rotate(&thief.id, Rotate::now()).await.unwrap().new;
    assert_eq!(active(&it).await.len(), 2);
    it.manager.revoke(&thief.id, Reach::Descendants).await.unwrap();
    assert_eq!(active(&it).await, Vec::<KeyId>::new(), "neither {} nor {}", taken.id, itself.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_ends_itself_takes_all_that_it_made() {
    let it = Setting::new().await;
    let root = it.create().await.record;
    for _ in 0..3 {
        let child = child_of(&it.manager, &root.id).await.record;
        child_of(&it.manager, &child.id).await;
    }
    it.by(&root).revoke(&root.id, Reach::Descendants).await.unwrap();
    assert_eq!(active(&it).await, Vec::<KeyId>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_descendant_that_has_more_is_left_and_reported_when_the_rest_is_done() {
    let it = Setting::new().await;
    let reader = || NewKey::new("acme", "reader").with_grant(only("projects-read"));
    let actor = it.manager.create(reader()).await.unwrap().record;
    let root = it.manager.create(reader()).await.unwrap().record;
    let mut children = Vec::new();
    for _ in 0..3 {
        children.push(it.by(&root).create(reader()).await.unwrap().record.id);
    }
    let wider = KeyUpdate::new().with_grant(only("projects-read projects-write"));
    it.manager.update(&children[1], wider).await.unwrap();
    let below = it.by(&it.manager.get(&children[1]).await.unwrap()).create(reader()).await;
    assert!(below.is_ok());

    let revoked = it.by(&actor).revoke(&root.id, Reach::Descendants).await;
    assert_eq!(error_of(revoked), denied("scopes"));
    let mut left = active(&it).await;
    left.sort();
    let mut expected = vec![actor.id, children.remove(1)];
    expected.sort();
    assert_eq!(left, expected);
}
