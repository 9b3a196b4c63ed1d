//! Each act does what it says.

use std::sync::Arc;

use keyward::clock::SystemClock;
use keyward::key::{Creator, KeyId};
use keyward::manage::NewKey;
use serde_json::{Value, json};

use crate::support::{Desk, text};

#[tokio::test]
async fn a_new_key_is_shown_once_and_its_record_ever_after() {
    let desk = Desk::new();
    let created = desk.json(&["create", "--name", "production"]).await;
    let fields: Vec<&str> = created.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = [
        "id",
        "name",
        "workspace",
        "kind",
        "mask",
        "scopes",
        "status",
        "description",
        "resources",
        "rate_limit_per_min",
        "networks",
        "created_by",
        "created_at",
        "updated_at",
        "expires_at",
        "revoked_at",
        "last_used_at",
        "rotated_to",
        "version",
        "metadata",
        "key",
    ];
    assert_eq!(fields, expected);
    assert!(text(&created["key"]).starts_with("sk-bigspin-api03-"));
    assert_eq!(created["workspace"], "default");
    assert_eq!(created["kind"], "secret");
    assert_eq!(created["scopes"], "all");
    assert_eq!(created["resources"], "all");
    assert_eq!(created["status"], "active");
    assert_eq!(created["created_by"], json!({"person": "ada"}));
    assert_eq!(created["expires_at"], Value::Null);

    let mut record = created.clone();
    record.as_object_mut().unwrap().remove("key");
    assert_eq!(desk.json(&["show", &text(&created["id"])]).await, record);
    assert_eq!(desk.json(&["list"]).await, json!([record]));
}

#[tokio::test]
async fn what_a_new_key_is_told_is_kept() {
    let desk = Desk::new();
    #[rustfmt::skip]
    let created = desk.json(&[
        "create", "--name", "upload", "--workspace", "acme", "--kind", "secret",
        "--description", "the nightly job", "--scope", "projects-write,projects-read",
        "--resource", "hp-1", "--resource", "hp, 2", "--rate-limit-per-min", "60",
        "--expires-at", "2099-01-31T13:00:00.5+01:00", "--as", "grace",
        "--network", "2001:db8::/32", "--network", "192.0.2.7",
    ])
    .await;
    assert_eq!(created["workspace"], "acme");
    assert_eq!(created["description"], "the nightly job");
    assert_eq!(created["scopes"], json!(["projects-read", "projects-write"]));
    assert_eq!(created["resources"], json!(["hp-1", "hp, 2"]));
    assert_eq!(created["rate_limit_per_min"], 60);
    assert_eq!(created["networks"], json!(["192.0.2.7/32", "2001:db8::/32"]));
    assert_eq!(created["expires_at"], "2099-01-31T12:00:00.500Z");
    assert_eq!(created["created_by"], json!({"person": "grace"}));
}

#[tokio::test]
async fn scopes_may_be_repeated_and_stand_with_commas_or_spaces_between() {
    let desk = Desk::new();
    for scopes in [
        &["--scope", "projects-read", "--scope", "projects-write"][..],
        &["--scope", "projects-read,projects-write"],
        &["--scope", " projects-write ,\tprojects-read projects-read"],
    ] {
        let created = desk.json(&[&["create", "--name", "abc"], scopes].concat()).await;
        assert_eq!(created["scopes"], json!(["projects-read", "projects-write"]));
    }
    let created = desk.json(&["create", "--name", "abc", "--full-access"]).await;
    assert_eq!(created["scopes"], "all");
}

#[tokio::test]
async fn an_update_changes_what_is_named_and_leaves_the_rest() {
    let desk = Desk::new();
    let (id, _) =
        desk.create(&["--name", "abc", "--scope", "projects-read", "--description", "one"]).await;
    #[rustfmt::skip]
    let updated = desk.json(&[
        "update", &id, "--name", "def", "--resource", "hp-1", "--expires-in", "90d",
        "--rate-limit-per-min", "5", "--network", "10.0.0.0/8",
    ])
    .await;
    assert_eq!(updated["name"], "def");
    assert_eq!(updated["description"], "one");
    assert_eq!(updated["scopes"], json!(["projects-read"]));
    assert_eq!(updated["resources"], json!(["hp-1"]));
    assert_eq!(updated["rate_limit_per_min"], 5);
    assert_eq!(updated["networks"], json!(["10.0.0.0/8"]));
    assert_eq!(updated["version"], 2);
    assert!(updated["expires_at"].is_string());

    #[rustfmt::skip]
    let cleared = desk.json(&[
        "update", &id, "--no-description", "--no-expiry", "--no-rate-limit", "--all-resources",
        "--full-access", "--any-network",
    ])
    .await;
    assert_eq!(cleared["name"], "def");
    assert_eq!(cleared["description"], Value::Null);
    assert_eq!(cleared["expires_at"], Value::Null);
    assert_eq!(cleared["rate_limit_per_min"], Value::Null);
    assert_eq!(cleared["networks"], Value::Null);
    assert_eq!(cleared["resources"], "all");
    assert_eq!(cleared["scopes"], "all");
}

#[tokio::test]
async fn a_rotation_gives_a_new_key_and_ends_the_old_one_at_once_or_after_its_grace() {
    let desk = Desk::new();
    let (id, old) = desk.create(&["--name", "abc", "--scope", "projects-read"]).await;
    let rotation = desk.json(&["rotate", &id, "--grace", "24h"]).await;
    let fields: Vec<&str> = rotation.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(fields, ["old", "new", "key"]);
    assert_eq!(rotation["old"]["id"], id);
    assert_eq!(rotation["old"]["status"], "active");
    assert_eq!(rotation["old"]["rotated_to"], rotation["new"]["id"]);
    assert_eq!(rotation["new"]["scopes"], json!(["projects-read"]));
    let new = text(&rotation["key"]);
    assert_ne!(old, new);
    for key in [&old, &new] {
        assert_eq!(desk.keys_with(key, &["verify"]).await.code, Some(0));
    }

    let second = desk.json(&["rotate", &text(&rotation["new"]["id"])]).await;
    assert_eq!(second["old"]["status"], "revoked");
    desk.keys_with(&new, &["verify"]).await.assert_failed(1, &["revoked"]);
}

#[tokio::test]
async fn a_rotation_is_tried_again_by_its_token_and_by_nothing_else() {
    let desk = Desk::new();
    let (id, _) = desk.create(&["--name", "abc"]).await;
    let rotate = ["rotate", &id, "--retry-token", "deploy 7"];
    let first = desk.json(&rotate).await;
    let again = desk.json(&rotate).await;
    assert_eq!(again["new"], first["new"]);
    assert_eq!(again["key"], Value::Null);
    let told = desk.keys(&rotate).await;
    assert_eq!(told.code, Some(0));
    assert!(told.stderr.contains("done before"), "{}", told.stderr);
    let successor = text(&first["new"]["id"]);
    desk.keys(&["rotate", &id]).await.assert_failed(1, &["rotated already", &successor]);
}

#[tokio::test]
async fn a_revoked_key_can_be_reactivated_and_a_deleted_one_is_gone() {
    let desk = Desk::new();
    let (id, key) = desk.create(&["--name", "abc"]).await;
    let revoked = desk.json(&["revoke", &id]).await;
    assert_eq!(revoked["status"], "revoked");
    assert!(revoked["revoked_at"].is_string());
    desk.keys_with(&key, &["verify"]).await.assert_failed(1, &["revoked"]);

    assert_eq!(desk.json(&["reactivate", &id]).await["status"], "active");
    assert_eq!(desk.keys_with(&key, &["verify"]).await.code, Some(0));

    let deleted = desk.json(&["delete", &id, "--yes"]).await;
    assert_eq!(deleted, json!({"id": id, "deleted": true}));
    desk.keys_with(&key, &["verify"]).await.assert_failed(1, &["no such key"]);
    for act in [&["show"][..], &["revoke"], &["reactivate"], &["rotate"], &["delete", "--yes"]] {
        desk.keys(&[act, &[&id]].concat()).await.assert_failed(1, &["there is no key", &id]);
    }
}

#[tokio::test]
async fn the_keys_that_a_key_made_go_with_it_where_that_is_asked_for() {
    let desk = Desk::new();
    let (parent, _) = desk.create(&["--name", "parent", "--workspace", "acme"]).await;
    let manager = desk.manager(Arc::new(SystemClock::new())).await;
    let creator = Creator::Key(KeyId::new(parent.as_str()));
    let child = NewKey::new("acme", "child");
    let child = manager.acting_as(creator).create(child).await.unwrap().record.id;
    let status = async || text(&desk.json(&["show", child.as_str()]).await["status"]);

    desk.json(&["revoke", &parent]).await;
    assert_eq!(status().await, "active");
    desk.json(&["revoke", &parent, "--with-descendants"]).await;
    assert_eq!(status().await, "revoked");
}

#[tokio::test]
async fn a_named_workspace_hides_the_keys_of_others() {
    let desk = Desk::new();
    let (ours, _) = desk.create(&["--name", "ours", "--workspace", "acme"]).await;
    let (theirs, key) = desk.create(&["--name", "theirs", "--workspace", "globex"]).await;
    let acme = ["--workspace", "acme"];
    let listed = desk.json(&[&["list"][..], &acme].concat()).await;
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!(listed[0]["id"], ours);
    for act in ["show", "revoke", "rotate"] {
        desk.keys(&[&[act, &theirs][..], &acme].concat()).await.assert_failed(1, &["no key"]);
    }
    let verified = desk.keys_with(&key, &["verify", "--workspace", "acme", "--json"]).await;
    assert_eq!(verified.code, Some(1));
    let document = verified.json();
    assert_eq!(document["reason"], "resource");
    assert_eq!(document["record"], Value::Null, "another's key is nobody's business");
}

#[tokio::test]
async fn every_built_in_dialect_and_one_from_a_file_can_be_named() {
    let desk = Desk::new();
    for (dialect, kind, prefix) in [
        ("standard", "live", "kw_live_"),
        ("bigspin", "secret", "sk-bigspin-api03-"),
        ("scribe-sight", "publishable", "pk_live_"),
        ("onepin", "live", "pk_live_"),
        ("systemprompt", "test", "sp_test_"),
    ] {
        let store = format!("sqlite://{dialect}.db");
        let named = ["--store", &store, "--dialect", dialect, "--name", "abc", "--kind", kind];
        let (_, key) = desk.create(&named).await;
        assert!(key.starts_with(prefix), "{dialect}");
    }
    let bigspin = include_str!("../../../keyward-core/dialects/bigspin.toml");
    desk.write("acme.toml", &bigspin.replace("bigspin", "acme"));
    for dialect in ["acme.toml", "./acme.toml"] {
        let (_, key) = desk
            .create(&["--store", "sqlite://acme.db", "--dialect", dialect, "--name", "abc"])
            .await;
        assert!(key.starts_with("sk-acme-api03-"));
    }
}

#[tokio::test]
async fn networks_are_shown_and_one_that_is_none_is_refused() {
    let desk = Desk::new();
    let (id, _) = desk.create(&["--name", "abc", "--network", "203.0.113.0/24"]).await;
    let shown = desk.keys(&["show", &id]).await;
    assert!(shown.stdout.contains("203.0.113.0/24"), "{}", shown.stdout);
    for (network, sentence) in
        [("office", "`office` is not a network"), ("10.0.0.5/8", "write 10.0.0.0/8 or 10.0.0.5/32")]
    {
        desk.keys(&["update", &id, "--network", network]).await.assert_failed(2, &[sentence]);
    }
    let both = ["update", &id, "--network", "10.0.0.0/8", "--any-network"];
    desk.keys(&both).await.assert_failed(2, &["--any-network"]);
}
