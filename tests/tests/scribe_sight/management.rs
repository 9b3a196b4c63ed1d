//! Keys that manage keys: creation, list and revocation.

use std::process::Command;

use keyward_tests::Answer;
use keyward_tests::scribe_sight::{
    EXPOSED, OWN_KEY, assert_answers, assert_invalid, assert_is_id, assert_lacks,
    assert_out_of_reach, id_in, instant, request_id,
};
use reqwest::Method;
use serde_json::{Value, json};

use super::service::{KEYS, id_of, made, revoke, start_in_memory, text};

/// The answer to a new key, checked byte for byte against what was asked for.
#[track_caller]
fn assert_issued(body: &str, name: &str, scopes: &str, projects: &str) -> Value {
    let issued: Value = serde_json::from_str(body).unwrap();
    let data = &issued["data"];
    let (id, key) = (text(&data["id"]), text(&data["key"]));
    assert_is_id(id, "key_");
    let random = key.strip_prefix("sk_live_").unwrap();
    assert!(random.len() == 28 && random.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let (prefix, created_at) = (&key[..12], instant(&data["created_at"]));
    assert_eq!(
        body,
        format!(
            r#"{{"data":{{"id":"{id}","name":"{name}","key_prefix":"{prefix}","key":"{key}","scopes":{scopes},"project_ids":{projects},"created_at":"{created_at}"}}}}"#
        )
    );
    issued["data"].clone()
}

/// Checks that an answer is the one of a revocation, whole.
#[track_caller]
fn assert_revoked(answer: &Answer) {
    request_id(answer);
    assert_eq!((answer.status, &*answer.body), (204, ""));
    let names = [
        "access-control-allow-origin",
        "access-control-expose-headers",
        "cache-control",
        "x-ratelimit-limit",
        "x-ratelimit-remaining",
        "x-ratelimit-reset",
        "x-request-id",
    ];
    assert_eq!(answer.header_names(), names);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

/// One record of a list, byte for byte.
fn record(record: &Value) -> String {
    assert_is_id(text(&record["id"]), "key_");
    let last_used_at = match &record["last_used_at"] {
        Value::Null => "null".to_owned(),
        used => format!("\"{}\"", instant(used)),
    };
    format!(
        r#"{{"id":{},"name":{},"key_prefix":{},"key_type":{},"scopes":{},"project_ids":{},"last_used_at":{last_used_at},"created_at":"{}"}}"#,
        record["id"],
        record["name"],
        record["key_prefix"],
        record["key_type"],
        record["scopes"],
        record["project_ids"],
        instant(&record["created_at"]),
    )
}

#[tokio::test]
async fn the_documented_requests_make_and_revoke_a_key() {
    let system = start_in_memory().await;
    let curl = async |script: String| {
        let mut shell = Command::new("sh");
        let shell = shell.args(["-c", &script]).env("NO_PROXY", "*");
        let output = shell.output().expect("a shell");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "install curl, which this test runs: {stderr}");
        String::from_utf8(output.stdout).unwrap()
    };
    let (url, existing) =
        (format!("http://{}", system.program.address), system.program.key("secret"));
    let created = curl(format!(
        r#"curl -X POST {url}/api/v1/api-keys \
-H "Authorization: Bearer {existing}" \
-H "Content-Type: application/json" \
-d '{{
"name": "CI/CD Pipeline",
"scopes": ["read", "write"],
"project_ids": ["proj_xxx"]
}}'"#
    ))
    .await;
    let issued =
        assert_issued(&created, "CI/CD Pipeline", r#"["read","write"]"#, r#"["proj_xxx"]"#);
    let (id, key) = (text(&issued["id"]), text(&issued["key"]));
    let org = curl(format!(
        r#"curl {url}/api/v1/org \
-H "Authorization: Bearer {key}""#
    ))
    .await;
    assert!(org.starts_with(r#"{"data":{"id":"org_acme","#), "{org}");

    let revoked = curl(format!(
        r#"curl -X DELETE {url}/api/v1/api-keys/{id} \
-H "Authorization: Bearer {existing}""#
    ))
    .await;
    assert_eq!(revoked, "");
    assert_invalid(&system.client.get("/org", key).await);
}

#[tokio::test]
async fn a_new_key_has_what_was_asked_for_and_reads_and_writes_where_nothing_was() {
    let system = start_in_memory().await;
    let (both, nothing) = (r#"["read","write"]"#, "[]");
    for (body, scopes, projects) in [
        (json!({"name": "CI"}), both, "null"),
        (json!({"name": "CI", "project_ids": null}), both, "null"),
        (json!({"name": "CI", "scopes": ["read"]}), r#"["read"]"#, "null"),
        (json!({"name": "CI", "scopes": ["write"]}), r#"["write"]"#, "null"),
        (json!({"name": "CI", "scopes": ["write", "read", "read"]}), both, "null"),
        (json!({"name": "CI", "scopes": []}), nothing, "null"),
        (json!({"name": "CI", "project_ids": []}), both, nothing),
        (json!({"name": "CI", "project_ids": ["b", "a"]}), both, r#"["b","a"]"#),
        (json!({"name": "CI", "more": {"x": 1}}), both, "null"),
    ] {
        let answer = system.post("secret", KEYS, &body).await;
        assert_eq!(answer.status, 201, "{body}: {}", answer.body);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("content-type"), Some("application/json"));
        request_id(&answer);
        let issued = assert_issued(&answer.body, "CI", scopes, projects);
        let status = if scopes == nothing { 403 } else { 200 };
        let key = text(&issued["key"]);
        assert_eq!(system.client.get("/org", key).await.status, status, "{body}");
        let list = system.get("secret", &format!("{KEYS}?limit=100")).await;
        assert!(!list.body.contains(key), "a secret shows once");
        assert_eq!(id_in(&list.json(), key), text(&issued["id"]));
    }
}

#[tokio::test]
async fn a_name_is_any_text_of_1_to_255_characters() {
    let system = start_in_memory().await;
    for name in ["x", "名前 \u{1f511}", "\"\\\n\t\u{7f}", "null", &"ä".repeat(255)] {
        assert_eq!(made(&system, "secret", &json!({"name": name})).await["name"], name);
        let list = system.get("secret", &format!("{KEYS}?limit=100")).await.json();
        assert_eq!(
            list["data"].as_array().unwrap().iter().filter(|it| it["name"] == name).count(),
            1
        );
    }
}

#[tokio::test]
async fn a_list_is_byte_for_byte_as_documented() {
    let system = start_in_memory().await;
    let answer = system.get("read", KEYS).await;
    let list = answer.json();
    let records: Vec<String> = list["data"].as_array().unwrap().iter().map(record).collect();
    let body = format!(
        r#"{{"data":[{}],"pagination":{{"has_more":false,"next_cursor":null}},"meta":{{"request_id":"{{{{request_id}}}}","timestamp":"{}"}}}}"#,
        records.join(","),
        instant(&list["meta"]["timestamp"]),
    );
    assert_answers(&answer, 200, &body, &[("cache-control", "no-store")]);

    // Those of the organization, with what each may be given; secrets and other organizations' not.
    let mut seen: Vec<(&str, &str, Value, Value)> = Vec::new();
    for record in list["data"].as_array().unwrap() {
        let (scopes, projects) = (record["scopes"].clone(), record["project_ids"].clone());
        seen.push((text(&record["name"]), text(&record["key_type"]), scopes, projects));
    }
    seen.sort_by_key(|(name, ..)| *name);
    let own = json!(["proj_interviews"]);
    assert_eq!(
        seen,
        [
            ("One project", "secret", json!(["read", "write"]), own),
            ("Reports", "secret", json!(["read"]), Value::Null),
            ("Server", "secret", json!(["read", "write"]), Value::Null),
            ("Web page", "publishable", json!([]), Value::Null),
        ]
    );
    for key in system.program.keys().values() {
        assert!(!answer.body.contains(key));
    }
    assert!(!answer.body.contains("upload-initiate"));

    let head = system.ask("read", Method::HEAD, KEYS, None).await;
    assert_eq!((head.status, &*head.body), (200, ""));
    assert_eq!(head.header("content-length"), Some(&*answer.body.len().to_string()));
}

#[tokio::test]
async fn a_revoked_key_stops_at_once_and_leaves_the_list() {
    let system = start_in_memory().await;
    let issued = made(&system, "secret", &json!({"name": "short-lived"})).await;
    let (id, key) = (text(&issued["id"]), text(&issued["key"]));
    for path in ["/org", KEYS] {
        assert_eq!(system.client.get(path, key).await.status, 200);
    }
    assert_revoked(&revoke(&system, "secret", id).await);
    for path in ["/org", KEYS, "/nowhere"] {
        assert_invalid(&system.client.get(path, key).await);
    }
    assert!(!system.get("secret", KEYS).await.body.contains(id));
    // A client that lost the first answer asks again.
    assert_revoked(&revoke(&system, "secret", id).await);
    assert_invalid(&system.client.get("/org", key).await);
}

#[tokio::test]
async fn a_key_is_rotated_as_the_documentation_says() {
    let system = start_in_memory().await;
    let old = made(&system, "secret", &json!({"name": "CI", "scopes": ["read"]})).await;
    let same =
        json!({"name": old["name"], "scopes": old["scopes"], "project_ids": old["project_ids"]});
    let new = made(&system, "secret", &same).await;
    for key in [&old, &new] {
        assert_eq!(system.client.get("/org", text(&key["key"])).await.status, 200, "both work");
    }
    assert_revoked(&revoke(&system, "secret", text(&old["id"])).await);
    assert_invalid(&system.client.get("/org", text(&old["key"])).await);
    assert_eq!(system.client.get("/org", text(&new["key"])).await.status, 200);
}

#[tokio::test]
async fn a_key_does_not_revoke_itself() {
    let system = start_in_memory().await;
    for label in ["secret", "project", "other"] {
        let own = id_of(&system, label).await;
        let answer = revoke(&system, label, &own).await;
        assert_answers(&answer, 409, OWN_KEY, &[("cache-control", "no-store")]);
        assert_eq!(system.get(label, "/org").await.status, 200);
    }
    // One that could not revoke any does not get that far.
    let own = id_of(&system, "read").await;
    assert_lacks(&revoke(&system, "read", &own).await, "write");
}

#[tokio::test]
async fn a_secret_key_revokes_a_publishable_one() {
    let system = start_in_memory().await;
    let list = system.get("secret", KEYS).await.json();
    let publishable = id_in(&list, system.program.key("publishable"));
    assert_revoked(&revoke(&system, "secret", &publishable).await);
    let upload = "/projects/proj_interviews/content/upload-url";
    assert_invalid(&system.post("publishable", upload, &json!({"filename": "call.mp3"})).await);
}

#[tokio::test]
async fn the_keys_of_a_restricted_key_are_as_restricted() {
    let system = start_in_memory().await;
    let own = json!(["proj_interviews"]);
    for body in [json!({"name": "a"}), json!({"name": "b", "project_ids": own})] {
        let child = made(&system, "project", &body).await;
        assert_eq!(child["project_ids"], own);
        let key = text(&child["key"]);
        assert_eq!(system.client.get("/projects/proj_interviews/content", key).await.status, 200);
        assert_out_of_reach(&system.client.get("/projects/proj_support/content", key).await);
        assert_revoked(&revoke(&system, "project", text(&child["id"])).await);
    }
    for projects in
        [json!(null), json!(["proj_support"]), json!(["proj_interviews", "proj_nowhere"])]
    {
        let body = json!({"name": "more", "project_ids": projects});
        assert_out_of_reach(&system.post("project", KEYS, &body).await);
    }
    let unrestricted = id_of(&system, "secret").await;
    assert_out_of_reach(&revoke(&system, "project", &unrestricted).await);
    assert_eq!(system.get("secret", "/org").await.status, 200);
}

#[tokio::test]
async fn what_is_said_of_keys_is_for_no_cache_and_for_every_page() {
    let system = start_in_memory().await;
    let own = id_of(&system, "secret").await;
    for (label, method, path, status) in [
        ("secret", Method::GET, KEYS, 200),
        ("secret", Method::GET, "/api-keys?limit=0", 400),
        ("secret", Method::POST, KEYS, 201),
        ("read", Method::POST, KEYS, 403),
        ("secret", Method::DELETE, "/api-keys/key_nobody", 404),
        ("secret", Method::PATCH, "/api-keys/key_nobody", 405),
        ("secret", Method::DELETE, &format!("{KEYS}/{own}"), 409),
    ] {
        let answer = system.ask(label, method, path, Some(&json!({"name": "x"}))).await;
        assert_eq!(answer.status, status, "{}", answer.body);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        assert_eq!(answer.header("access-control-expose-headers"), Some(EXPOSED));
    }
}
