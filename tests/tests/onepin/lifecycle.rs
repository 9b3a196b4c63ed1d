//! What becomes of a key: switched off and on, deleted, rotated.

use keyward_tests::onepin::{assert_conflict, assert_invalid, assert_lacks, assert_not_found};
use serde_json::{Value, json};

use crate::stage::{NOBODY, ON_A_KEY, Stage};

const READS: [&str; 1] = ["workflows:read"];

async fn change(stage: &Stage, id: &str, body: &str) -> Value {
    let answer = stage.manage("PATCH", &format!("/{id}"), body).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()["data"].clone()
}

#[tokio::test]
async fn a_key_is_switched_off_and_on_from_the_next_request_on() {
    let stage = Stage::start().await;
    let (record, key) = stage.create("A", &READS).await;
    for active in [false, false, true, true, false, true] {
        let changed = change(&stage, &record.id, &format!(r#"{{"active":{active}}}"#)).await;
        assert_eq!((&changed["active"], changed["revoked_at"].is_null()), (&json!(active), active));
        let answer = stage.get(&key, "/workflows").await;
        if active {
            assert_eq!(answer.status, 200, "{}", answer.body);
        } else {
            assert_invalid(&answer);
        }
    }
}

#[tokio::test]
async fn a_revoked_key_can_be_renamed_and_stays_revoked() {
    let stage = Stage::start().await;
    let (record, key) = stage.create("A", &READS).await;
    let revoked = change(&stage, &record.id, r#"{"name":"B","active":false}"#).await;
    assert_eq!((&revoked["name"], &revoked["active"]), (&json!("B"), &json!(false)));
    let renamed = change(&stage, &record.id, r#"{"name":"C","rate_limit_per_min":7}"#).await;
    assert_eq!((&renamed["name"], &renamed["active"]), (&json!("C"), &json!(false)));
    assert_eq!(renamed["revoked_at"], revoked["revoked_at"]);
    assert_invalid(&stage.get(&key, "/workflows").await);
}

#[tokio::test]
async fn a_deleted_key_can_be_switched_on_again() {
    let stage = Stage::start().await;
    let (record, key) = stage.create("A", &READS).await;
    let path = format!("/{}", record.id);
    let first = stage.manage("DELETE", &path, "").await.json()["data"].clone();
    assert_invalid(&stage.get(&key, "/workflows").await);
    assert_eq!(stage.manage("DELETE", &path, "").await.json()["data"], first);
    assert_eq!(change(&stage, &record.id, r#"{"active":true}"#).await["active"], true);
    assert_eq!(stage.get(&key, "/workflows").await.status, 200);
}

#[tokio::test]
async fn a_change_of_scopes_counts_from_the_next_request_on() {
    let stage = Stage::start().await;
    let (record, key) = stage.create("A", &READS).await;
    assert_eq!(stage.get(&key, "/workflows").await.status, 200);
    change(&stage, &record.id, r#"{"scopes":["voices:read"]}"#).await;
    assert_lacks(&stage.get(&key, "/workflows").await, "workflows:read");
    assert_eq!(stage.get(&key, "/voices").await.status, 200);
    change(&stage, &record.id, r#"{"scopes":[]}"#).await;
    assert_lacks(&stage.get(&key, "/voices").await, "voices:read");
}

#[tokio::test]
async fn what_is_not_named_stays() {
    let stage = Stage::start().await;
    let body = r#"{"name":"A","scopes":["voices:read"],"rate_limit_per_min":60}"#;
    let created = stage.manage("POST", "", body).await.json()["data"].clone();
    let id = created["id"].as_str().unwrap();
    let before = stage.manage("GET", &format!("/{id}"), "").await.json()["data"].clone();
    for nothing in ["{}", r#"{"colour":"red","key_type":"test","id":7}"#, r#"{"active":true}"#] {
        assert_eq!(change(&stage, id, nothing).await, before, "{nothing}");
    }
    for (body, field) in [
        (r#"{"name":"B"}"#, "name"),
        (r#"{"rate_limit_per_min":null}"#, "rate_limit_per_min"),
        (r#"{"scopes":[]}"#, "scopes"),
    ] {
        let before = stage.manage("GET", &format!("/{id}"), "").await.json()["data"].clone();
        let after = change(&stage, id, body).await;
        for (name, value) in after.as_object().unwrap() {
            match &**name {
                "updated_at" => {}
                name => assert_eq!(value == &before[name], name != field, "{name} of {body}"),
            }
        }
    }
}

#[tokio::test]
async fn a_rotated_key_is_replaced_at_once_and_only_once() {
    let stage = Stage::start().await;
    let (record, old_key) = stage.create("A", &READS).await;
    assert_eq!(stage.get(&old_key, "/workflows").await.status, 200);
    let rotate = format!("/{}/rotate", record.id);
    let data = stage.manage("PATCH", &rotate, "").await.json()["data"].clone();
    assert_invalid(&stage.get(&old_key, "/workflows").await);
    let (new_id, new_key) =
        (data["new_key"]["id"].as_str().unwrap(), data["new_key"]["api_key"].as_str().unwrap());
    assert_eq!(stage.get(new_key, "/workflows").await.status, 200);
    assert_lacks(&stage.get(new_key, "/voices").await, "voices:read");

    let before = stage.list("?status=all").await;
    let again = stage.manage("PATCH", &rotate, "").await;
    let sentence = format!("the key was rotated already: `{new_id}` is in its place");
    assert_conflict(&again, &sentence);
    assert_eq!(stage.list("?status=all").await, before);

    let rotated = stage.manage("PATCH", &format!("/{new_id}/rotate"), "").await;
    assert_eq!(rotated.status, 200, "a new key is rotated in its turn");
    assert_invalid(&stage.get(new_key, "/workflows").await);
}

#[tokio::test]
async fn a_revoked_key_is_not_rotated() {
    let stage = Stage::start().await;
    let (record, _) = stage.create("A", &READS).await;
    stage.manage("DELETE", &format!("/{}", record.id), "").await;
    let before = stage.list("?status=all").await;
    let answer = stage.manage("PATCH", &format!("/{}/rotate", record.id), "").await;
    assert_conflict(&answer, "a revoked or expired key cannot be rotated");
    assert_eq!(stage.list("?status=all").await, before);
}

#[tokio::test]
async fn a_key_that_does_not_exist_is_not_found_by_any_operation() {
    let stage = Stage::start().await;
    let long = "a".repeat(5000);
    for id in [NOBODY, "nope", "%FF", "%00", "%2F", "..%2F..", "%20", "'%20OR%201=1", &long] {
        for (method, suffix, body) in ON_A_KEY {
            assert_not_found(&stage.manage(method, &format!("/{id}{suffix}"), body).await);
        }
    }
    for below in ["/", "//", "/a/b", "/a/rotate/", "/a/rotate/b"] {
        assert_not_found(&stage.manage("GET", below, "").await);
    }
}

#[tokio::test]
async fn other_methods_are_told_which_there_are() {
    let stage = Stage::start().await;
    let one = format!("/{NOBODY}");
    let rotate = format!("{one}/rotate");
    for (method, below, allowed) in [
        ("PUT", "", "POST, GET, HEAD"),
        ("DELETE", "", "POST, GET, HEAD"),
        ("PUT", &*one, "GET, PATCH, DELETE, HEAD"),
        ("POST", &one, "GET, PATCH, DELETE, HEAD"),
        ("POST", &rotate, "PATCH"),
        ("GET", &rotate, "PATCH"),
    ] {
        let answer = stage.manage(method, below, "").await;
        assert_eq!(
            (answer.status, answer.header("allow")),
            (405, Some(allowed)),
            "{method} {below}"
        );
        assert_eq!(answer.json()["error"]["code"], "METHOD_NOT_ALLOWED");
    }
}
