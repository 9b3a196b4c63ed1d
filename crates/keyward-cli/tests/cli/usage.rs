//! How often a key was used.

use std::sync::Arc;

use keyward::clock::{Clock, SystemClock};
use keyward::key::KeyId;
use keyward::store::{Flush, KeyLookup, Use};
use keyward::usage::Counts;
use serde_json::json;

use crate::support::Desk;

#[tokio::test]
async fn uses_are_shown_hour_by_hour_and_summed_up() {
    let desk = Desk::new();
    let (id, _) = desk.create(&["--name", "abc"]).await;
    assert_eq!(desk.json(&["usage", &id]).await, json!([]));
    let unused = desk.keys(&["usage", &id, "--days", "7"]).await;
    assert_eq!((unused.code, &*unused.stdout), (Some(0), ""));
    assert!(unused.stderr.contains("not used in the last 7 days"), "{}", unused.stderr);

    let hour = SystemClock::new().now().timestamp.start_of_hour();
    let before = hour.minus(std::time::Duration::from_hours(48));
    let row = |hour, requests| {
        let counts = Counts { requests, scope_refused: 1, limited: 2, expired: 3, revoked: 4 };
        Use { id: KeyId::new(&*id), last_used_at: Some(hour), hour, counts }
    };
    let store = desk.store().await;
    let uses = vec![row(before, 1_000), row(hour, 100)];
    let flush = Flush { recorder: 1, number: 1, at: hour, uses };
    store.uses().unwrap().record(&flush).await.unwrap();
    store.close().await;

    let point = |hour: keyward::clock::Timestamp, requests: u64| {
        json!({
            "hour": hour.to_rfc3339(), "requests": requests, "ok": requests - 10,
            "scope_refused": 1, "limited": 2, "expired": 3, "revoked": 4,
        })
    };
    let points = json!([point(before, 1_000), point(hour, 100)]);
    assert_eq!(desk.json(&["usage", &id]).await, points);
    assert_eq!(desk.json(&["usage", &id, "--days", "1"]).await, json!([point(hour, 100)]));
    let shown = desk.keys(&["usage", &id]).await.stdout;
    let last: Vec<&str> = shown.lines().last().unwrap().split_whitespace().collect();
    assert_eq!(last, ["all", "1100", "1080", "2", "4", "6", "8"]);
    let record = desk.json(&["show", &id]).await;
    assert_eq!(record["last_used_at"], hour.to_rfc3339_millis());
}

#[tokio::test]
async fn a_key_that_is_looked_at_is_not_used() {
    let desk = Desk::new();
    let (id, key) = desk.create(&["--name", "abc"]).await;
    assert_eq!(desk.keys_with(&key, &["verify"]).await.code, Some(0));
    assert_eq!(desk.json(&["usage", &id]).await, json!([]));
    assert!(desk.json(&["show", &id]).await["last_used_at"].is_null());
}

#[tokio::test]
async fn a_key_that_does_not_exist_or_no_number_of_days_is_said_so() {
    let desk = Desk::new();
    let (id, _) = desk.create(&["--name", "abc"]).await;
    desk.keys(&["usage", "no_such_key"]).await.assert_failed(1, &["no_such_key"]);
    desk.keys(&["usage", &id, "--days", "0"]).await.assert_failed(2, &["--days", "1..=36500"]);
    let manager = desk.manager(Arc::new(SystemClock::new())).await;
    manager.delete(&KeyId::new(&*id)).await.unwrap();
    desk.keys(&["usage", &id]).await.assert_failed(1, &[&id]);
}
