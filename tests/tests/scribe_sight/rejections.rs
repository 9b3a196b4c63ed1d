//! Which rejection gets which body.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use keyward::clock::SystemClock;
use keyward::dialect::Dialect;
use keyward::manage::NewKey;
use keyward_tests::scribe_sight::{
    CHALLENGE, LIMITED, NO_PROJECT, assert_ambiguous, assert_answers, assert_invalid, assert_lacks,
    assert_missing, assert_out_of_reach, assert_refused, assert_unavailable, request_id,
};
use keyward_tests::{Answer, System, limited, raw};
use reqwest::Method;
use serde_json::json;

use super::service::{KEYS, expired, made, operator, revoke, start, start_in_memory, text};

const ORG: &str = "/api/v1/org";

async fn authorization(system: &System, value: impl AsRef<[u8]>) -> Answer {
    let header = [b"authorization: ", value.as_ref()].concat();
    raw(system.program.address, ORG, &[&header]).await
}

#[tokio::test]
async fn a_good_key_is_let_in_however_the_scheme_is_written() {
    let system = start_in_memory().await;
    let key = system.program.key("read");
    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR", "Bearer  ", "Bearer     "] {
        let answer = authorization(&system, format!("{scheme} {key}")).await;
        assert_eq!(answer.status, 200, "{scheme}");
        request_id(&answer);
    }
}

#[tokio::test]
async fn nothing_and_other_schemes_are_no_credential() {
    let system = start_in_memory().await;
    let (client, key) = (&system.client, system.program.key("secret"));
    for path in ["/org", KEYS, "/nowhere"] {
        assert_missing(&client.get_without_key(path).await);
        assert_missing(&client.send(client.request(Method::PUT, path)).await);
    }
    for value in ["", "Bearer", "Bearer ", "Bearer    ", "Basic dXNlcjpwYXNz", "Digest a=b", key] {
        assert_missing(&authorization(&system, value).await);
    }
    assert_missing(&authorization(&system, b"\xff\xfe").await);
    for elsewhere in [format!("x-api-key: {key}"), format!("cookie: key={key}")] {
        assert_missing(&raw(system.program.address, ORG, &[elsewhere.as_bytes()]).await);
    }
    assert_missing(&client.get_without_key(&format!("/org?api_key={key}")).await);
}

#[tokio::test]
async fn what_cannot_be_a_key_is_invalid() {
    let system = start_in_memory().await;
    let key = system.program.key("secret");
    for text in [
        "sk_live_",
        "sk_live_tooshort",
        "sk_test_0123456789abcdefghijklmnopqr",
        "sk-bigspin-api03-0123456789abcdefghijklmnopqrstuvwxyzABCDEFG",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        &key.to_uppercase(),
        &format!("{key}!"),
        &format!("{key}-"),
        &format!("{key} {key}"),
        &format!("{key},{key}"),
        &"a".repeat(64 * 1024),
        &format!("sk_live_{}", "a".repeat(64 * 1024)),
    ] {
        assert_invalid(&authorization(&system, format!("Bearer {text}")).await);
    }
    assert_invalid(&authorization(&system, b"Bearer \xff\xfe\xfd").await);
    let almost = [format!("Bearer {key}").as_bytes(), b"\x80"].concat();
    assert_invalid(&authorization(&system, almost).await);
}

#[tokio::test]
async fn a_key_that_nobody_made_is_invalid() {
    let system = start_in_memory().await;
    let secret = system.program.key("secret");
    let other_kind = secret.replace("sk_live_", "pk_live_");
    let other_end = format!("{}{}", &secret[..35], if secret.ends_with('a') { 'b' } else { 'a' });
    for key in [
        &*format!("sk_live_{}", "0".repeat(28)),
        &format!("pk_live_{}", "0".repeat(28)),
        &other_kind,
        &other_end,
    ] {
        for _ in 0..2 {
            assert_invalid(&system.client.get("/org", key).await);
        }
    }
}

#[tokio::test]
async fn a_revoked_a_deleted_and_an_expired_key_are_invalid() {
    let system = start().await;
    let revoked = made(&system, "secret", &json!({"name": "revoked"})).await;
    let key = text(&revoked["key"]);
    assert_eq!(system.client.get("/org", key).await.status, 200);
    assert_eq!(revoke(&system, "secret", text(&revoked["id"])).await.status, 204);

    let operator = operator(system.folder.path(), Arc::new(SystemClock::new())).await;
    let deleted = operator.create(NewKey::new("org_acme", "deleted")).await.unwrap();
    operator.delete(&deleted.record.id).await.unwrap();

    let expired = expired(system.folder.path()).await;
    for key in [key, deleted.key.expose(), expired.key.expose()] {
        for path in ["/org", KEYS, "/projects/proj_interviews/content"] {
            assert_invalid(&system.client.get(path, key).await);
        }
        assert_invalid(&system.client.post(KEYS, key, &json!({"name": "more"})).await);
    }
}

#[tokio::test]
async fn a_key_that_reads_does_not_write() {
    let system = start_in_memory().await;
    let content = "/projects/proj_interviews/content";
    for (method, path) in [
        (Method::POST, &*format!("{content}/upload-url")),
        (Method::POST, &format!("{content}/x/analyze")),
        (Method::POST, KEYS),
        (Method::DELETE, "/api-keys/key_nobody"),
    ] {
        let answer = system.ask("read", method, path, Some(&json!({"name": "x"}))).await;
        assert_lacks(&answer, "write");
    }
    for path in ["/org", "/projects", content, KEYS] {
        assert_eq!(system.get("read", path).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn a_key_that_writes_reads_too_and_one_without_scopes_does_nothing() {
    let system = start_in_memory().await;
    let writer = made(&system, "secret", &json!({"name": "w", "scopes": ["write"]})).await;
    let nothing = made(&system, "secret", &json!({"name": "n", "scopes": []})).await;
    let (writer, nothing) = (text(&writer["key"]), text(&nothing["key"]));
    for path in ["/org", "/projects", "/projects/proj_interviews/content", KEYS] {
        assert_eq!(system.client.get(path, writer).await.status, 200, "{path}");
        assert_lacks(&system.client.get(path, nothing).await, "read");
    }
    assert_eq!(system.client.post(KEYS, writer, &json!({"name": "x"})).await.status, 201);
    assert_lacks(&system.client.post(KEYS, nothing, &json!({"name": "x"})).await, "write");
}

#[tokio::test]
async fn a_restricted_key_does_not_learn_which_projects_there_are() {
    let system = start_in_memory().await;
    let body = json!({"filename": "call.mp3"});
    assert_eq!(system.get("project", "/projects/proj_interviews/content").await.status, 200);
    assert_eq!(system.get("project", "/org").await.status, 200, "organization-level");
    for project in ["proj_support", "proj_research", "proj_nowhere", "PROJ_INTERVIEWS", "%20", "x"]
    {
        let content = format!("/projects/{project}/content");
        assert_out_of_reach(&system.get("project", &content).await);
        for path in [format!("{content}/upload-url"), format!("{content}/x/analyze")] {
            assert_out_of_reach(&system.post("project", &path, &body).await);
        }
    }
}

#[tokio::test]
async fn what_another_organization_has_answers_like_what_nobody_has() {
    let system = start_in_memory().await;
    let body = json!({"filename": "call.mp3"});
    assert_eq!(system.get("other", "/projects/proj_research/content").await.status, 200);
    for project in ["proj_research", "proj_nowhere"] {
        let content = format!("/projects/{project}/content");
        let upload = format!("{content}/upload-url");
        assert_answers(&system.get("secret", &content).await, 404, NO_PROJECT, &[]);
        for label in ["secret", "publishable"] {
            let answer = system.post(label, &upload, &body).await;
            assert_answers(&answer, 404, NO_PROJECT, &[]);
        }
    }
}

#[tokio::test]
async fn two_credentials_are_one_too_many() {
    let system = start_in_memory().await;
    let key = format!("authorization: Bearer {}", system.program.key("secret"));
    let other = format!("authorization: Bearer {}", system.program.key("read"));
    for second in [&*key, &other, "Authorization: Basic dXNlcjpwYXNz", "authorization: "] {
        for path in [ORG, "/api/v1/api-keys"] {
            let headers = [key.as_bytes(), second.as_bytes()];
            assert_ambiguous(&raw(system.program.address, path, &headers).await);
        }
    }
}

/// Moves the store's files away, and brings them back.
fn move_store(folder: &Path, from: &str, to: &str) {
    for end in ["", "-wal", "-shm"] {
        let _ = fs::rename(
            folder.join(format!("{from}.db{end}")),
            folder.join(format!("{to}.db{end}")),
        );
    }
    assert!(folder.join(format!("{to}.db")).exists());
}

#[tokio::test]
async fn a_store_that_is_gone_makes_no_key_bad() {
    let system = start().await;
    let folder = system.folder.path();
    assert_eq!(system.get("secret", "/org").await.status, 200);
    move_store(folder, "scribe-sight", "elsewhere");

    // Nobody asked for these keys before; the managed ones are asked for every time.
    let unknown = format!("sk_live_{}", "0".repeat(28));
    for path in ["/org", KEYS] {
        assert_unavailable(&system.get("read", path).await);
        assert_unavailable(&system.client.get(path, &unknown).await);
    }
    assert_unavailable(&system.get("secret", KEYS).await);
    assert_unavailable(&system.post("secret", KEYS, &json!({"name": "x"})).await);
    assert_unavailable(&revoke(&system, "secret", "key_nobody").await);
    assert_missing(&system.client.get_without_key("/org").await);
    assert_invalid(&system.client.get("/org", "malformed").await);

    move_store(folder, "elsewhere", "scribe-sight");
    let begun = Instant::now();
    loop {
        let answer = system.get("read", KEYS).await;
        if answer.status == 200 {
            break;
        }
        assert_unavailable(&answer);
        assert!(begun.elapsed() < Duration::from_secs(10), "the store is there again");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_invalid(&system.client.get("/org", &unknown).await);
}

#[tokio::test]
async fn a_refused_head_has_the_headers_and_no_body() {
    let system = start_in_memory().await;
    for path in ["/org", KEYS] {
        let refused = system.client.send(system.client.request(Method::HEAD, path)).await;
        assert_eq!((refused.status, &*refused.body), (401, ""));
        assert_eq!(refused.header("www-authenticate"), Some(CHALLENGE));
    }
}

#[tokio::test]
async fn every_request_has_an_id_of_its_own() {
    let system = start_in_memory().await;
    let named = system.client.request(Method::GET, "/org").header("x-request-id", "mine");
    let answers = [
        system.get("read", "/org").await,
        system.get("read", "/org").await,
        system.get("read", KEYS).await,
        system.get("publishable", KEYS).await,
        system.client.get_without_key("/org").await,
        system.client.send(named.bearer_auth(system.program.key("read"))).await,
    ];
    let mut ids: Vec<&str> = answers.iter().map(request_id).collect();
    for (answer, id) in answers.iter().zip(&ids) {
        assert_eq!(answer.json()["meta"]["request_id"], **id);
    }
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), answers.len());
}

#[tokio::test]
async fn too_many_requests_are_c5() {
    let answer = limited(Dialect::scribe_sight()).await;
    assert_refused(&answer, 429, LIMITED);
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!(answer.header("www-authenticate"), None);
}
