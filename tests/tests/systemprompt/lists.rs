//! Lists come in pages, to the end.

use keyward_tests::bigspin::assert_refused;
use keyward_tests::forms::{assert_json, fields};
use serde_json::{Value, json};

use crate::start;

const COUNT: usize = 250;

#[tokio::test]
async fn a_list_of_250_is_read_to_its_end_in_pages_of_any_size() {
    let system = start().await;
    let mut all = Vec::new();
    for number in 0..COUNT {
        let created = system.post("live", "/content", &json!({"name": number.to_string()})).await;
        all.push(assert_json(&created, 201));
    }
    for (per_page, pages) in [(None, 13), (Some(1), 250), (Some(7), 36), (Some(100), 3)] {
        let mut seen: Vec<Value> = Vec::new();
        let size = per_page.unwrap_or(20);
        for page in 1..=pages + 1 {
            let query = per_page.map_or(String::new(), |size| format!("&per_page={size}"));
            let answer = system.get("reader", &format!("/content?page={page}{query}")).await;
            let list = assert_json(&answer, 200);
            assert_eq!(fields(&list), ["items", "total", "page", "per_page"]);
            assert_eq!(
                (&list["total"], &list["page"], &list["per_page"]),
                (&json!(COUNT), &json!(page), &json!(size))
            );
            let items = list["items"].as_array().unwrap();
            let left = COUNT - seen.len();
            assert_eq!(items.len(), left.min(size), "page {page} of {size}");
            seen.extend_from_slice(items);
        }
        assert_eq!(seen, all, "each once, the oldest first");
    }
    let beyond = system.get("reader", "/content?page=18446744073709551615&per_page=100").await;
    let empty = r#"{"items":[],"total":250,"page":18446744073709551615,"per_page":100}"#;
    assert_eq!((beyond.status, &*beyond.body), (200, empty));
    let first = system.get("reader", "/content?ignored=1&per_page=1").await.json();
    assert_eq!((&first["page"], &first["items"][0]), (&json!(1), &all[0]));
}

#[tokio::test]
async fn a_page_that_cannot_be_names_its_parameter() {
    let system = start().await;
    for (parameter, values, sentence) in [
        (
            "page",
            &["0", "-1", "x", "", "1.5", "1e3", "99999999999999999999999", "%FF"][..],
            "The 'page' parameter must be an integer from 1.",
        ),
        (
            "per_page",
            &["0", "101", "-5", "all", "", "20.0", "%00"],
            "The 'per_page' parameter must be 1 to 100.",
        ),
    ] {
        let expected = format!(
            r#"{{"error":{{"code":"validation_error","message":"{sentence}","status":422}}}}"#
        );
        for value in values {
            let answer = system.get("reader", &format!("/skills?{parameter}={value}")).await;
            assert_refused(&answer, 422, &expected, &[]);
        }
    }
}
