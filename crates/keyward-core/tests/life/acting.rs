//! A key that manages keys touches none that has, or would get, more than it has.

use std::time::Duration;

use keyward_core::dialect::{Dialect, KindForm};
use keyward_core::key::{Creator, Grant, KeyId, KeyRecord, Resources};
use keyward_core::manage::{KeyManager, KeyUpdate, ListKeys, NewKey, Reach, Rotate};
use keyward_core::verify::RejectionKind;

use crate::setting::{
    CONFLICT, NOT_FOUND, POWERLESS, Setting, Wrong, denied, error_of, only, per_min, resources,
};

const HOUR: Duration = Duration::from_hours(1);

/// Revocation is not final, and a key has nothing that nobody gave it.
fn dialect() -> Dialect {
    Dialect::builder("acme")
        .like(&Dialect::bigspin())
        .kinds([KindForm::new("live", "acme_live_"), KindForm::new("test", "acme_test_")])
        .scopes([("read", "Read"), ("write", "Write"), ("admin", "Everything else")])
        .default_grant(&only(""))
        .build()
        .unwrap()
}

/// A setting, and what makes a key that has exactly what the key that acts has.
async fn setting() -> (Setting, KeyRecord, NewKey) {
    let it = Setting::of(dialect()).await;
    let same = NewKey::new("acme", "a key")
        .with_kind("live")
        .with_grant(only("read write"))
        .with_resources(resources(&["p1", "p2"]))
        .with_expires_at(it.now().plus(HOUR))
        .with_rate_limit_per_min(per_min(60));
    let actor = it.manager.create(same.clone()).await.unwrap().record;
    (it, actor, same)
}

async fn make(it: &Setting, new: NewKey) -> KeyRecord {
    it.manager.create(new).await.unwrap().record
}

/// What becomes of every act that changes the key of this id.
async fn every_act(manager: &KeyManager, id: &KeyId) -> [(&'static str, Result<(), Wrong>); 7] {
    let wrong = |done: Result<(), _>| done.map_err(|error| error_of::<()>(Err(error)));
    let renamed = KeyUpdate::new().with_name("renamed");
    let narrowed = KeyUpdate::new().with_grant(only(""));
    [
        ("rename", wrong(manager.update(id, renamed).await.map(drop))),
        ("narrow", wrong(manager.update(id, narrowed).await.map(drop))),
        ("revoke", wrong(manager.revoke(id, Reach::Key).await.map(drop))),
        ("reactivate", wrong(manager.reactivate(id).await.map(drop))),
        ("rotate", wrong(manager.rotate(id, Rotate::now()).await.map(drop))),
        ("revoke all", wrong(manager.revoke(id, Reach::Descendants).await.map(drop))),
        ("delete", wrong(manager.delete(id).await)),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_touches_no_key_that_has_more() {
    let (it, actor, same) = setting().await;
    let endless = NewKey::new("acme", "a key")
        .with_kind("live")
        .with_grant(only("read"))
        .with_resources(resources(&["p1"]));
    let unlimited = endless.clone().with_expires_at(it.now().plus(HOUR));
    let endless = endless.with_rate_limit_per_min(per_min(1));
    let later = it.now().plus(HOUR + Duration::from_millis(1));
    for (new, field) in [
        (same.clone().with_kind("test"), "kind"),
        (same.clone().with_grant(Grant::All), "scopes"),
        (same.clone().with_grant(only("admin")), "scopes"),
        (same.clone().with_resources(Resources::All), "resources"),
        (same.clone().with_resources(resources(&["p1", "p3"])), "resources"),
        (same.clone().with_expires_at(later), "expires_at"),
        (endless, "expires_at"),
        (same.clone().with_rate_limit_per_min(per_min(61)), "rate_limit_per_min"),
        (unlimited, "rate_limit_per_min"),
    ] {
        let target = make(&it, new).await;
        let manager = it.by(&actor);
        for (act, done) in every_act(&manager, &target.id).await {
            // An active key is not reactivated by anybody.
            let expected = if act == "reactivate" { Ok(()) } else { Err(denied(field)) };
            assert_eq!(done, expected, "{act}, {field}");
        }
        assert_eq!(manager.get(&target.id).await.unwrap(), target, "it is seen, and as it was");

        let revoked = it.manager.revoke(&target.id, Reach::Key).await.unwrap();
        assert_eq!(error_of(manager.reactivate(&target.id).await), denied(field));
        assert_eq!(error_of(manager.delete(&target.id).await), denied(field));
        assert_eq!(it.manager.get(&target.id).await.unwrap(), revoked);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_manages_keys_that_have_as_much_or_less() {
    let (it, actor, same) = setting().await;
    for new in [
        same.clone(),
        same.clone().with_grant(only("")),
        same.clone().with_resources(resources(&["p2"])),
        same.clone().with_expires_at(it.now().plus(HOUR / 2)),
        same.clone().with_rate_limit_per_min(per_min(1)),
    ] {
        let target = make(&it, new).await;
        for (act, done) in every_act(&it.by(&actor), &target.id).await {
            assert_eq!(done, Ok(()), "{act}");
        }
        assert_eq!(error_of(it.manager.get(&target.id).await), NOT_FOUND);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_widens_neither_itself_nor_another() {
    let (it, actor, same) = setting().await;
    let sibling = make(&it, same.clone()).await;
    let smaller = same.with_grant(only("read")).with_resources(resources(&["p1"]));
    let smaller = make(&it, smaller).await;
    let later = it.now().plus(HOUR + Duration::from_millis(1));
    let update = KeyUpdate::new;
    for target in [&actor, &sibling, &smaller] {
        for (more, field) in [
            (update().with_grant(Grant::All), "scopes"),
            (update().with_grant(only("read write admin")), "scopes"),
            (update().with_resources(Resources::All), "resources"),
            (update().with_resources(resources(&["p1", "p3"])), "resources"),
            (update().with_expires_at(None), "expires_at"),
            (update().with_expires_at(Some(later)), "expires_at"),
            (update().with_rate_limit_per_min(None), "rate_limit_per_min"),
            (update().with_rate_limit_per_min(Some(per_min(61))), "rate_limit_per_min"),
        ] {
            let changed = it.by(&actor).update(&target.id, more).await;
            assert_eq!(error_of(changed), denied(field), "{}", target.id);
        }
        assert_eq!(it.manager.get(&target.id).await.unwrap(), *target);
    }

    // Up to what it has is no more than it has.
    let all = update().with_grant(only("read write")).with_resources(resources(&["p2", "p1"]));
    assert_eq!(it.by(&actor).update(&smaller.id, all).await.unwrap().grant, sibling.grant);
    // Down is for good.
    let less = update().with_grant(only("read"));
    it.by(&actor).update(&actor.id, less).await.unwrap();
    let back = update().with_grant(only("read write"));
    assert_eq!(error_of(it.by(&actor).update(&actor.id, back).await), denied("scopes"));
    assert_eq!(error_of(it.by(&actor).delete(&sibling.id).await), denied("scopes"));
}

/// A revoked key has no more than it had, also if somebody reactivates it later.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_widens_no_key_that_is_revoked() {
    let (it, actor, same) = setting().await;
    let sibling = make(&it, same).await;
    it.manager.revoke(&sibling.id, Reach::Key).await.unwrap();
    let endless = KeyUpdate::new().with_expires_at(None);
    let changed = it.by(&actor).update(&sibling.id, endless).await;
    assert_eq!(error_of(changed), denied("expires_at"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_rotates_itself_and_its_successor_has_the_same() {
    let (it, actor, _) = setting().await;
    let rotation = it.by(&actor).rotate(&actor.id, Rotate::now()).await.unwrap();
    assert_eq!((&rotation.new.grant, rotation.new.expires_at), (&actor.grant, actor.expires_at));
    assert_eq!(rotation.new.created_by, Some(Creator::Key(actor.id.clone())));
    assert_eq!(error_of(it.by(&actor).get(&actor.id).await), POWERLESS);
    assert!(it.by(&rotation.new).update(&rotation.new.id, KeyUpdate::new()).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_successor_is_made_by_whoever_rotates() {
    let it = Setting::new().await;
    let (ada, bob) = ["ada", "bob"].map(|name| Creator::Person(name.to_owned())).into();
    let by_ada = it.manager.acting_as(ada.clone());
    let first = by_ada.create(NewKey::new("acme", "a key")).await.unwrap().record;
    let second = it.manager.rotate(&first.id, Rotate::now()).await.unwrap().new;
    assert_eq!(second.created_by, Some(ada), "nobody acts");
    let by_bob = it.manager.acting_as(bob.clone());
    let third = by_bob.rotate(&second.id, Rotate::now()).await.unwrap().new;
    assert_eq!(third.created_by, Some(bob));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_in_its_grace_manages_itself_and_does_not_lift_the_end() {
    let it = Setting::new().await;
    let old = it.create().await.record;
    let sibling = it.create().await.record;
    let grace = Rotate::now().with_grace(HOUR);
    let new = it.manager.rotate(&old.id, grace).await.unwrap().new;
    let by_old = it.by(&old);

    assert_eq!(error_of(by_old.reactivate(&old.id).await), denied("expires_at"));
    for other in [&sibling, &new] {
        assert_eq!(error_of(by_old.revoke(&other.id, Reach::Key).await), denied("expires_at"));
        assert_eq!(error_of(by_old.rotate(&other.id, Rotate::now()).await), denied("expires_at"));
    }
    let renamed = by_old.update(&old.id, KeyUpdate::new().with_name("renamed")).await.unwrap();
    assert_eq!(renamed.name, "renamed");
    assert_eq!(by_old.revoke(&old.id, Reach::Key).await.unwrap().revoked_at, Some(it.now()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_has_ended_does_nothing() {
    let (it, actor, same) = setting().await;
    let target = make(&it, same.clone()).await;
    let revoked = make(&it, same.clone()).await;
    it.manager.revoke(&revoked.id, Reach::Key).await.unwrap();
    let deleted = make(&it, same.clone()).await;
    it.manager.delete(&deleted.id).await.unwrap();
    let expired = make(&it, same.with_expires_at(it.now().plus(HOUR / 2))).await;
    it.clock.advance(HOUR / 2);
    for key in [revoked, deleted, expired] {
        let manager = it.by(&key);
        for (act, done) in every_act(&manager, &target.id).await {
            assert_eq!(done, Err(POWERLESS), "{act}");
        }
        assert_eq!(error_of(manager.get(&target.id).await), POWERLESS);
        assert_eq!(error_of(manager.list(&ListKeys::new()).await), POWERLESS);
        assert_eq!(error_of(manager.count(&ListKeys::new()).await), POWERLESS);
    }
    assert_eq!(it.by(&actor).get(&target.id).await.unwrap(), target);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_sees_all_of_its_workspace_and_nothing_else() {
    let (it, actor, same) = setting().await;
    let bigger = make(&it, same.with_grant(Grant::All)).await;
    let theirs = make(&it, NewKey::new("globex", "theirs")).await;
    let manager = it.by(&actor);
    assert_eq!(manager.get(&bigger.id).await.unwrap(), bigger);
    assert_eq!(manager.list(&ListKeys::new()).await.unwrap().keys.len(), 2);
    let globex = ListKeys::new().with_workspace("globex");
    assert_eq!(manager.list(&globex).await.unwrap().keys, []);
    assert_eq!(manager.count(&globex).await.unwrap(), 0);
    assert_eq!(manager.count(&ListKeys::new()).await.unwrap(), 2);
    assert_eq!(error_of(manager.get(&theirs.id).await), NOT_FOUND);
    for (act, done) in every_act(&manager, &theirs.id).await {
        assert_eq!(done, Err(NOT_FOUND), "{act}");
    }
    assert_eq!(it.manager.get(&theirs.id).await.unwrap(), theirs);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_ends_itself_where_the_dialect_lets_it() {
    let it = Setting::new().await;
    assert!(it.manager.dialect().key_may_end_itself(), "where a dialect says nothing");
    let revoked = it.create().await;
    it.by(&revoked.record).revoke(&revoked.record.id, Reach::Key).await.unwrap();
    assert_eq!(it.refusal(&revoked).await, Some(RejectionKind::Revoked));
    let deleted = it.create().await;
    it.by(&deleted.record).delete(&deleted.record.id).await.unwrap();
    assert_eq!(it.refusal(&deleted).await, Some(RejectionKind::Unknown));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_does_not_end_itself_where_the_dialect_does_not_let_it() {
    let it = Setting::of(no_key_ends_itself()).await;
    let issued = it.create().await;
    let (id, manager) = (&issued.record.id, it.by(&issued.record));
    for reach in [Reach::Key, Reach::Descendants] {
        let error = manager.revoke(id, reach).await.unwrap_err();
        assert_eq!(error.to_string(), "Cannot revoke the API key used for this request");
        assert_eq!(error_of::<()>(Err(error)), CONFLICT);
    }
    assert_eq!(error_of(manager.delete(id).await), CONFLICT);
    assert_eq!(it.refusal(&issued).await, None);

    let other = it.create().await;
    manager.revoke(&other.record.id, Reach::Key).await.unwrap();
    assert_eq!(it.refusal(&other).await, Some(RejectionKind::Revoked));
    // Another key comes of that.
    manager.rotate(id, Rotate::now()).await.unwrap();
    assert_eq!(it.refusal(&issued).await, Some(RejectionKind::Revoked));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_may_not_end_itself_is_left_when_it_revokes_its_maker() {
    let it = Setting::of(no_key_ends_itself()).await;
    let root = it.create().await;
    let actor = it.by(&root.record).create(NewKey::new("acme", "actor")).await.unwrap();
    let other = it.by(&root.record).create(NewKey::new("acme", "other")).await.unwrap();
    let revoked = it.by(&actor.record).revoke(&root.record.id, Reach::Descendants).await;
    assert_eq!(error_of(revoked), CONFLICT);
    assert_eq!(it.refusal(&root).await, Some(RejectionKind::Revoked));
    assert_eq!(it.refusal(&other).await, Some(RejectionKind::Revoked));
    assert_eq!(it.refusal(&actor).await, None);
}

fn no_key_ends_itself() -> Dialect {
    let bigspin = include_str!("../../dialects/bigspin.toml");
    let line = "reactivates = true\n";
    let text = bigspin.replace(line, &format!("{line}ends_itself = false\n"));
    let dialect = Dialect::from_toml(&text).unwrap();
    assert!(!dialect.key_may_end_itself());
    dialect
}
