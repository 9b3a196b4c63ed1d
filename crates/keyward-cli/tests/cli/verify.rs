//! Whose key it is, and whether it is good.

use std::sync::Arc;
use std::time::Duration;

use keyward::clock::{TestClock, Timestamp};
use keyward::manage::NewKey;
use serde_json::Value;

use crate::support::Desk;

#[tokio::test]
async fn a_good_key_is_told_with_its_record_and_its_scope() {
    let desk = Desk::new();
    let (id, key) = desk.create(&["--name", "abc", "--scope", "halfpipe-transcripts-write"]).await;
    for stdin in [key.clone(), format!("{key}\n"), format!("{key}\r\nmore\n")] {
        let verified = desk.keys_with(&stdin, &["verify", "--json"]).await;
        assert_eq!((verified.code, &*verified.stderr), (Some(0), ""));
        let document = verified.json();
        assert_eq!(document["valid"], true);
        assert_eq!(document["reason"], Value::Null);
        assert_eq!(document["record"]["id"], id);
    }
    // What satisfies a scope is the dialect's to say.
    let holds = desk.keys_with(&key, &["verify", "--scope", "projects-write"]).await;
    assert_eq!(holds.code, Some(0));
    assert!(holds.stdout.contains(&id), "{}", holds.stdout);
    assert!(holds.stderr.contains("holds projects-write"), "{}", holds.stderr);
    let both = ["verify", "--scope", "projects-read | projects-write"];
    assert_eq!(desk.keys_with(&key, &both).await.code, Some(0));
}

#[tokio::test]
async fn a_refused_key_is_told_with_the_reason() {
    let desk = Desk::new();
    let (id, key) = desk.create(&["--name", "abc", "--scope", "projects-read"]).await;
    let unknown = format!("sk-bigspin-api03-{}", "0".repeat(43));
    for (stdin, scope, reason) in [
        (&*key, "projects-write", "scope"),
        (&key, "projects-read projects-write", "scope"),
        (&unknown, "projects-read", "unknown"),
        ("sk_live_of_another_system", "projects-read", "malformed"),
        ("eyJhbGciOiJIUzI1NiJ9.e30.x", "projects-read", "malformed"),
        ("\u{1b}[2J", "projects-read", "malformed"),
        (&format!("{key} {key}"), "projects-read", "malformed"),
        (&"a".repeat(1 << 20), "projects-read", "malformed"),
    ] {
        let verified = desk.keys_with(stdin, &["verify", "--scope", scope, "--json"]).await;
        assert_eq!(verified.code, Some(1), "{verified:?}");
        assert_eq!(verified.json()["valid"], false);
        assert_eq!(verified.json()["reason"], reason);
        let error: Value = serde_json::from_str(&verified.stderr).unwrap();
        assert_eq!(error["error"]["kind"], "refused");
        let told = desk.keys_with(stdin, &["verify", "--scope", scope]).await;
        told.assert_failed(1, &[reason]);
        assert_eq!(told.stdout.contains(&id), reason == "scope", "whose it is: {}", told.stdout);
    }
}

#[tokio::test]
async fn a_key_whose_time_is_over_is_expired() {
    let desk = Desk::new();
    // Made by somebody whose clock shows 2001, for a day.
    let then = Timestamp::from_millis(1_000_000_000_000);
    let manager = desk.manager(Arc::new(TestClock::at(then))).await;
    let new = NewKey::new("acme", "abc").with_expires_at(then.plus(Duration::from_hours(24)));
    let issued = manager.create(new).await.unwrap();
    let verified = desk.keys_with(issued.key.expose(), &["verify", "--json"]).await;
    assert_eq!(verified.code, Some(1));
    assert_eq!(verified.json()["reason"], "expired");
    let shown = desk.json(&["show", issued.record.id.as_str()]).await;
    assert_eq!(shown["status"], "expired");
    assert_eq!(shown["expires_at"], "2001-09-10T01:46:40.000Z");
}

#[tokio::test]
async fn a_key_without_scopes_is_refused_where_the_dialect_says_so() {
    let desk = Desk::new();
    let at = ["--store", "sqlite://s.db", "--dialect", "systemprompt"];
    let (_, key) = desk.create(&[&["--name", "abc"][..], &at].concat()).await;
    let verified = desk.keys_with(&key, &[&["verify"][..], &at].concat()).await;
    verified.assert_failed(1, &["(scope)", "granted no scopes"]);
}

#[tokio::test]
async fn a_key_on_the_command_line_is_refused_and_not_repeated() {
    let desk = Desk::new();
    let (id, key) = desk.create(&["--name", "abc"]).await;
    for arguments in [
        &["verify", &key][..],
        &["show", &key],
        &["show", &format!("{key}!")],
        &["delete", "--yes", &key],
        &["list", &key],
        &["list", "--status", &key],
        &["update", &id, &key],
    ] {
        let ended = desk.keys(arguments).await;
        ended.assert_failed(2, &["rotate"]);
        assert!(!ended.stderr.contains(&key), "{}", ended.stderr);
    }
}

#[tokio::test]
async fn nothing_on_standard_input_is_a_mistake_and_no_verdict() {
    let desk = Desk::new();
    desk.create(&["--name", "abc"]).await;
    for stdin in ["", "\n", "  \n"] {
        desk.keys_with(stdin, &["verify"]).await.assert_failed(2, &["standard input"]);
    }
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_no_verdict() {
    let desk = Desk::new();
    let (_, key) = desk.create(&["--name", "abc"]).await;
    desk.write("keys.db", &"no database ".repeat(500));
    let verified = desk.keys_with(&key, &["verify", "--json"]).await;
    assert_eq!((verified.code, &*verified.stdout), (Some(2), ""));
    let error: Value = serde_json::from_str(&verified.stderr).unwrap();
    assert_eq!(error["error"]["kind"], "unavailable");
}

#[tokio::test]
async fn a_key_with_networks_is_good_from_there() {
    let desk = Desk::new();
    let (_, key) = desk.create(&["--name", "abc", "--network", "203.0.113.0/24"]).await;
    let from = ["verify", "--from", "203.0.113.7"];
    assert_eq!(desk.keys_with(&key, &from).await.code, Some(0));
    let elsewhere = desk.keys_with(&key, &["verify", "--from", "198.51.100.9"]).await;
    elsewhere.assert_failed(1, &["network", "does not work from 198.51.100.9"]);
    desk.keys_with(&key, &["verify"]).await.assert_failed(1, &["network", "--from"]);
}
