//! Bodies that are too large, never end, or are of another type.

use keyward::dialect::Dialect;
use keyward_tests::Raw;
use serde_json::json;

use crate::stage::{Sender, Stage};

async fn stage() -> (Stage, Sender, String) {
    let stage = Stage::of_keys(Dialect::standard(), "/api-keys").await;
    let admin = stage.issue("admin", "keys:read keys:write").await;
    let secret = admin.key.expose().to_owned();
    (stage, Sender::of(&admin), secret)
}

async fn head(stage: &Stage, secret: &str, more: &str) -> Raw {
    let mut connection = Raw::connect(stage.server.address).await;
    let head = format!(
        "POST /api-keys HTTP/1.1\r\nhost: test\r\nauthorization: Bearer {secret}\r\ncontent-type: application/json\r\n{more}\r\n\r\n"
    );
    connection.send(head.as_bytes()).await;
    connection
}

#[tokio::test]
async fn what_is_announced_as_too_large_is_refused_before_it_is_read() {
    let (stage, _, secret) = stage().await;
    let mut connection = head(&stage, &secret, "content-length: 65537").await;
    let answer = connection.answer().await;
    assert_eq!((answer.status, &answer.json()["code"]), (413, &json!("too_large")));
}

#[tokio::test]
async fn what_never_ends_is_read_up_to_the_limit() {
    let (stage, _, secret) = stage().await;
    let mut connection = head(&stage, &secret, "transfer-encoding: chunked").await;
    let chunk = format!("8000\r\n{}\r\n", "x".repeat(0x8000));
    for _ in 0..3 {
        connection.send(chunk.as_bytes()).await;
    }
    assert_eq!(connection.answer().await.status, 413);
}

#[tokio::test]
async fn the_largest_body_is_read() {
    let (stage, admin, _) = stage().await;
    let body = format!(r#"{{"name":"a"{}}}"#, " ".repeat(65_536 - 12));
    assert_eq!(body.len(), 65_536);
    assert_eq!(stage.send("POST", "", &admin, Some(&body)).await.status, 201);
    assert_eq!(stage.send("POST", "", &admin, Some(&format!("{body} "))).await.status, 413);
}

#[tokio::test]
async fn only_json_that_says_so_is_read() {
    let (stage, admin, _) = stage().await;
    let client = stage.server.client();
    for (content_type, status) in [
        (Some("application/json"), 201),
        (Some("Application/JSON; charset=utf-8"), 201),
        (Some("application/merge-patch+json"), 201),
        (Some("text/plain"), 422),
        (Some("application/x-www-form-urlencoded"), 422),
        (None, 422),
    ] {
        let mut request = client.request(http::Method::POST, "/api-keys").body(r#"{"name":"a"}"#);
        for (name, value) in &admin.0 {
            request = request.header(*name, value);
        }
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        assert_eq!(client.send(request).await.status, status, "{content_type:?}");
    }
}

#[tokio::test]
async fn the_last_of_two_fields_counts_and_depth_is_bounded() {
    let (stage, admin, _) = stage().await;
    let twice = stage.send("POST", "", &admin, Some(r#"{"name":7,"name":"a"}"#)).await;
    assert_eq!(twice.json()["name"], "a");
    let deep = format!(r#"{{"name":{}"#, "[".repeat(60_000));
    let answer = stage.send("POST", "", &admin, Some(&deep)).await;
    assert_eq!(answer.json()["errors"][0]["code"], "json_invalid");
}

#[tokio::test]
async fn an_answer_lists_fifty_faults_at_most() {
    let (stage, admin, _) = stage().await;
    let body = format!(r#"{{"name":"a","scopes":[1{}]}}"#, ",1".repeat(20_000));
    let answer = stage.send("POST", "", &admin, Some(&body)).await;
    assert_eq!(answer.json()["errors"].as_array().unwrap().len(), 50);
}
