//! The management of keys that the dialect has chosen, for what the dashboard calls.

use std::time::Duration;

use keyward::dialect::Dialect;
use keyward_tests::Management;
use keyward_tests::bigspin::{assert_invalid, assert_missing};
use keyward_tests::forms::{assert_managed, fields, kept_by_no_cache};
use reqwest::Method;
use serde_json::{Value, json};

const RECORD: [&str; 10] = [
    "id",
    "name",
    "description",
    "masked_key",
    "status",
    "permissions",
    "created_by",
    "last_used_at",
    "created_at",
    "updated_at",
];
const NOT_FOUND: &str =
    r#"{"error":{"message":"There is no such API key","type":"not_found_error","code":404}}"#;

async fn open() -> Management {
    Management::of(Dialect::bigspin()).await
}

fn upload() -> Value {
    json!({"name": "production-transcript-upload", "description": "the nightly job"})
}

/// The path below which a new key is managed, and the key.
async fn create(management: &Management, new: &Value) -> (String, String) {
    let created = assert_managed(&management.post("", new).await, 201);
    let text = |field: &str| created["data"][field].as_str().unwrap().to_owned();
    (format!("/{}", text("id")), text("key"))
}

fn invalid(field: &str, sentence: &str) -> String {
    format!(
        r#"{{"error":{{"message":"{sentence}","type":"invalid_request_error","code":400,"param":"{field}"}}}}"#
    )
}

#[tokio::test]
async fn a_new_key_is_shown_once_and_its_record_ever_after() {
    let management = open().await;
    let both = json!(["projects-read", "projects-write"]);
    for (new, description, permissions) in [
        (upload(), json!("the nightly job"), json!("all")),
        (json!({"name": "abc", "permissions": "all"}), Value::Null, json!("all")),
        (json!({"name": "abc", "permissions": both}), Value::Null, both),
    ] {
        let created = assert_managed(&management.post("", &new).await, 201);
        assert_eq!(fields(&created), ["data"]);
        let created = &created["data"];
        assert_eq!(fields(created), [&RECORD[..4], &["key"], &RECORD[4..]].concat());
        let key = created["key"].as_str().unwrap();
        let body = key.strip_prefix("sk-bigspin-api03-").unwrap();
        assert!(body.len() == 43 && body.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_eq!(created["masked_key"], format!("sk-bigspin-a...{}", &body[39..]));
        assert_eq!(created["name"], new["name"]);
        assert_eq!(created["description"], description);
        assert_eq!(created["permissions"], permissions);
        assert_eq!(created["status"], "active");
        assert_eq!(created["created_by"], "ada");
        assert_eq!(created["last_used_at"], Value::Null);
        for field in ["created_at", "updated_at"] {
            assert_eq!(created[field], "2026-01-06T10:00:00.000Z");
        }
        assert_eq!(management.open(key).await.status, 200);

        let mut record = created.clone();
        record.as_object_mut().unwrap().shift_remove("key");
        let read = management.get(&format!("/{}", created["id"].as_str().unwrap())).await;
        assert_managed(&read, 200);
        assert_eq!(read.body, json!({"data": record}).to_string());
    }
}

#[tokio::test]
async fn a_record_says_when_its_key_was_last_let_in() {
    let management = open().await;
    let (path, key) = create(&management, &upload()).await;
    management.clock.advance(Duration::from_secs(90));
    assert_eq!(management.open(&key).await.status, 200);
    management.clock.advance(Duration::from_mins(1));
    assert_eq!(management.act(&format!("{path}/revoke")).await.status, 200);
    assert_eq!(management.open(&key).await.status, 401);
    management.write_uses().await;
    let read = management.get(&path).await.json();
    assert_eq!(read["data"]["last_used_at"], "2026-01-06T10:01:30.000Z");
}

#[tokio::test]
async fn a_list_of_250_keys_is_read_to_its_end_in_pages_of_any_size() {
    let management = open().await;
    let mut newest_first = Vec::new();
    for number in 0..250 {
        let new = json!({"name": format!("key {number}")});
        newest_first.insert(0, create(&management, &new).await.0);
        management.clock.advance(Duration::from_millis(1));
    }
    let elsewhere = Some("grace globex");
    let theirs = management.ask_as(elsewhere, Method::POST, "", Some(&upload())).await;
    assert_managed(&theirs, 201);

    for (limit, pages) in [(None, 13), (Some(7), 36), (Some(100), 3)] {
        let size = limit.unwrap_or(20);
        let mut seen: Vec<Value> = Vec::new();
        for page in 1..=pages + 1 {
            let query = limit.map_or(String::new(), |limit| format!("&limit={limit}"));
            let list = assert_managed(&management.get(&format!("?page={page}{query}")).await, 200);
            assert_eq!(fields(&list), ["data", "pagination"]);
            assert_eq!(
                list["pagination"].to_string(),
                format!(r#"{{"page":{page},"limit":{size},"total":250}}"#)
            );
            let keys = list["data"].as_array().unwrap();
            assert_eq!(keys.len(), (250 - seen.len()).min(size), "page {page} of {size}");
            seen.extend_from_slice(keys);
        }
        let ids = seen.iter().map(|key| format!("/{}", key["id"].as_str().unwrap()));
        assert_eq!(ids.collect::<Vec<_>>(), newest_first, "each once, and no other's");
        assert!(seen.iter().all(|key| fields(key) == RECORD), "without a secret");
    }
    let beyond = management.get("?page=18446744073709551615").await;
    let empty = r#"{"data":[],"pagination":{"page":18446744073709551615,"limit":20,"total":250}}"#;
    assert_eq!((beyond.status, &*beyond.body), (200, empty));
    let least = "Input should be greater than or equal to 1";
    for (query, field, sentence) in [
        ("?page=0", "page", least),
        ("?limit=0", "limit", least),
        ("?limit=101", "limit", "Input should be less than or equal to 100"),
    ] {
        let answer = management.get(query).await;
        assert_managed(&answer, 400);
        assert_eq!(answer.body, invalid(field, sentence));
    }
}

#[tokio::test]
async fn a_key_is_revoked_and_reactivated_from_one_request_to_the_next() {
    let management = open().await;
    let (path, key) = create(&management, &upload()).await;
    for _ in 0..2 {
        for (act, status) in [("revoke", "revoked"), ("reactivate", "active")] {
            // The second time nothing changes.
            for _ in 0..2 {
                let answer = management.act(&format!("{path}/{act}")).await;
                let opened = management.open(&key).await;
                if act == "revoke" {
                    assert_invalid(&opened);
                } else {
                    assert_eq!(opened.status, 200);
                }
                let record = assert_managed(&answer, 200);
                assert_eq!(fields(&record), ["data"]);
                assert_eq!(
                    (fields(&record["data"]), &record["data"]["status"]),
                    (RECORD.to_vec(), &json!(status))
                );
                assert_eq!(management.get(&path).await.body, answer.body);
            }
        }
    }
}

#[tokio::test]
async fn a_deleted_key_is_refused_on_its_next_request_and_is_gone() {
    let management = open().await;
    let (path, key) = create(&management, &upload()).await;
    let (kept_path, kept) = create(&management, &upload()).await;
    assert_eq!(management.open(&key).await.status, 200);
    let deleted = management.ask(Method::DELETE, &path, None).await;
    assert_invalid(&management.open(&key).await);
    assert_eq!((deleted.status, &*deleted.body), (204, ""));
    let name = json!({"name": "New name"});
    for (method, path, body) in [
        (Method::GET, path.clone(), None),
        (Method::PATCH, path.clone(), Some(&name)),
        (Method::POST, format!("{path}/revoke"), None),
        (Method::POST, format!("{path}/reactivate"), None),
        (Method::POST, format!("{path}/rotate"), None),
        (Method::DELETE, path.clone(), None),
    ] {
        let answer = management.ask(method, &path, body).await;
        assert_managed(&answer, 404);
        assert_eq!(answer.body, NOT_FOUND);
    }
    let list = management.get("").await.json();
    assert_eq!(list["pagination"]["total"], 1);
    assert_eq!(list["data"][0]["id"].as_str(), Some(&kept_path[1..]));
    assert_eq!(management.open(&kept).await.status, 200);
}

#[tokio::test]
async fn a_key_is_changed_and_rotated() {
    let management = open().await;
    let (path, key) = create(&management, &upload()).await;
    let change = json!({"name": "def", "description": null, "permissions": ["projects-read"]});
    let changed = management.ask(Method::PATCH, &path, Some(&change)).await;
    let changed = assert_managed(&changed, 200);
    for field in ["name", "description", "permissions"] {
        assert_eq!(changed["data"][field], change[field]);
    }

    let rotation = assert_managed(&management.act(&format!("{path}/rotate")).await, 200);
    assert_invalid(&management.open(&key).await);
    assert_eq!(fields(&rotation["data"]), ["old_key", "new_key"]);
    let (old, new) = (&rotation["data"]["old_key"], &rotation["data"]["new_key"]);
    assert_eq!((fields(old), &old["status"]), (RECORD.to_vec(), &json!("revoked")));
    assert_eq!((&new["name"], &new["permissions"]), (&old["name"], &old["permissions"]));
    assert_eq!(management.open(new["key"].as_str().unwrap()).await.status, 200);
}

#[tokio::test]
async fn a_wrong_request_names_the_field_and_changes_nothing() {
    let management = open().await;
    let short = "String should have at least 3 characters";
    for (body, field, sentence) in [
        (json!({}), "name", "Field required"),
        (json!({"name": "ab"}), "name", short),
        (json!({"name": " ab "}), "name", short),
        (json!({"name": null}), "name", "Input should be a valid string"),
        (json!({"name": "abc", "description": 7}), "description", "Input should be a valid string"),
        (
            json!({"name": "abc", "permissions": "some"}),
            "permissions",
            "Input should be a valid list",
        ),
        (
            json!({"name": "abc", "permissions": ["projects-read", "projects-delete"]}),
            "permissions.1",
            "Input should be 'projects-read', 'projects-write' or 'halfpipe-transcripts-write'",
        ),
        (json!({"name": "abc", "scopes": []}), "scopes", "Extra inputs are not permitted"),
    ] {
        let answer = management.post("", &body).await;
        assert_managed(&answer, 400);
        assert_eq!(answer.body, invalid(field, sentence));
    }
    assert_eq!(management.get("").await.json()["pagination"]["total"], 0);
}

#[tokio::test]
async fn who_is_nobody_is_refused_and_who_is_of_another_workspace_finds_nothing() {
    let management = open().await;
    let (path, key) = create(&management, &upload()).await;
    let name = json!({"name": "Theirs"});
    for (method, path, body) in [
        (Method::GET, path.clone(), None),
        (Method::PATCH, path.clone(), Some(&name)),
        (Method::POST, format!("{path}/revoke"), None),
        (Method::POST, format!("{path}/reactivate"), None),
        (Method::POST, format!("{path}/rotate"), None),
        (Method::DELETE, path.clone(), None),
    ] {
        let nobody = management.ask_as(None, method.clone(), &path, body).await;
        assert_missing(&kept_by_no_cache(&nobody));
        let stranger = management.ask_as(Some("mallory"), method.clone(), &path, body).await;
        assert_invalid(&kept_by_no_cache(&stranger));
        let theirs = management.ask_as(Some("grace globex"), method, &path, body).await;
        assert_managed(&theirs, 404);
        assert_eq!(theirs.body, NOT_FOUND);
    }
    assert_eq!(management.open(&key).await.status, 200);
    assert_eq!(management.get(&path).await.json()["data"]["name"], upload()["name"]);
}
