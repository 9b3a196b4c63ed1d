//! Whatever is sent to an endpoint, it answers in the API's own words and goes on.

use keyward::dialect::Dialect;
use keyward_tests::forms::fields;
use keyward_tests::hostile::{Target, assert_goes_on};
use keyward_tests::{Answer, Management, System};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::{API, RESOURCES, start};

const ENDPOINTS: [(&str, &str); 6] = [
    ("GET", ""),
    ("POST", ""),
    ("GET", "/{}"),
    ("PUT", "/{}"),
    ("PATCH", "/{}"),
    ("DELETE", "/{}"),
];

/// An error says what, in a sentence, and repeats the status.
fn assert_error(answer: &Answer, body: &Value) {
    assert_eq!(fields(body), ["error"]);
    let error = &body["error"];
    assert_eq!(fields(error), ["code", "message", "status"]);
    assert!(error["code"].is_string() && error["message"].is_string());
    assert_eq!(error["status"], answer.status);
    assert!((400..500).contains(&answer.status), "{}", answer.body);
}

fn assert_is_an_answer(answer: &Answer) {
    if answer.status == 204 {
        return;
    }
    let body = answer.json();
    let list = ["items", "total", "page", "per_page"];
    let item = ["id", "name", "description", "created_at", "updated_at"];
    match answer.status {
        200 if body.get("items").is_some() => assert_eq!(fields(&body), list),
        200 | 201 => assert_eq!(fields(&body), item),
        _ => assert_error(answer, &body),
    }
}

async fn target(system: &System, things: &str) -> Target {
    let item = system.post("live", &format!("/{things}"), &json!({"name": "First"})).await;
    Target {
        address: system.program.address,
        credential: format!("authorization: Bearer {}", system.program.key("live")),
        ids: vec![item.json()["id"].as_str().unwrap().to_owned()],
        fields: vec![("name", json!("Any")), ("description", json!("Good"))],
        parameters: &["page", "per_page"],
    }
}

#[test]
fn whatever_comes_to_an_endpoint_is_answered_in_the_words_of_the_api() {
    let runtime = Runtime::new().unwrap();
    let system = runtime.block_on(start());
    for things in RESOURCES {
        let target = runtime.block_on(target(&system, things));
        for (method, below) in ENDPOINTS {
            let path = format!("{API}/{things}{below}");
            target.answers(&runtime, method, &path, assert_is_an_answer);
        }
    }
    runtime.block_on(assert_goes_on(system, "reader", "/skills"));
}

#[tokio::test]
async fn a_body_of_10_mb_is_too_large_for_every_endpoint_that_reads_one() {
    let system = start().await;
    let too_large =
        r#"{"error":{"code":"payload_too_large","message":"The body is too large","status":413}}"#;
    for things in RESOURCES {
        let target = target(&system, things).await;
        let list = format!("{API}/{things}");
        let one = format!("{list}/{}", target.ids[0]);
        for (method, path) in [("POST", &list), ("PUT", &one), ("PATCH", &one)] {
            for chunked in [false, true] {
                let answer = target.send_large(method, path, 10_000_000, chunked).await;
                assert_eq!((answer.status, &*answer.body), (413, too_large));
            }
        }
    }
    assert_goes_on(system, "reader", "/skills").await;
}

#[test]
fn whatever_comes_to_the_management_of_keys_is_answered_in_the_words_of_the_api() {
    let runtime = Runtime::new().unwrap();
    let management = runtime.block_on(Management::of(Dialect::systemprompt()));
    let key = runtime.block_on(management.post("", &json!({"name": "CI"}))).json();
    let target = Target {
        address: management.server.address,
        credential: "x-operator: ada acme".to_owned(),
        ids: vec![key["id"].as_str().unwrap().to_owned()],
        fields: vec![
            ("name", json!("Any")),
            ("scopes", json!(["mcp:read"])),
            ("expires_at", json!("2099-01-01T00:00:00Z")),
        ],
        parameters: &["page", "per_page"],
    };
    let is_an_answer = |answer: &Answer| match answer.status {
        200 | 201 => assert!(answer.json()["error"].is_null()),
        204 => {}
        _ => assert_error(answer, &answer.json()),
    };
    let path = "/api/v1/api-keys";
    for (method, below) in [
        ("GET", ""),
        ("POST", ""),
        ("GET", "/{}"),
        ("PATCH", "/{}"),
        ("POST", "/{}/revoke"),
        ("POST", "/{}/rotate"),
        ("DELETE", "/{}"),
    ] {
        target.answers(&runtime, method, &format!("{path}{below}"), is_an_answer);
    }
    let answer = runtime.block_on(target.announce_large("POST", path));
    assert_eq!(answer.status, 413);
    assert_error(&answer, &answer.json());
    assert_eq!(runtime.block_on(management.get("")).status, 200);
}
