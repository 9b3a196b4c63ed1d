//! The list of keys, page by page.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use keyward::clock::{TestClock, Timestamp};
use keyward::manage::NewKey;
use keyward_tests::onepin::{ACME, assert_faults};
use serde_json::{Value, json};

use crate::stage::Stage;

/// With the three that the program made for the workspace.
const KEYS: usize = 250;

async fn make_keys(stage: &Stage) -> Vec<String> {
    let ids = stage.list("?status=all&limit=100").await;
    let mut ids: Vec<String> = ids_of(&ids).rev().collect();
    for number in ids.len()..KEYS {
        ids.push(stage.create(&format!("Key {number}"), &[]).await.0.id);
    }
    ids
}

fn ids_of(list: &Value) -> impl DoubleEndedIterator<Item = String> {
    let records = list["data"].as_array().unwrap();
    records.iter().map(|record| record["id"].as_str().unwrap().to_owned())
}

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort_unstable();
    ids
}

/// Follows links of one name from a page to the end: all pages on the way.
async fn follow(stage: &Stage, query: &str, link: &str) -> Vec<Value> {
    let mut pages = vec![stage.list(query).await];
    while let Some(url) = pages.last().unwrap()["pagination"][link].as_str() {
        let query = url.strip_prefix("/api/v1/api-keys").unwrap().to_owned();
        assert!(pages.len() <= KEYS, "a link that leads nowhere: {query}");
        pages.push(stage.list(&query).await);
    }
    pages
}

#[tokio::test]
async fn all_keys_are_met_on_the_way_to_the_end_and_back() {
    let stage = Stage::start().await;
    let made = make_keys(&stage).await;
    for id in made.iter().step_by(5) {
        assert_eq!(stage.manage("DELETE", &format!("/{id}"), "").await.status, 200);
    }
    let (revoked, active): (Vec<_>, Vec<_>) =
        made.iter().cloned().enumerate().partition(|(number, _)| number % 5 == 0);
    let numbers_off = |ids: Vec<(usize, String)>| ids.into_iter().map(|(_, id)| id).collect();
    let (revoked, active): (Vec<_>, Vec<_>) = (numbers_off(revoked), numbers_off(active));

    for (query, ids, pages) in [
        ("?", &active, 4),
        ("?status=active&limit=100", &active, 2),
        ("?status=revoked&limit=7", &revoked, 8),
        ("?status=all&limit=100", &made, 3),
        ("?status=all&limit=50", &made, 5),
    ] {
        let forward = follow(&stage, query, "next").await;
        assert_eq!(forward.len(), pages, "{query}");
        let met: Vec<String> = forward.iter().flat_map(ids_of).collect();
        assert_eq!(met.iter().collect::<HashSet<_>>().len(), met.len(), "none twice");
        assert_eq!(sorted(met), sorted(ids.clone()), "{query}");
        for (number, page) in forward.iter().enumerate() {
            let pagination = &page["pagination"];
            assert_eq!(pagination["total"], ids.len());
            assert_eq!(pagination["prev"].is_null(), number == 0);
            let links: Vec<_> = pagination.as_object().unwrap().keys().collect();
            assert_eq!(links, ["limit", "total", "next", "prev"]);
        }

        let Some(last) = forward.iter().rev().nth(1) else { continue };
        let last = last["pagination"]["next"].as_str().unwrap();
        let last = last.strip_prefix("/api/v1/api-keys").unwrap();
        let mut back = follow(&stage, last, "prev").await;
        back.reverse();
        let data = |pages: &[Value]| pages.iter().map(|page| page["data"].clone()).collect();
        let (back, forward): (Vec<_>, Vec<_>) = (data(&back), data(&forward));
        assert_eq!(back, forward, "{query}");
    }
}

#[tokio::test]
async fn the_newest_keys_come_first() {
    let stage = Stage::start().await;
    let clock = Arc::new(TestClock::at(Timestamp::from_millis(1_000_000_000_000)));
    let manager = stage.elsewhere(Arc::<TestClock>::clone(&clock)).await;
    for name in ["A", "B", "C"] {
        manager.create(NewKey::new(ACME, name)).await.unwrap();
        clock.advance(Duration::from_millis(1));
    }
    let list = stage.list("?offset=3").await;
    let names: Vec<_> = list["data"].as_array().unwrap().iter().map(|key| &key["name"]).collect();
    assert_eq!(names, ["C", "B", "A"], "after those of the first start");
}

#[tokio::test]
async fn a_page_may_begin_anywhere() {
    let stage = Stage::start().await;
    for name in ["A", "B"] {
        stage.create(name, &[]).await;
    }
    let all: Vec<String> = ids_of(&stage.list("").await).collect();
    for offset in 0..=7 {
        let page = stage.list(&format!("?offset={offset}&limit=3")).await;
        let expected: Vec<String> = all.iter().skip(offset).take(3).cloned().collect();
        assert_eq!(ids_of(&page).collect::<Vec<_>>(), expected);
        let link = |offset: usize| json!(format!("/api/v1/api-keys?limit=3&offset={offset}"));
        let next = if offset + 3 < 5 { link(offset + 3) } else { Value::Null };
        let prev = if offset > 0 { link(offset.saturating_sub(3)) } else { Value::Null };
        assert_eq!(page["pagination"], json!({"limit": 3, "total": 5, "next": next, "prev": prev}));
    }
    for offset in ["4294967296", "9223372036854775808", "18446744073709551615"] {
        let page = stage.list(&format!("?offset={offset}")).await;
        assert_eq!((&page["data"], &page["pagination"]["total"]), (&json!([]), &json!(5)));
        assert_eq!(page["pagination"]["next"], Value::Null);
    }
}

#[tokio::test]
async fn limits_and_offsets_are_integers_within_bounds() {
    let stage = Stage::start().await;
    for limit in [1, 2, 100] {
        let page = stage.list(&format!("?limit={limit}")).await;
        assert_eq!(page["pagination"]["limit"], limit);
    }
    let integer = "Input should be a valid integer, unable to parse string as an integer";
    let size = "Unable to parse input string as an integer, exceeded maximum size";
    let many = "9".repeat(100);
    let at_least = |least: u64| format!("Input should be greater than or equal to {least}");
    let at_most = |most: u64| format!("Input should be less than or equal to {most}");
    let (low, high) = ("greater_than_equal", "less_than_equal");
    for (parameter, value, message, code) in [
        ("limit", "0", &*at_least(1), low),
        ("limit", "-1", &at_least(1), low),
        ("limit", "101", &at_most(100), high),
        ("limit", "18446744073709551616", &at_most(100), high),
        ("limit", &many, size, "int_parsing_size"),
        ("limit", "", integer, "int_parsing"),
        ("limit", "ten", integer, "int_parsing"),
        ("limit", "5.0", integer, "int_parsing"),
        ("limit", "%FF", integer, "int_parsing"),
        ("limit", "1%00", integer, "int_parsing"),
        ("offset", "-1", &at_least(0), low),
        ("offset", "18446744073709551616", &at_most(u64::MAX), high),
        ("offset", "x", integer, "int_parsing"),
        ("offset", "", integer, "int_parsing"),
        ("offset", "0x10", integer, "int_parsing"),
    ] {
        let fault =
            format!(r#"{{"loc":["query","{parameter}"],"msg":"{message}","type":"{code}"}}"#);
        let answer = stage.manage("GET", &format!("?{parameter}={value}"), "").await;
        assert_faults(&answer, &[&fault]);
    }
}

#[tokio::test]
async fn a_status_is_one_of_three_words() {
    let stage = Stage::start().await;
    let (record, _) = stage.create("A", &[]).await;
    stage.manage("DELETE", &format!("/{}", record.id), "").await;
    for (query, total) in
        [("", 3), ("?status=active", 3), ("?status=revoked", 1), ("?status=all", 4)]
    {
        assert_eq!(stage.list(query).await["pagination"]["total"], total, "{query}");
    }
    assert_eq!(ids_of(&stage.list("?status=revoked").await).collect::<Vec<_>>(), [record.id]);
    for status in ["", "ACTIVE", "deleted", "active%20", "active,revoked", "%00", "null"] {
        let answer = stage.manage("GET", &format!("?status={status}"), "").await;
        let fault = r#"{"loc":["query","status"],"msg":"Input should be 'active', 'revoked' or 'all'","type":"enum"}"#;
        assert_faults(&answer, &[fault]);
    }
}
