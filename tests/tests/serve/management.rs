//! The dialect's management API, for operators.

use keyward::dialect::Dialect;
use keyward_tests::Served;
use reqwest::Method;
use serde_json::{Value, json};

use crate::KEYWARD;

#[tokio::test]
async fn a_key_lives_from_its_creation_to_its_end() {
    let served = Served::start(KEYWARD, &[]).await;
    let (id, key) = served.create(json!({"scopes": ["a"]})).await;
    let path = format!("/api-keys/{id}");
    let shown = served.client.get(&path, served.operator()).await.json();
    let creator = shown["created_by"].to_string();
    assert!(creator.contains("first operator ("), "{creator}");

    let request = served.client.request(Method::PATCH, &path).bearer_auth(served.operator());
    let updated = served.client.send(request.json(&json!({"name": "renamed"}))).await;
    assert_eq!((updated.status, &updated.json()["name"]), (200, &json!("renamed")));
    let rotated = served.post(&format!("{path}/rotate"), &json!({})).await.json();
    let new = rotated["new"]["key"].as_str().unwrap();
    assert_eq!(served.client.get("/auth", new).await.status, 200);
    assert_eq!(served.client.get("/auth", &key).await.status, 401);
    let request = served.client.request(Method::DELETE, &path).bearer_auth(served.operator());
    assert_eq!(served.client.send(request).await.status, 204);
    assert_eq!(served.client.get(&path, served.operator()).await.status, 404);
}

#[tokio::test]
async fn a_workspace_that_the_body_cannot_name_is_named_by_a_header() {
    let served = Served::start(KEYWARD, &["--dialect", "bigspin"]).await;
    let create = async |workspace: Option<&str>| {
        let mut request = served.client.request(Method::POST, "/api/v1/api-keys");
        if let Some(workspace) = workspace {
            request = request.header("x-workspace-id", workspace);
        }
        let request = request.bearer_auth(served.operator()).json(&json!({"name": "a job"}));
        let created = served.client.send(request).await;
        assert_eq!(created.status, 201, "{}", created.body);
        created.json()["data"]["key"].as_str().unwrap().to_owned()
    };
    for (named, workspace) in [(Some("acme"), "acme"), (None, "default")] {
        let key = create(named).await;
        let verdict = served.verify(&json!({"key": key})).await.json();
        assert_eq!(verdict["workspace"], workspace);
    }
}

#[tokio::test]
async fn every_dialect_is_managed_where_it_says() {
    for name in Dialect::BUILT_IN {
        let served = Served::start(KEYWARD, &["--dialect", name, "--store", "memory:"]).await;
        let dialect = Dialect::named(name).unwrap();
        let path = dialect.management().unwrap().path().to_owned();
        let listed = served.client.get(&path, served.operator()).await;
        assert_eq!(listed.status, 200, "{name}: {}", listed.body);
        let stranger = served.client.get_without_key(&path).await;
        assert_eq!(stranger.status, 401);
        let nothing: Value = served.client.get_without_key("/nowhere").await.json();
        assert_eq!(nothing["code"], "not_found");
    }
}
