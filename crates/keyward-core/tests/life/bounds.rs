//! A key that makes keys can give no more than it has.

use std::time::Duration;

use keyward_core::clock::Timestamp;
use keyward_core::dialect::{Dialect, KindForm, ScopeForm};
use keyward_core::key::{Creator, Grant, KeyRecord, PlainKey, Resources};
use keyward_core::manage::{KeyUpdate, ListKeys, NewKey, Reach, Rotate};

use crate::setting::{POWERLESS, Setting, denied, error_of, networks, only, per_min, resources};

fn dialect() -> Dialect {
    let scopes = [("read", "Read"), ("write", "Write"), ("admin", "Everything else")];
    Dialect::builder("acme")
        .kinds([KindForm::new("live", "acme_live_"), KindForm::new("test", "acme_test_")])
        .scopes(scopes)
        .build()
        .unwrap()
}

/// A key that has some of everything, until `end`.
async fn parent(it: &Setting, end: Timestamp) -> KeyRecord {
    let parent = NewKey::new("acme", "parent")
        .with_kind("live")
        .with_grant(only("read write"))
        .with_resources(resources(&["p1", "p2"]))
        .with_expires_at(end)
        .with_rate_limit_per_min(per_min(60))
        .with_networks(networks("10.0.0.0/9 10.128.0.0/9"));
    it.manager.create(parent).await.unwrap().record
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_cannot_give_more_than_it_has() {
    let it = Setting::of(dialect()).await;
    let end = it.now().plus(Duration::from_hours(1));
    let later = end.plus(Duration::from_millis(1));
    let parent = parent(&it, end).await;
    let manager = it.by(&parent);
    let child = || {
        NewKey::new("acme", "child")
            .with_kind("live")
            .with_grant(only("read"))
            .with_resources(resources(&["p1"]))
            .with_expires_at(end)
            .with_rate_limit_per_min(per_min(60))
            .with_networks(networks("10.7.0.0/16"))
    };
    let more = [
        (NewKey::new("globex", "child"), "workspace"),
        (child().with_kind("test"), "kind"),
        (child().with_grant(Grant::All), "scopes"),
        (child().with_grant(only("admin")), "scopes"),
        (child().with_grant(only("read write admin")), "scopes"),
        (child().with_resources(Resources::All), "resources"),
        (child().with_resources(resources(&["p3"])), "resources"),
        (child().with_resources(resources(&["p1", "p2", "p3"])), "resources"),
        (child().with_expires_at(later), "expires_at"),
        (child().with_rate_limit_per_min(per_min(61)), "rate_limit_per_min"),
        (child().with_networks(networks("10.0.0.0/7")), "networks"),
        (child().with_networks(networks("10.7.0.0/16 2001:db8::/32")), "networks"),
    ];
    let live = it.manager.dialect().kind_id("live").unwrap();
    let test = it.manager.dialect().kind_id("test").unwrap();
    for (new, field) in more {
        assert_eq!(error_of(manager.create(new.clone()).await), denied(field));
        // Nor by bringing the secret along.
        let kind = if field == "kind" { test } else { live };
        let secret = it.manager.dialect().issue(kind).unwrap();
        assert_eq!(error_of(manager.adopt(&secret, new).await), denied(field));
    }
    assert_eq!(
        it.manager.list(&ListKeys::new()).await.unwrap().keys,
        std::slice::from_ref(&parent)
    );

    for (new, name) in [
        (child(), "less"),
        (child().with_grant(only("read write")), "all of its scopes"),
        (child().with_grant(only("")), "no scope"),
        (child().with_resources(resources(&["p2", "p1"])), "all of its resources"),
        (child().with_resources(resources(&[])), "no resource"),
        (child().with_expires_at(it.now().plus(Duration::from_millis(1))), "less time"),
        (child().with_rate_limit_per_min(per_min(1)), "less requests"),
        (child().with_networks(networks("10.0.0.0/8")), "all of its networks"),
    ] {
        let made = manager.create(new).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(made.record.created_by, Some(Creator::Key(parent.id.clone())));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_request_leaves_out_is_what_the_acting_key_has() {
    let it = Setting::of(dialect()).await;
    let end = it.now().plus(Duration::from_hours(1));
    let test = NewKey::new("acme", "of the second kind").with_kind("test");
    for parent in [parent(&it, end).await, it.manager.create(test).await.unwrap().record] {
        let manager = it.by(&parent);
        let made = manager.create(NewKey::new("acme", "child")).await.unwrap().record;
        let kind = it.manager.dialect().kind_id(&parent.kind).unwrap();
        let secret = it.manager.dialect().issue(kind).unwrap();
        let adopted = manager.adopt(&secret, NewKey::new("acme", "child")).await.unwrap();
        for child in [made, adopted] {
            assert_eq!((&child.kind, &child.resources), (&parent.kind, &parent.resources));
            assert_eq!(child.expires_at, parent.expires_at);
            assert_eq!(child.rate_limit_per_min, parent.rate_limit_per_min);
            assert_eq!(child.networks, parent.networks);
            assert_eq!(child.grant, only(""), "the scopes are the dialect's default");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn default_scopes_are_denied_to_a_key_that_has_less() {
    let it = Setting::new().await;
    let full = it.create().await.record;
    assert_eq!(full.grant, Grant::All, "what Bigspin grants when nothing is said");
    let made = it.by(&full).create(NewKey::new("acme", "child")).await.unwrap().record;
    assert_eq!(made.grant, Grant::All);

    let reader = NewKey::new("acme", "reader").with_grant(only("projects-read"));
    let reader = it.manager.create(reader).await.unwrap().record;
    let made = it.by(&reader).create(NewKey::new("acme", "child")).await;
    assert_eq!(error_of(made), denied("scopes"));
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
        let parent = it.manager.create(parent).await.unwrap().record;
        let child = NewKey::new("acme", "child").with_grant(only(given));
        match it.by(&parent).create(child).await {
            Ok(_) => assert!(may, "`{own}` gave `{given}`"),
            error => assert_eq!((error_of(error), may), (denied("scopes"), false)),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_has_ended_makes_no_keys() {
    let it = Setting::new().await;
    let revoked = it.create().await.record;
    it.manager.revoke(&revoked.id, Reach::Key).await.unwrap();
    let end = it.now().plus(Duration::from_secs(1));
    let expired = NewKey::new("acme", "expired").with_expires_at(end);
    let expired = it.manager.create(expired).await.unwrap().record;
    it.clock.advance(Duration::from_secs(1));
    let deleted = it.create().await.record;
    it.manager.delete(&deleted.id).await.unwrap();

    let legacy = PlainKey::new("sk-prism-api03-0123456789abcdef".to_owned());
    for key in [revoked, expired, deleted] {
        let child = || NewKey::new("acme", "child");
        assert_eq!(error_of(it.by(&key).create(child()).await), POWERLESS);
        assert_eq!(error_of(it.by(&key).adopt(&legacy, child()).await), POWERLESS);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_in_its_grace_makes_no_key_that_outlives_it() {
    let it = Setting::new().await;
    let parent = it.create().await.record;
    let grace = Duration::from_hours(1);
    it.manager.rotate(&parent.id, Rotate::now().with_grace(grace)).await.unwrap();
    let child = || NewKey::new("acme", "child");
    let end = it.now().plus(grace);
    let later = child().with_expires_at(end.plus(Duration::from_millis(1)));
    assert_eq!(error_of(it.by(&parent).create(later).await), denied("expires_at"));
    assert!(it.by(&parent).create(child().with_expires_at(end)).await.is_ok());
    let inherited = it.by(&parent).create(child()).await.unwrap().record;
    assert_eq!(inherited.expires_at, Some(end));
}

#[tokio::test]
async fn a_key_with_the_dialects_limit_gives_no_higher_one() {
    let dialect = Dialect::builder("acme").rate_limit_per_min(60).build().unwrap();
    let it = Setting::of(dialect).await;
    let parent = it.manager.create(NewKey::new("acme", "parent")).await.unwrap().record;
    let manager = it.by(&parent);
    let child = || NewKey::new("acme", "child");
    let denied = manager.create(child().with_rate_limit_per_min(per_min(61))).await.unwrap_err();
    assert_eq!(denied.field(), Some("rate_limit_per_min"));
    for new in [child(), child().with_rate_limit_per_min(per_min(60))] {
        let child = manager.create(new).await.unwrap().record;
        let more = KeyUpdate::new().with_rate_limit_per_min(Some(per_min(61)));
        let denied = manager.update(&child.id, more).await.unwrap_err();
        assert_eq!(denied.field(), Some("rate_limit_per_min"));
    }
}

#[tokio::test]
async fn a_key_with_networks_lifts_those_of_no_key() {
    let it = Setting::of(dialect()).await;
    let parent = parent(&it, it.now().plus(Duration::from_hours(1))).await;
    let manager = it.by(&parent);
    let child = manager.create(NewKey::new("acme", "child")).await.unwrap().record;
    for key in [&child, &parent] {
        for wider in [None, Some(networks("0.0.0.0/0"))] {
            let update = KeyUpdate::new().with_networks(wider);
            assert_eq!(error_of(manager.update(&key.id, update).await), denied("networks"));
        }
    }
    let narrower = KeyUpdate::new().with_networks(Some(networks("10.1.2.3")));
    let narrow = manager.update(&child.id, narrower).await.unwrap();
    let rotated = manager.rotate(&child.id, Rotate::now()).await.unwrap().new;
    assert_eq!(
        (rotated.networks, narrow.networks),
        (Some(networks("10.1.2.3")), Some(networks("10.1.2.3")))
    );
    // Whoever acts for no key lifts them.
    let lifted = it.manager.update(&parent.id, KeyUpdate::new().with_networks(None)).await.unwrap();
    assert_eq!(lifted.networks, None);
}
