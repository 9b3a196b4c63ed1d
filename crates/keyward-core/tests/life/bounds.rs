//! A key that makes keys can give no more than it has.

use std::num::NonZeroU32;
use std::time::Duration;

use keyward_core::dialect::{Dialect, KindForm, ScopeForm};
use keyward_core::key::{Creator, Grant, PlainKey, Resources};
use keyward_core::manage::{KeyUpdate, ListKeys, NewKey, Reach, Rotate};

use crate::setting::{NOT_FOUND, Setting, denied, error_of, only};

fn dialect() -> Dialect {
    let scopes = [("read", "Read"), ("write", "Write"), ("admin", "Everything else")];
    Dialect::builder("acme")
        .kinds([KindForm::new("live", "acme_live_"), KindForm::new("test", "acme_test_")])
        .scopes(scopes)
        .build()
        .unwrap()
}

fn per_min(limit: u32) -> NonZeroU32 {
    NonZeroU32::new(limit).unwrap()
}

fn resources(ids: &[&str]) -> Resources {
    Resources::Only(ids.iter().map(|id| (*id).to_owned()).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_cannot_give_more_than_it_has() {
    let it = Setting::of(dialect()).await;
    let end = it.now().plus(Duration::from_hours(1));
    let later = end.plus(Duration::from_millis(1));
    let parent = NewKey::new("acme", "parent")
        .with_kind("live")
        .with_grant(only("read write"))
        .with_resources(resources(&["p1", "p2"]))
        .with_expires_at(end)
        .with_rate_limit_per_min(per_min(60));
    let parent = it.manager.create(parent).await.unwrap().record;
    let child = |workspace: &str| {
        NewKey::new(workspace, "child")
            .with_kind("live")
            .with_grant(only("read"))
            .with_resources(resources(&["p1"]))
            .with_expires_at(end)
            .with_rate_limit_per_min(per_min(60))
            .with_created_by(Creator::Key(parent.id.clone()))
    };
    let mut unlimited = NewKey::new("acme", "child")
        .with_kind("live")
        .with_grant(only("read"))
        .with_resources(resources(&["p1"]))
        .with_created_by(Creator::Key(parent.id.clone()));
    let endless = unlimited.clone().with_rate_limit_per_min(per_min(1));
    unlimited = unlimited.with_expires_at(end);
    let anywhere = NewKey::new("acme", "child")
        .with_kind("live")
        .with_grant(only("read"))
        .with_expires_at(end)
        .with_rate_limit_per_min(per_min(60))
        .with_created_by(Creator::Key(parent.id.clone()));

    let more = [
        (child("globex"), "workspace"),
        (child("acme").with_kind("test"), "kind"),
        (child("acme").with_grant(Grant::All), "scopes"),
        (child("acme").with_grant(only("admin")), "scopes"),
        (child("acme").with_grant(only("read write admin")), "scopes"),
        (anywhere, "resources"),
        (child("acme").with_resources(resources(&["p3"])), "resources"),
        (child("acme").with_resources(resources(&["p1", "p2", "p3"])), "resources"),
        (child("acme").with_expires_at(later), "expires_at"),
        (endless, "expires_at"),
        (child("acme").with_rate_limit_per_min(per_min(61)), "rate_limit_per_min"),
        (unlimited, "rate_limit_per_min"),
    ];
    let live = it.manager.dialect().kind_id("live").unwrap();
    let test = it.manager.dialect().kind_id("test").unwrap();
    for (new, field) in more {
        assert_eq!(error_of(it.manager.create(new.clone()).await), denied(field));
        // Nor by bringing the secret along.
        let kind = if field == "kind" { test } else { live };
        let secret = it.manager.dialect().issue(kind).unwrap();
        assert_eq!(error_of(it.manager.adopt(&secret, new).await), denied(field));
    }
    assert_eq!(it.manager.list(&ListKeys::new()).await.unwrap().keys.len(), 1);

    for (new, name) in [
        (child("acme"), "less"),
        (child("acme").with_grant(only("read write")), "all of its scopes"),
        (child("acme").with_grant(only("")), "no scope"),
        (child("acme").with_resources(resources(&["p2", "p1"])), "all of its resources"),
        (child("acme").with_resources(resources(&[])), "no resource"),
    ] {
        assert!(it.manager.create(new).await.is_ok(), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_gives_no_scope_that_is_good_for_more_than_its_own() {
    let scopes = [
        ScopeForm::new("read", "Read").with_satisfied_by(["write"]),
        ScopeForm::new("write", "Write").with_satisfied_by(["upload"]),
        ScopeForm::new("upload", "Write, formerly"),
    ];
    let it = Setting::of(Dialect::builder("acme").scopes(scopes).build().unwrap()).await;
    // `upload` does for `write`, and `write` for `read`, but `upload` does not for `read`.
    for (own, given, may) in [
        ("upload", "upload", true),
        ("upload", "write", false),
        ("upload read", "write", true),
        ("write", "write read", true),
        ("write", "upload", false),
    ] {
        let parent = NewKey::new("acme", "parent").with_grant(only(own));
        let parent = it.manager.create(parent).await.unwrap().record.id;
        let child = NewKey::new("acme", "child").with_grant(only(given));
        let made = it.manager.create(child.with_created_by(Creator::Key(parent))).await;
        match made {
            Ok(_) => assert!(may, "`{own}` gave `{given}`"),
            error => assert_eq!((error_of(error), may), (denied("scopes"), false)),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_has_ended_makes_no_keys() {
    let it = Setting::new().await;
    let child = |parent: &keyward_core::manage::Issued| {
        NewKey::new("acme", "child").with_created_by(Creator::Key(parent.record.id.clone()))
    };
    let revoked = it.create().await;
    it.manager.revoke(&revoked.record.id, Reach::Key).await.unwrap();
    assert_eq!(error_of(it.manager.create(child(&revoked)).await), denied("created_by"));

    let end = it.now().plus(Duration::from_secs(1));
    let expired = NewKey::new("acme", "expired").with_expires_at(end);
    let expired = it.manager.create(expired).await.unwrap();
    it.clock.advance(Duration::from_secs(1));
    assert_eq!(error_of(it.manager.create(child(&expired)).await), denied("created_by"));

    let deleted = it.create().await;
    it.manager.delete(&deleted.record.id).await.unwrap();
    assert_eq!(error_of(it.manager.create(child(&deleted)).await), NOT_FOUND);

    let legacy = PlainKey::new("sk-prism-api03-0123456789abcdef".to_owned());
    assert_eq!(error_of(it.manager.adopt(&legacy, child(&revoked)).await), denied("created_by"));
    assert_eq!(error_of(it.manager.adopt(&legacy, child(&deleted)).await), NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_in_its_grace_makes_no_key_that_outlives_it() {
    let it = Setting::new().await;
    let parent = it.create().await.record;
    let grace = Duration::from_hours(1);
    it.manager.rotate(&parent.id, Rotate::now().with_grace(grace)).await.unwrap();
    let child = || NewKey::new("acme", "child").with_created_by(Creator::Key(parent.id.clone()));
    let end = it.now().plus(grace);
    let later = child().with_expires_at(end.plus(Duration::from_millis(1)));
    assert_eq!(error_of(it.manager.create(child()).await), denied("expires_at"));
    assert_eq!(error_of(it.manager.create(later).await), denied("expires_at"));
    assert!(it.manager.create(child().with_expires_at(end)).await.is_ok());
}

/// The parent is looked at in the transaction that makes the child.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_parent_that_loses_a_right_meanwhile_does_not_give_it() {
    let it = Setting::new().await;
    for round in 0..200 {
        let parent = it.create().await.record;
        let child = NewKey::new("acme", "child")
            .with_grant(only("projects-write"))
            .with_created_by(Creator::Key(parent.id.clone()));
        let making = tokio::spawn({
            let manager = it.manager.clone();
            async move { manager.create(child).await }
        });
        let less = KeyUpdate::new().with_grant(only("projects-read"));
        let update = it.manager.update(&parent.id, less).await.unwrap();
        if making.await.unwrap().is_ok() {
            // Then it was made before: the change feed has it first.
            let made = ListKeys::new().with_created_by(Creator::Key(parent.id.clone()));
            let made = it.manager.list(&made).await.unwrap().keys;
            assert_eq!((made.len(), update.version), (1, 2), "round {round}");
        }
        let child = NewKey::new("acme", "late child")
            .with_grant(only("projects-write"))
            .with_created_by(Creator::Key(parent.id));
        assert_eq!(error_of(it.manager.create(child).await), denied("scopes"));
    }
}
