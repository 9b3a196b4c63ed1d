use keyward::dialect::Dialect;
use keyward_tests::Answer;
use serde_json::{Value, json};

use crate::stage::{Sender, Stage};

async fn stage() -> Stage {
    Stage::of_keys(Dialect::scribe_sight(), "/api/v1/api-keys").await
}

fn assert_body(answer: &Answer, status: u16, body: &str) {
    let id = answer.header("x-request-id").unwrap();
    assert!(id.starts_with("req_"));
    assert_eq!((answer.status, &*answer.body), (status, &*body.replace("ID", id)));
}

#[tokio::test]
async fn a_secret_key_creates_keys() {
    let stage = stage().await;
    let writer = Sender::of(&stage.issue("CI", "read write").await);
    let body = r#"{"name":"CI/CD Pipeline","scopes":["read","write"],"project_ids":["proj_x"],"colour":"ignored"}"#;
    let answer = stage.send("POST", "", &writer, Some(body)).await;
    assert_eq!(answer.status, 201);
    let data = answer.json()["data"].clone();
    let text = |field: &str| data[field].as_str().unwrap().to_owned();
    assert_eq!(text("key_prefix"), text("key")[..12]);
    assert_eq!(
        answer.body,
        format!(
            r#"{{"data":{{"id":"{}","name":"CI/CD Pipeline","key_prefix":"{}","key":"{}","scopes":["read","write"],"project_ids":["proj_x"],"created_at":"{}"}}}}"#,
            text("id"),
            text("key_prefix"),
            text("key"),
            text("created_at")
        )
    );
    let usual = stage.send("POST", "", &writer, Some(r#"{"name":"b","project_ids":null}"#)).await;
    assert_eq!(usual.json()["data"]["scopes"], json!(["read", "write"]));
    assert_eq!(usual.json()["data"]["project_ids"], Value::Null);
    assert_eq!(stage.send("GET", "", &Sender::key(&text("key")), None).await.status, 200);
}

#[tokio::test]
async fn a_revoked_key_is_refused_and_no_longer_listed() {
    let stage = stage().await;
    let writer = Sender::of(&stage.issue("CI", "read write").await);
    let other = stage.issue("other", "read").await;
    let path = format!("/{}", other.record.id);
    let deleted = stage.send("DELETE", &path, &writer, None).await;
    assert_eq!((deleted.status, &*deleted.body), (204, ""));
    assert_eq!(deleted.header("content-type"), None);
    let page = stage.send("GET", "?limit=1", &writer, None).await.json();
    assert_eq!(page["data"][0]["name"], "CI");
    assert_eq!(page["pagination"], json!({"has_more": false, "next_cursor": null}));
    let client = stage.server.client();
    assert_eq!(client.get("/api/v1/api-keys", other.key.expose()).await.status, 401);
}

#[tokio::test]
async fn the_key_of_a_request_is_not_revoked_by_it() {
    let stage = stage().await;
    let own = stage.issue("CI", "read write").await;
    let answer =
        stage.send("DELETE", &format!("/{}", own.record.id), &Sender::of(&own), None).await;
    assert_body(
        &answer,
        409,
        r#"{"error":{"code":"conflict","message":"Cannot revoke the API key used for this request"},"meta":{"request_id":"ID"}}"#,
    );
    assert_eq!(stage.send("GET", "", &Sender::of(&own), None).await.status, 200);
}

#[tokio::test]
async fn a_key_gives_neither_scopes_nor_projects_that_it_lacks() {
    let stage = stage().await;
    let reader = Sender::of(&stage.issue("reads", "read").await);
    let no_scope = r#"{"error":{"code":"insufficient_permissions","message":"Key lacks required scope"},"meta":{"request_id":"ID"}}"#;
    assert_body(&stage.send("POST", "", &reader, Some(r#"{"name":"x"}"#)).await, 403, no_scope);

    let restricted = Sender::of(&stage.issue_for("read write", &["p1", "p2"]).await);
    let no_project = r#"{"error":{"code":"insufficient_permissions","message":"Key cannot access this project"},"meta":{"request_id":"ID"}}"#;
    for projects in [r#"["p1","p3"]"#, "null"] {
        let body = format!(r#"{{"name":"x","project_ids":{projects}}}"#);
        assert_body(&stage.send("POST", "", &restricted, Some(&body)).await, 403, no_project);
    }
    let inherited = stage.send("POST", "", &restricted, Some(r#"{"name":"x"}"#)).await.json();
    assert_eq!(inherited["data"]["project_ids"], json!(["p1", "p2"]));
}

#[tokio::test]
async fn a_publishable_key_manages_nothing() {
    let stage = stage().await;
    let new = keyward::manage::NewKey::new("acme", "web").with_kind("publishable");
    let issued = stage.keys.manager.create(new).await.unwrap();
    let sender = Sender::of(&issued);
    assert_eq!(stage.send("GET", "", &sender, None).await.status, 403);
    assert_eq!(stage.send("POST", "", &sender, Some(r#"{"name":"x"}"#)).await.status, 403);
}

#[tokio::test]
async fn the_first_fault_is_in_the_details() {
    let stage = stage().await;
    let writer = Sender::of(&stage.issue("CI", "read write").await);
    for (body, field, reason) in [
        ("{}", "name", "Field required"),
        (r#"{"name":7}"#, "name", "Input should be a valid string"),
        (r#"{"name":""}"#, "name", "String should have at least 1 character"),
        (
            r#"{"name":"a\u0000b"}"#,
            "name",
            "Value error, leave out control characters: only tabs and line breaks are text",
        ),
        (r#"{"name":"x","scopes":"read"}"#, "scopes", "Input should be a valid list"),
        (r#"{"name":"x","scopes":null}"#, "scopes", "Input should be a valid list"),
        (
            r#"{"name":"x","scopes":["read","admin"]}"#,
            "scopes.1",
            "Input should be 'read' or 'write'",
        ),
        (r#"{"name":"x","project_ids":[null]}"#, "project_ids.0", "Input should be a valid string"),
        ("[]", "body", "Input should be a valid dictionary or object to extract fields from"),
        ("{", "body", "JSON decode error"),
    ] {
        let expected = json!({"field": field, "reason": reason}).to_string();
        assert_body(
            &stage.send("POST", "", &writer, Some(body)).await,
            400,
            &format!(
                r#"{{"error":{{"code":"invalid_request","message":"Validation failed","details":{expected}}},"meta":{{"request_id":"ID"}}}}"#
            ),
        );
    }
    let limit = stage.send("GET", "?limit=101", &writer, None).await;
    assert_eq!(limit.status, 400);
    assert_eq!(limit.json()["error"]["details"]["field"], "limit");
}

#[tokio::test]
async fn operations_that_the_service_lacks_do_not_exist() {
    let stage = stage().await;
    let writer = Sender::of(&stage.issue("CI", "read write").await);
    let id = stage.issue("other", "read").await.record.id;
    let answer = stage.send("GET", &format!("/{id}"), &writer, None).await;
    assert_eq!((answer.status, answer.header("allow")), (405, Some("DELETE")));
    let rotate = stage.send("PATCH", &format!("/{id}/rotate"), &writer, None).await;
    assert_body(
        &rotate,
        404,
        r#"{"error":{"code":"not_found","message":"API key not found"},"meta":{"request_id":"ID"}}"#,
    );
}

#[tokio::test]
async fn a_publishable_key_does_not_learn_which_operations_there_are() {
    let stage = stage().await;
    let new = keyward::manage::NewKey::new("acme", "page").with_kind("publishable");
    let page = Sender::of(&stage.keys.manager.create(new).await.unwrap());
    for (method, below) in [("GET", "/key_x"), ("PUT", ""), ("OPTIONS", ""), ("GET", "/a/b")] {
        assert_body(
            &stage.send(method, below, &page, None).await,
            403,
            r#"{"error":{"code":"insufficient_permissions","message":"Key lacks required scope"},"meta":{"request_id":"ID"}}"#,
        );
    }
}
