//! Whatever is sent to an endpoint, it answers in the API's own words and goes on.

use keyward::dialect::Dialect;
use keyward_tests::forms::fields;
use keyward_tests::hostile::{Target, assert_goes_on};
use keyward_tests::{Answer, Management, System};
use serde_json::json;
use tokio::runtime::Runtime;

use super::{API, start};

const ENDPOINTS: [(&str, &str); 8] = [
    ("GET", "/projects"),
    ("POST", "/projects"),
    ("GET", "/projects/{}"),
    ("GET", "/projects/{}/transcripts"),
    ("POST", "/projects/{}/transcripts"),
    ("GET", "/transcripts/{}"),
    ("POST", "/halfpipe/sessions"),
    ("POST", "/halfpipe/transcripts"),
];

/// An error says what, of which type, and repeats the status.
fn assert_error(answer: &Answer) {
    assert!((400..500).contains(&answer.status), "{}", answer.body);
    let body = answer.json();
    assert_eq!(fields(&body), ["error"]);
    let error = &body["error"];
    let names = ["message", "type", "code", "param"];
    assert_eq!(fields(error), names[..if error.get("param").is_some() { 4 } else { 3 }]);
    assert!(error["message"].is_string() && error["type"].is_string());
    assert_eq!(error["code"], answer.status);
}

fn assert_is_an_answer(answer: &Answer) {
    if ![200, 201].contains(&answer.status) {
        return assert_error(answer);
    }
    let body = answer.json();
    if body["data"].is_array() {
        assert_eq!(fields(&body), ["data", "pagination", "processing_time_ms"]);
        assert_eq!(fields(&body["pagination"]), ["page", "limit", "total"]);
    } else {
        assert_eq!(fields(&body), ["data", "processing_time_ms"]);
    }
}

async fn target(system: &System) -> Target {
    let id = |body: &serde_json::Value| body["data"]["id"].as_str().unwrap().to_owned();
    let project = id(&system.post("full", "/projects", &json!({"name": "Support"})).await.json());
    let upload = json!({"name": "Call", "turns": [{"role": "user", "content": "Hello"}]});
    let path = format!("/projects/{project}/transcripts");
    let transcript = id(&system.post("full", &path, &upload).await.json());
    Target {
        address: system.program.address,
        credential: format!("authorization: Bearer {}", system.program.key("full")),
        fields: vec![
            ("name", json!("Any")),
            ("turns", upload["turns"].clone()),
            ("modelName", json!("model-1")),
            ("projectId", json!(project)),
        ],
        ids: vec![project, transcript],
        parameters: &["page", "limit"],
    }
}

#[test]
fn whatever_comes_to_an_endpoint_is_answered_in_the_words_of_the_api() {
    let runtime = Runtime::new().unwrap();
    let system = runtime.block_on(start());
    let target = runtime.block_on(target(&system));
    for (method, path) in ENDPOINTS {
        target.answers(&runtime, method, &format!("{API}{path}"), assert_is_an_answer);
    }
    runtime.block_on(assert_goes_on(system, "read", "/projects"));
}

/// A transcript may have 10 MB, so it takes more than that.
#[tokio::test]
async fn a_body_of_20_mb_is_too_large_for_every_endpoint_that_reads_one() {
    let system = start().await;
    let target = target(&system).await;
    let transcripts = format!("/projects/{}/transcripts", target.ids[0]);
    for path in ["/projects", &*transcripts, "/halfpipe/sessions", "/halfpipe/transcripts"] {
        for chunked in [false, true] {
            let path = format!("{API}{path}");
            let answer = target.send_large("POST", &path, 20_000_000, chunked).await;
            assert_eq!(answer.status, 413);
            assert_error(&answer);
        }
    }
    let name_of_10_mb = format!("{API}/projects");
    let answer = target.send_large("POST", &name_of_10_mb, 10_000_000, false).await;
    assert_eq!((answer.status, &answer.json()["error"]["param"]), (400, &json!("name")));
    assert_goes_on(system, "read", "/projects").await;
}

#[test]
fn whatever_comes_to_the_management_of_keys_is_answered_in_the_words_of_the_api() {
    let runtime = Runtime::new().unwrap();
    let management = runtime.block_on(Management::of(Dialect::bigspin()));
    let key = runtime.block_on(management.post("", &json!({"name": "abc"}))).json();
    let target = Target {
        address: management.server.address,
        credential: "x-operator: ada acme".to_owned(),
        ids: vec![key["data"]["id"].as_str().unwrap().to_owned()],
        fields: vec![("name", json!("Any")), ("permissions", json!(["projects-read"]))],
        parameters: &["page", "limit"],
    };
    let is_an_answer = |answer: &Answer| match answer.status {
        200 | 201 => assert_eq!(fields(&answer.json())[0], "data"),
        204 => {}
        _ => assert_error(answer),
    };
    let path = "/api/v1/api-keys";
    for (method, below) in [
        ("GET", ""),
        ("POST", ""),
        ("GET", "/{}"),
        ("PATCH", "/{}"),
        ("POST", "/{}/revoke"),
        ("POST", "/{}/reactivate"),
        ("POST", "/{}/rotate"),
        ("DELETE", "/{}"),
    ] {
        target.answers(&runtime, method, &format!("{path}{below}"), is_an_answer);
    }
    let answer = runtime.block_on(target.announce_large("POST", path));
    assert_eq!(answer.status, 413);
    assert_error(&answer);
    assert_eq!(runtime.block_on(management.get("")).status, 200);
}
