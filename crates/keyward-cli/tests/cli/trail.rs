//! What was done to keys, and which are worth a look.

use std::sync::Arc;
use std::time::Duration;

use keyward::clock::{Clock, SystemClock, TestClock, Timestamp};
use keyward::manage::NewKey;
use serde_json::{Value, json};

use crate::support::{Desk, text};

fn acts(list: &Value) -> Vec<(String, String)> {
    let entries = list.as_array().unwrap().iter();
    entries.map(|entry| (text(&entry["act"]), text(&entry["key"]))).collect()
}

#[tokio::test]
async fn the_log_says_who_did_what_the_newest_first() {
    let desk = Desk::new();
    let (first, _) = desk.create(&["--name", "first", "--as", "grace"]).await;
    let (second, _) = desk.create(&["--name", "second", "--workspace", "acme"]).await;
    desk.json(&["update", &first, "--name", "renamed", "--scope", "projects-read"]).await;
    desk.json(&["revoke", &first]).await;
    desk.json(&["delete", &first, "--yes"]).await;

    let log = desk.json(&["log"]).await;
    let told = |act: &str, id: &String| (act.to_owned(), id.clone());
    let of_first = [told("deleted", &first), told("revoked", &first), told("updated", &first)];
    let mut all = of_first.to_vec();
    all.extend([told("created", &second), told("created", &first)]);
    assert_eq!(acts(&log), all);
    let mut updated = log[2].clone();
    let at = Timestamp::from_rfc3339(&text(&updated["at"])).unwrap();
    assert!(at <= SystemClock::new().now().timestamp);
    updated["at"] = Value::Null;
    assert_eq!(
        updated,
        json!({
            "number": 3, "at": null, "act": "updated", "key": first, "name": "renamed",
            "workspace": "default", "by": {"person": "ada"}, "address": null, "request_id": null,
            "fields": ["name", "scopes"], "counterpart": null,
        })
    );
    assert_eq!(log[4]["by"], json!({"person": "grace"}));

    // Also of a key that is gone; of a workspace; so many, and further on.
    assert_eq!(acts(&desk.json(&["log", &first]).await).len(), 4);
    let of_acme = desk.json(&["log", "--workspace", "acme"]).await;
    assert_eq!(acts(&of_acme), [told("created", &second)]);
    assert_eq!(acts(&desk.json(&["log", "--limit", "3"]).await), of_first);
    let further = desk.json(&["log", "--after", "3"]).await;
    assert_eq!(acts(&further), [told("created", &second), told("created", &first)]);

    let shown = desk.keys(&["log"]).await;
    let lines: Vec<&str> = shown.stdout.lines().collect();
    assert_eq!(lines.len(), 6, "{}", shown.stdout);
    assert!(lines[3].contains("updated") && lines[3].contains("name scopes"), "{}", lines[3]);
}

#[tokio::test]
async fn a_rotation_says_of_both_keys_which_the_other_is() {
    let desk = Desk::new();
    let (old, key) = desk.create(&["--name", "a key"]).await;
    let new = text(&desk.json(&["rotate", &old]).await["new"]["id"]);
    let log = desk.json(&["log"]).await;
    let rotation = [("created", &new, &old), ("rotated", &old, &new)];
    for (entry, (act, id, other)) in log.as_array().unwrap().iter().zip(rotation) {
        assert_eq!((text(&entry["act"]).as_str(), &text(&entry["key"])), (act, id));
        assert_eq!(&text(&entry["counterpart"]), other);
    }
    let refused = desk.keys(&["log", &key]).await;
    refused.assert_failed(2, &["not the id of one"]);
}

#[tokio::test]
async fn a_long_log_is_shown_to_its_end() {
    let desk = Desk::new();
    desk.fill(250).await;
    let numbers: Vec<u64> = desk
        .json(&["log"])
        .await
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["number"].as_u64().unwrap())
        .collect();
    assert!(numbers.into_iter().eq((1..=250).rev()));
}

#[tokio::test]
async fn an_audit_names_the_keys_that_are_worth_a_look() {
    let desk = Desk::new();
    let days = |days: u64| Duration::from_hours(24 * days);
    let now = SystemClock::new().now().timestamp;
    let past = Timestamp::from_millis(now.as_millis() - 200 * 86_400_000);
    let manager = desk.manager(Arc::new(TestClock::at(past))).await;
    let old = NewKey::new("acme", "an old key").with_expires_at(now.plus(days(9)));
    let old = manager.create(old).await.unwrap().record.id.to_string();
    let (fresh, _) = desk.create(&["--name", "fresh", "--scope", "projects-read"]).await;
    desk.create(&["--name", "good", "--scope", "projects-read", "--expires-in", "9d"]).await;

    let findings = |list: &Value| -> Vec<(String, Value)> {
        let found = list.as_array().unwrap().iter();
        found.map(|it| (text(&it["id"]), it["findings"].clone())).collect()
    };
    let old_findings = json!(["never_used", "full_access", "due_for_rotation"]);
    assert_eq!(
        findings(&desk.json(&["audit"]).await),
        [(fresh.clone(), json!(["without_expiry"])), (old.clone(), old_findings)]
    );
    let patient = ["audit", "--unused-for", "201d", "--rotate-after", "1year"];
    let of_acme = desk.json(&[&patient[..], &["--workspace", "acme"]].concat()).await;
    assert_eq!(findings(&of_acme), [(old.clone(), json!(["full_access"]))]);

    let shown = desk.keys(&["audit"]).await;
    assert_eq!((shown.code, shown.stdout.lines().count()), (Some(0), 3), "{}", shown.stdout);
    assert!(shown.stdout.contains("never used, full access, due for rotation"));
}

#[tokio::test]
async fn last_use_and_end_are_shown_wherever_a_key_is() {
    let desk = Desk::new();
    let (id, _) = desk.create(&["--name", "a key", "--expires-in", "9d"]).await;
    for arguments in [&["list"][..], &["show", &id], &["audit"]] {
        let shown = desk.keys(arguments).await.stdout;
        assert!(shown.contains("last used") && shown.contains("never"), "{shown}");
        assert!(shown.contains("expires") && shown.contains("in 1 week"), "{shown}");
    }
}
