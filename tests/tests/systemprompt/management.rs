//! The management of keys that the dialect has chosen, for what the dashboard calls.

use std::time::Duration;

use keyward::dialect::Dialect;
use keyward_tests::Management;
use keyward_tests::forms::{assert_managed, fields, kept_by_no_cache};
use keyward_tests::systemprompt::{
    assert_expired, assert_invalid, assert_lacks_everything, assert_missing,
};
use reqwest::Method;
use serde_json::{Value, json};

const RECORD: [&str; 12] = [
    "id",
    "name",
    "environment",
    "preview",
    "status",
    "scopes",
    "created_by",
    "created_at",
    "updated_at",
    "expires_at",
    "revoked_at",
    "last_used_at",
];
const NOT_FOUND: &str =
    r#"{"error":{"code":"not_found","message":"API key not found","status":404}}"#;

async fn open() -> Management {
    Management::of(Dialect::systemprompt()).await
}

fn backend() -> Value {
    json!({"name": "Production Backend", "scopes": ["skills:read", "agents:read"]})
}

/// The path below which a new key is managed, and the key.
async fn create(management: &Management, new: &Value) -> (String, String) {
    let created = assert_managed(&management.post("", new).await, 201);
    let text = |field: &str| created[field].as_str().unwrap().to_owned();
    (format!("/{}", text("id")), text("key"))
}

#[track_caller]
fn invalid(field: &str, sentence: &str) -> String {
    format!(
        r#"{{"error":{{"code":"validation_error","message":"The '{field}' field is not valid: {sentence}.","status":422}}}}"#
    )
}

#[tokio::test]
async fn a_new_key_is_shown_once_and_its_record_ever_after() {
    let management = open().await;
    for (environment, new) in [
        ("live", backend()),
        ("live", json!({"name": "a", "environment": "live", "scopes": ["mcp:write"]})),
        ("test", json!({"name": "a", "environment": "test", "scopes": ["mcp:write"]})),
    ] {
        let created = assert_managed(&management.post("", &new).await, 201);
        let with_key = [&RECORD[..4], &["key"], &RECORD[4..]].concat();
        assert_eq!(fields(&created), with_key);
        let key = created["key"].as_str().unwrap();
        let prefix = format!("sp_{environment}_");
        let body = key.strip_prefix(&prefix).unwrap();
        assert!(
            body.len() == 32 && body.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase())
        );
        assert_eq!(created["preview"], format!("{prefix}...{}", &body[28..]));
        assert_eq!(created["name"], new["name"]);
        assert_eq!(created["environment"], environment);
        assert_eq!(created["status"], "active");
        assert_eq!(created["created_by"], "ada");
        for field in ["created_at", "updated_at"] {
            assert_eq!(created[field], "2026-01-06T10:00:00Z");
        }
        for field in ["expires_at", "revoked_at", "last_used_at"] {
            assert_eq!(created[field], Value::Null);
        }
        assert_eq!(management.open(key).await.status, 200);

        let mut record = created.clone();
        record.as_object_mut().unwrap().shift_remove("key");
        let read = management.get(&format!("/{}", created["id"].as_str().unwrap())).await;
        assert_managed(&read, 200);
        assert_eq!(read.body, record.to_string());
    }
    let (_, nothing) = create(&management, &json!({"name": "No scope"})).await;
    assert_lacks_everything(&management.open(&nothing).await);
}

#[tokio::test]
async fn a_record_says_when_its_key_was_last_let_in() {
    let management = open().await;
    let (path, key) = create(&management, &backend()).await;
    management.clock.advance(Duration::from_secs(90));
    assert_eq!(management.open(&key).await.status, 200);
    management.clock.advance(Duration::from_mins(1));
    assert_eq!(management.act(&format!("{path}/revoke")).await.status, 200);
    assert_eq!(management.open(&key).await.status, 401);
    management.write_uses().await;
    let read = management.get(&path).await.json();
    assert_eq!(read["last_used_at"], "2026-01-06T10:01:30Z");
}

#[tokio::test]
async fn a_list_of_250_keys_is_read_to_its_end_in_pages_of_any_size() {
    let management = open().await;
    let mut newest_first = Vec::new();
    for number in 0..250 {
        newest_first.insert(0, create(&management, &json!({"name": number.to_string()})).await.0);
        management.clock.advance(Duration::from_millis(1));
    }
    let elsewhere = Some("grace globex");
    let theirs = management.ask_as(elsewhere, Method::POST, "", Some(&backend())).await;
    assert_managed(&theirs, 201);

    for (per_page, pages) in [(None, 13), (Some(7), 36), (Some(100), 3)] {
        let size = per_page.unwrap_or(20);
        let mut seen: Vec<Value> = Vec::new();
        for page in 1..=pages + 1 {
            let query = per_page.map_or(String::new(), |size| format!("&per_page={size}"));
            let list = assert_managed(&management.get(&format!("?page={page}{query}")).await, 200);
            assert_eq!(fields(&list), ["items", "total", "page", "per_page"]);
            assert_eq!(
                (&list["total"], &list["page"], &list["per_page"]),
                (&json!(250), &json!(page), &json!(size))
            );
            let items = list["items"].as_array().unwrap();
            assert_eq!(items.len(), (250 - seen.len()).min(size), "page {page} of {size}");
            seen.extend_from_slice(items);
        }
        let ids = seen.iter().map(|key| format!("/{}", key["id"].as_str().unwrap()));
        assert_eq!(ids.collect::<Vec<_>>(), newest_first, "each once, and no other's");
        assert!(seen.iter().all(|key| fields(key) == RECORD), "without a secret");
    }
    let beyond = management.get("?page=18446744073709551615").await;
    let empty = r#"{"items":[],"total":250,"page":18446744073709551615,"per_page":20}"#;
    assert_eq!((beyond.status, &*beyond.body), (200, empty));
    let page = "Input should be greater than or equal to 1";
    for (query, field, sentence) in [
        ("?page=0", "page", page),
        ("?per_page=0", "per_page", page),
        ("?per_page=101", "per_page", "Input should be less than or equal to 100"),
        (
            "?page=x",
            "page",
            "Input should be a valid integer, unable to parse string as an integer",
        ),
    ] {
        let answer = management.get(query).await;
        assert_managed(&answer, 422);
        assert_eq!(answer.body, invalid(field, sentence));
    }
}

#[tokio::test]
async fn a_revoked_key_is_refused_on_its_next_request_and_for_good() {
    let management = open().await;
    let (path, key) = create(&management, &backend()).await;
    assert_eq!(management.open(&key).await.status, 200);
    let revoked = management.act(&format!("{path}/revoke")).await;
    assert_invalid(&management.open(&key).await);
    let record = assert_managed(&revoked, 200);
    assert_eq!((fields(&record), &record["status"]), (RECORD.to_vec(), &json!("revoked")));
    assert_eq!(record["revoked_at"], "2026-01-06T10:00:00Z");

    management.clock.advance(Duration::from_secs(1));
    let again = management.act(&format!("{path}/revoke")).await;
    assert_eq!(again.body, revoked.body, "nothing changes");
    let reactivate = management.act(&format!("{path}/reactivate")).await;
    assert_managed(&reactivate, 404);
    assert_eq!(reactivate.body, NOT_FOUND, "there is no such operation");
    assert_invalid(&management.open(&key).await);
}

#[tokio::test]
async fn a_deleted_key_is_refused_on_its_next_request_and_is_gone() {
    let management = open().await;
    let (path, key) = create(&management, &backend()).await;
    let (kept_path, kept) = create(&management, &backend()).await;
    assert_eq!(management.open(&key).await.status, 200);
    let deleted = management.ask(Method::DELETE, &path, None).await;
    assert_invalid(&management.open(&key).await);
    assert_eq!((deleted.status, &*deleted.body), (204, ""));
    let name = json!({"name": "New name"});
    for (method, path, body) in [
        (Method::GET, path.clone(), None),
        (Method::PATCH, path.clone(), Some(&name)),
        (Method::POST, format!("{path}/revoke"), None),
        (Method::POST, format!("{path}/rotate"), None),
        (Method::DELETE, path.clone(), None),
    ] {
        let answer = management.ask(method, &path, body).await;
        assert_managed(&answer, 404);
        assert_eq!(answer.body, NOT_FOUND);
    }
    let list = management.get("").await.json();
    assert_eq!(
        (&list["total"], list["items"][0]["id"].as_str()),
        (&json!(1), Some(&kept_path[1..]))
    );
    assert_eq!(management.open(&kept).await.status, 200);
}

#[tokio::test]
async fn a_rotated_key_is_replaced_at_once() {
    let management = open().await;
    let (path, key) = create(&management, &backend()).await;
    let rotation = assert_managed(&management.act(&format!("{path}/rotate")).await, 200);
    assert_invalid(&management.open(&key).await);
    assert_eq!(fields(&rotation), ["old_key", "new_key"]);
    let (old, new) = (&rotation["old_key"], &rotation["new_key"]);
    assert_eq!((fields(old), &old["status"]), (RECORD.to_vec(), &json!("revoked")));
    assert_eq!((&new["name"], &new["scopes"]), (&old["name"], &old["scopes"]));
    assert_eq!(management.open(new["key"].as_str().unwrap()).await.status, 200);
}

#[tokio::test]
async fn a_changed_key_is_another_on_its_next_request() {
    let management = open().await;
    let (path, key) = create(&management, &backend()).await;
    let change = async |body: Value| {
        assert_managed(&management.ask(Method::PATCH, &path, Some(&body)).await, 200)
    };
    let changed = change(json!({"name": "Other", "scopes": ["mcp:read"]})).await;
    assert_eq!((&changed["name"], &changed["scopes"]), (&json!("Other"), &json!(["mcp:read"])));
    change(json!({"scopes": []})).await;
    assert_lacks_everything(&management.open(&key).await);
    let changed =
        change(json!({"scopes": ["mcp:read"], "expires_at": "2099-12-31T23:00:00-01:00"}));
    assert_eq!(changed.await["expires_at"], "2100-01-01T00:00:00Z");
    assert_eq!(management.open(&key).await.status, 200);

    management.clock.advance(Duration::from_hours(24 * 366 * 100));
    assert_expired(&management.open(&key).await);
    let expired = management.get(&path).await.json();
    assert_eq!(expired["status"], "expired");
    change(json!({"expires_at": null})).await;
    assert_eq!(management.open(&key).await.status, 200);
}

#[tokio::test]
async fn a_wrong_request_is_told_in_a_sentence_and_changes_nothing() {
    let management = open().await;
    for (body, field, sentence) in [
        (json!({"name": ""}), "name", "String should have at least 1 character"),
        (json!({"name": "  "}), "name", "String should have at least 1 character"),
        (json!({"name": 7}), "name", "Input should be a valid string"),
        (json!({"name": "a".repeat(256)}), "name", "String should have at most 255 characters"),
        (
            json!({"name": "a", "environment": "prod"}),
            "environment",
            "Input should be 'live' or 'test'",
        ),
        (json!({"name": "a", "scopes": "mcp:read"}), "scopes", "Input should be a valid list"),
        (
            json!({"name": "a", "expires_at": "2020-01-01T00:00:00Z"}),
            "expires_at",
            "Input should be in the future",
        ),
        // A slip of the pen must not make a key that never ends.
        (
            json!({"name": "a", "expire_at": "2099-01-01T00:00:00Z"}),
            "expire_at",
            "Extra inputs are not permitted",
        ),
        (json!({"name": "a", "key": "sp_live_mine"}), "key", "Extra inputs are not permitted"),
    ] {
        let answer = management.post("", &body).await;
        assert_managed(&answer, 422);
        assert_eq!(answer.body, invalid(field, sentence));
    }
    let nameless = management.post("", &json!({})).await;
    assert_managed(&nameless, 422);
    assert_eq!(
        nameless.body,
        r#"{"error":{"code":"validation_error","message":"The 'name' field is required.","status":422}}"#
    );
    let unknown = management.post("", &json!({"name": "a", "scopes": ["mcp:read", "x"]})).await;
    assert_managed(&unknown, 422);
    assert!(
        unknown.body.contains("The 'scopes.1' field is not valid: Input should be 'skills:read', ")
    );
    assert_eq!(management.get("").await.json()["total"], 0);
}

#[tokio::test]
async fn who_is_nobody_is_refused_and_who_is_of_another_workspace_finds_nothing() {
    let management = open().await;
    let (path, key) = create(&management, &backend()).await;
    let name = json!({"name": "Theirs"});
    for (method, path, body) in [
        (Method::GET, path.clone(), None),
        (Method::PATCH, path.clone(), Some(&name)),
        (Method::POST, format!("{path}/revoke"), None),
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
    assert_eq!(management.get(&path).await.json()["name"], "Production Backend");
}
