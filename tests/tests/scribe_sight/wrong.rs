//! Requests about keys that are wrong, and what is said of them.

use keyward_tests::raw;
use keyward_tests::scribe_sight::{NO_KEY, NO_METHOD, assert_answers, invalid, request_id};
use keyward_tests::system::assert_refuses_bad_bodies;
use keyward_tests::{Answer, Raw, System};
use reqwest::Method;
use serde_json::json;

use super::service::{KEYS, id_of, revoke, start_in_memory};

#[track_caller]
fn assert_wrong(answer: &Answer, field: &str, reason: &str) {
    assert_answers(answer, 400, &invalid(field, reason), &[("cache-control", "no-store")]);
}

async fn create(system: &System, content_type: Option<&str>, body: impl Into<Vec<u8>>) -> Answer {
    let mut request = system.client.request(Method::POST, KEYS).body(body.into());
    if let Some(content_type) = content_type {
        request = request.header("content-type", content_type);
    }
    system.client.send(request.bearer_auth(system.program.key("secret"))).await
}

#[tokio::test]
async fn a_wrong_field_is_named_with_the_reason() {
    let system = start_in_memory().await;
    let text = "Input should be a valid string";
    let list = "Input should be a valid list";
    let scope = "Input should be 'read' or 'write'";
    for (body, field, reason) in [
        (json!({}), "name", "Field required"),
        (json!({"Name": "CI"}), "name", "Field required"),
        (json!({"name": null}), "name", text),
        (json!({"name": 7}), "name", text),
        (json!({"name": ["CI"]}), "name", text),
        (json!({"name": ""}), "name", "String should have at least 1 character"),
        (json!({"name": " \t\n"}), "name", "String should have at least 1 character"),
        (json!({"name": "a".repeat(256)}), "name", "String should have at most 255 characters"),
        (
            json!({"name": "a\u{0}b"}),
            "name",
            "Value error, leave out control characters: only tabs and line breaks are text",
        ),
        (json!({"name": "CI", "scopes": null}), "scopes", list),
        (json!({"name": "CI", "scopes": "read"}), "scopes", list),
        (json!({"name": "CI", "scopes": {"read": true}}), "scopes", list),
        (json!({"name": "CI", "scopes": ["admin"]}), "scopes.0", scope),
        (json!({"name": "CI", "scopes": ["read", "upload-initiate"]}), "scopes.1", scope),
        (json!({"name": "CI", "scopes": ["read", 7]}), "scopes.1", text),
        (json!({"name": "CI", "scopes": [["read"]]}), "scopes.0", text),
        (json!({"name": "CI", "project_ids": "proj_interviews"}), "project_ids", list),
        (json!({"name": "CI", "project_ids": {}}), "project_ids", list),
        (json!({"name": "CI", "project_ids": [null]}), "project_ids.0", text),
        (json!({"name": "CI", "project_ids": ["a", 1e300]}), "project_ids.1", text),
    ] {
        assert_wrong(&system.post("secret", KEYS, &body).await, field, reason);
    }
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_wrong_as_a_whole() {
    let system = start_in_memory().await;
    let object = "Input should be a valid dictionary or object to extract fields from";
    let json = Some("application/json");
    let good = r#"{"name":"CI"}"#;
    let deep = format!("{{\"name\":{}", "[".repeat(30_000));
    for body in ["{", "{\"name\":\"CI\"", "{'name':'CI'}", "CI", "{\"name\":\"CI\"}x", &deep] {
        assert_wrong(&create(&system, json, body).await, "body", "JSON decode error");
    }
    let marked = [b"\xef\xbb\xbf", good.as_bytes()].concat();
    for body in [b"\xff\xfe".to_vec(), b"{\"name\":\"\xff\"}".to_vec(), marked] {
        assert_wrong(&create(&system, json, body).await, "body", "JSON decode error");
    }
    for body in ["[1]", "null", "7", "\"CI\"", "[{\"name\":\"CI\"}]"] {
        assert_wrong(&create(&system, json, body).await, "body", object);
    }
    assert_wrong(&create(&system, json, "").await, "body", "Field required");
    for other in [None, Some("text/plain"), Some("application/x-www-form-urlencoded"), Some("")] {
        assert_wrong(&create(&system, other, good).await, "body", object);
    }
    for same in ["application/json; charset=utf-8", "Application/JSON", "application/ld+json"] {
        assert_eq!(create(&system, Some(same), good).await.status, 201, "{same}");
    }
    assert_refuses_bad_bodies(&system, "secret", KEYS).await;
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_announced_or_not() {
    let system = start_in_memory().await;
    let too_large = r#"{"error":{"code":"payload_too_large","message":"The body is too large"},"meta":{"request_id":"{{request_id}}"}}"#;
    let body = |length: usize| format!("{{\"name\":\"CI\"{}}}", " ".repeat(length - 13));
    assert_eq!(create(&system, Some("application/json"), body(64 * 1024)).await.status, 201);
    let answer = create(&system, Some("application/json"), body(64 * 1024 + 1)).await;
    assert_answers(&answer, 413, too_large, &[("cache-control", "no-store")]);

    let mut chunked = Raw::connect(system.program.address).await;
    let key = system.program.key("secret");
    let head = format!(
        "POST /api/v1/api-keys HTTP/1.1\r\nhost: test\r\nauthorization: Bearer {key}\r\n\
         content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
    );
    chunked.send(head.as_bytes()).await;
    let chunk = format!("{:x}\r\n{}\r\n", 64 * 1024 + 1, body(64 * 1024 + 1));
    chunked.send(chunk.as_bytes()).await;
    assert_answers(&chunked.answer().await, 413, too_large, &[("cache-control", "no-store")]);
}

#[tokio::test]
async fn what_is_wrong_about_a_page_is_named_with_the_reason() {
    let system = start_in_memory().await;
    let integer = "Input should be a valid integer, unable to parse string as an integer";
    let cursor =
        "Value error, this is not a cursor of a list of keys: send back the one that a page gave";
    for (query, field, reason) in [
        ("limit=0", "limit", "Input should be greater than or equal to 1"),
        ("limit=-1", "limit", "Input should be greater than or equal to 1"),
        ("limit=101", "limit", "Input should be less than or equal to 100"),
        ("limit=", "limit", integer),
        ("limit=ten", "limit", integer),
        ("limit=1.5", "limit", integer),
        ("limit=0x10", "limit", integer),
        ("limit=%FF", "limit", integer),
        ("limit=20&limit=0", "limit", "Input should be greater than or equal to 1"),
        ("cursor=", "cursor", cursor),
        ("cursor=x", "cursor", cursor),
        ("cursor=.key_a", "cursor", cursor),
        ("cursor=-1.key_a", "cursor", cursor),
        ("cursor=1.", "cursor", cursor),
        ("cursor=1.%00", "cursor", cursor),
        ("cursor=%FF", "cursor", cursor),
        ("cursor=10000000000000000.key_a", "cursor", cursor),
    ] {
        let answer = system.get("read", &format!("{KEYS}?{query}")).await;
        assert_wrong(&answer, field, reason);
    }
    let huge = format!("{KEYS}?limit={}", "9".repeat(60));
    let reason = "Unable to parse input string as an integer, exceeded maximum size";
    assert_wrong(&system.get("read", &huge).await, "limit", reason);

    for query in ["", "limit=1", "limit=100", "limit=0&limit=20", "limit=%2B5", "offset=-1&x"] {
        assert_eq!(system.get("read", &format!("{KEYS}?{query}")).await.status, 200, "{query}");
    }
    // Far away, there is nothing; the end of time is no mistake.
    for cursor in ["0.key_a", "7fffffffffffffff.key_a", "ffffffffffffffff.key_a"] {
        let answer = system.get("read", &format!("{KEYS}?cursor={cursor}")).await;
        assert_eq!(answer.status, 200, "{cursor}");
    }
}

#[tokio::test]
async fn an_id_that_is_not_of_the_organization_is_none_at_all() {
    let system = start_in_memory().await;
    let theirs = id_of(&system, "other").await;
    let mut answers = vec![revoke(&system, "secret", &theirs).await];
    for id in ["key_000000000000", "key_", "x", "%20", "%00", "%FF", "%2e%2e%2f", "org_globex"] {
        let path = format!("DELETE /api/v1/api-keys/{id} HTTP/1.1\r\nhost: test\r\n");
        let key = format!("authorization: Bearer {}\r\n\r\n", system.program.key("secret"));
        let mut connection = Raw::connect(system.program.address).await;
        connection.send((path + &key).as_bytes()).await;
        answers.push(connection.answer().await);
    }
    answers.push(revoke(&system, "secret", &"a".repeat(4_000)).await);
    for answer in &answers {
        assert_answers(answer, 404, NO_KEY, &[("cache-control", "no-store")]);
        assert_eq!(answer.header_names(), answers[0].header_names());
    }
    assert_eq!(system.get("other", "/org").await.status, 200, "it works as before");
}

#[tokio::test]
async fn what_keys_do_not_know_is_told_to_those_with_a_secret_key_alone() {
    let system = start_in_memory().await;
    let one = format!("{KEYS}/key_nobody");
    for (method, path, allowed) in [
        (Method::PUT, KEYS, "POST, GET, HEAD"),
        (Method::DELETE, KEYS, "POST, GET, HEAD"),
        (Method::GET, &*one, "DELETE"),
        (Method::PATCH, &one, "DELETE"),
        (Method::POST, &one, "DELETE"),
    ] {
        let answer = system.ask("read", method, path, None).await;
        let more = [("cache-control", "no-store"), ("allow", allowed)];
        assert_answers(&answer, 405, NO_METHOD, &more);
    }
    for path in ["/rotate", "/reactivate", "/revoke", "/"] {
        let answer = system.post("secret", &format!("{one}{path}"), &json!({})).await;
        assert_answers(&answer, 404, NO_KEY, &[("cache-control", "no-store")]);
    }
    let key = format!("authorization: Bearer {}", system.program.key("secret"));
    for path in ["/api/v1/api-keys/a/b", "/api/v1/api-keys//", "/api/v1/api-keys/%2F/x"] {
        let answer = raw(system.program.address, path, &[key.as_bytes()]).await;
        assert_answers(&answer, 404, NO_KEY, &[("cache-control", "no-store")]);
    }
    for path in ["/api/v1/API-KEYS", "//api/v1/api-keys", "/api/v1/api%2Dkeys", "/api-keys"] {
        let answer = raw(system.program.address, path, &[key.as_bytes()]).await;
        assert_eq!(answer.status, 404, "{path}");
        request_id(&answer);
    }
}
