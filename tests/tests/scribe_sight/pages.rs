//! Lists that are longer than a page.

use keyward_tests::System;
use serde_json::{Value, json};

use super::service::{KEYS, made, revoke, start_in_memory, text};

const MADE: usize = 250;
/// With those of the demo.
const TOTAL: usize = MADE + 4;

async fn page(system: &System, query: &str) -> Value {
    let answer = system.get("read", &format!("{KEYS}?{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

fn ids(page: &Value) -> Vec<String> {
    let records = page["data"].as_array().unwrap();
    records.iter().map(|record| text(&record["id"]).to_owned()).collect()
}

fn next(page: &Value) -> Option<&str> {
    let next = page["pagination"]["next_cursor"].as_str();
    assert_eq!(page["pagination"]["has_more"], next.is_some());
    next
}

/// The ids on the pages that follow a first one, to the end.
async fn walk(system: &System, first: &Value, limit: usize) -> Vec<Vec<String>> {
    let mut pages = vec![ids(first)];
    let mut cursor = next(first).map(str::to_owned);
    while let Some(after) = cursor {
        let page = page(system, &format!("limit={limit}&cursor={after}")).await;
        pages.push(ids(&page));
        cursor = next(&page).map(str::to_owned);
        assert!(pages.len() <= TOTAL + 1, "no end in sight");
    }
    pages
}

#[tokio::test]
async fn a_long_list_is_read_to_its_end_page_by_page() {
    let system = start_in_memory().await;
    let mut made_ids = Vec::new();
    for number in 0..MADE {
        let key = made(&system, "secret", &json!({"name": format!("key {number}")})).await;
        made_ids.push(text(&key["id"]).to_owned());
    }
    let all = walk(&system, &page(&system, "limit=100").await, 100).await.concat();
    assert_eq!(all.len(), TOTAL);
    let mut sorted = all.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(sorted.len(), TOTAL, "each once");
    assert!(made_ids.iter().all(|id| all.contains(id)));

    // With pages of 1 and 2 the last one is full, and nothing follows.
    for limit in [1, 2, 7, 20, 64, 99, 100] {
        let pages = walk(&system, &page(&system, &format!("limit={limit}")).await, limit).await;
        assert_eq!(pages.concat(), all, "pages of {limit}");
        assert_eq!(pages.len(), TOTAL.div_ceil(limit));
        let (last, full) = pages.split_last().unwrap();
        assert!(full.iter().all(|page| page.len() == limit) && (1..=limit).contains(&last.len()));
    }
    let unsaid = page(&system, "").await;
    assert_eq!(ids(&unsaid), all[..20], "twenty where nothing is said");

    what_changes_meanwhile_moves_no_page(&system, &all).await;
    a_cursor_opens_no_other_organization(&system, next(&unsaid).unwrap()).await;
}

async fn what_changes_meanwhile_moves_no_page(system: &System, all: &[String]) {
    let first = page(system, "limit=50").await;
    made(system, "secret", &json!({"name": "newer"})).await;
    // The last of the page before, where the cursor stands, and one that is still to come.
    for id in [&all[49], &all[60]] {
        assert_eq!(revoke(system, "secret", id).await.status, 204);
    }
    let mut expected = all.to_vec();
    expected.remove(60);
    assert_eq!(walk(system, &first, 50).await.concat(), expected);
}

async fn a_cursor_opens_no_other_organization(system: &System, cursor: &str) {
    let list = system.get("other", &format!("{KEYS}?cursor={cursor}")).await.json();
    let names: Vec<&str> =
        list["data"].as_array().unwrap().iter().map(|record| text(&record["name"])).collect();
    assert!(names.iter().all(|name| *name == "Somebody else"), "{names:?}");
}
