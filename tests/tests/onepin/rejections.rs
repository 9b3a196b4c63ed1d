//! Which rejection gets which body.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use keyward::clock::{SystemClock, TestClock, Timestamp};
use keyward::dialect::Dialect;
use keyward::key::Grant;
use keyward::manage::NewKey;
use keyward_tests::onepin::{
    ACME, assert_ambiguous, assert_invalid, assert_lacks, assert_limited, assert_missing,
    assert_unavailable, assert_unmanageable,
};
use keyward_tests::{Answer, limited, raw, within};

use crate::stage::Stage;

const WORKFLOWS: &str = "/api/v1/workflows";
const RUNS: &str = "/workflows/0b9a6c1e-3f52-4d7b-8a41-6c2e9d5f7081/runs";

async fn authorization(stage: &Stage, value: impl AsRef<[u8]>) -> Answer {
    let header = [b"authorization: ", value.as_ref()].concat();
    raw(stage.system.program.address, WORKFLOWS, &[&header]).await
}

#[tokio::test]
async fn a_good_key_is_let_in_however_the_scheme_is_written() {
    let stage = Stage::start().await;
    let key = stage.key("reader");
    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR", "Bearer  ", "Bearer     "] {
        assert_eq!(authorization(&stage, format!("{scheme} {key}")).await.status, 200, "{scheme}");
    }
}

#[tokio::test]
async fn nothing_and_other_schemes_are_no_credential() {
    let stage = Stage::start().await;
    let (client, key) = (&stage.system.client, stage.key("reader"));
    for path in
        ["/workflows", "/voices", "/usage/summary", "/auth/whoami", "/api-keys", "/nowhere", "/%FF"]
    {
        assert_missing(&client.get_without_key(path).await);
    }
    for value in ["", "Bearer", "Bearer ", "Bearer    ", "Basic dXNlcjpwYXNz", "Digest a=b", key] {
        assert_missing(&authorization(&stage, value).await);
    }
    let elsewhere = format!("x-api-key: {key}");
    assert_missing(&raw(stage.system.program.address, WORKFLOWS, &[elsewhere.as_bytes()]).await);
    assert_missing(&client.get_without_key(&format!("/workflows?api_key={key}")).await);
}

#[tokio::test]
async fn what_cannot_be_a_key_is_invalid() {
    let stage = Stage::start().await;
    let key = stage.key("reader");
    for text in [
        "pk_live_",
        "pk_live_tooshort",
        "pk_test_0123456789abcdefghijklmnopqrstuv",
        "sk_live_0123456789abcdefghijklmnopqrstuv",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        &key.to_uppercase(),
        &format!("{key}_"),
        &format!("{key} {key}"),
        &format!("{key},{key}"),
        &format!("pk_live_{}", "a".repeat(129)),
        &"a".repeat(64 * 1024),
    ] {
        assert_invalid(&authorization(&stage, format!("Bearer {text}")).await);
    }
    assert_invalid(&authorization(&stage, b"Bearer \xff\xfe\xfd").await);
}

#[tokio::test]
async fn a_key_that_nobody_made_is_invalid() {
    let stage = Stage::start().await;
    for key in ["pk_live_9f8e7d6c3b2a1d0e", "op_live_9f8e7d6c3b2a1d0e"] {
        for path in ["/workflows", "/auth/whoami", "/api-keys", "/nowhere"] {
            assert_invalid(&stage.get(key, path).await);
        }
    }
}

#[tokio::test]
async fn a_key_whose_end_has_come_is_invalid() {
    let stage = Stage::start().await;
    let then = Timestamp::from_millis(1_000_000_000_000);
    let manager = stage.elsewhere(Arc::new(TestClock::at(then))).await;
    let grant = Grant::Only("workflows:read".parse().unwrap());
    let end = then.plus(Duration::from_secs(1));
    let new = NewKey::new(ACME, "made long ago").with_grant(grant).with_expires_at(end);
    let expired = manager.create(new).await.unwrap();
    assert_invalid(&stage.get(expired.key.expose(), "/workflows").await);
}

#[tokio::test]
async fn a_key_without_the_scope_is_told_which() {
    let stage = Stage::start().await;
    let (_, none) = stage.create("No scopes", &[]).await;
    let every = [
        ("GET", "/workflows", "workflows:read"),
        ("POST", RUNS, "workflows:run"),
        ("GET", "/voices", "voices:read"),
        ("GET", "/usage/summary", "workspace:read"),
    ];
    for (method, path, scope) in every {
        assert_lacks(&stage.ask(&none, method, path, "").await, scope);
        let (_, key) = stage.create("One scope", &[scope]).await;
        for (method, path, other) in every {
            let answer = stage.ask(&key, method, path, "").await;
            if other == scope {
                assert!(matches!(answer.status, 200 | 201), "{}", answer.body);
            } else {
                assert_lacks(&answer, other);
            }
        }
    }
    assert_eq!(stage.get(&none, "/auth/whoami").await.status, 200, "no scope is asked for");
}

#[tokio::test]
async fn a_scope_that_writes_gives_no_other() {
    let stage = Stage::start().await;
    let writes = ["workflows:write", "voices:write"];
    let (_, key) = stage.create("Writes", &writes).await;
    assert_lacks(&stage.get(&key, "/workflows").await, "workflows:read");
    assert_lacks(&stage.get(&key, "/voices").await, "voices:read");
    assert_lacks(&stage.ask(&key, "POST", RUNS, "").await, "workflows:run");
}

#[tokio::test]
async fn two_credentials_are_one_too_many() {
    let stage = Stage::start().await;
    let key = format!("authorization: Bearer {}", stage.key("reader"));
    let person = format!("authorization: Bearer {}", stage.operator);
    for (first, second) in [
        (&*key, &*key),
        (&key, "Authorization: Basic dXNlcjpwYXNz"),
        (&key, "authorization: "),
        (&key, &person),
        (&person, &key),
        (&person, &person),
    ] {
        for path in [WORKFLOWS, "/api/v1/auth/whoami", "/api/v1/api-keys"] {
            let headers = [first.as_bytes(), second.as_bytes()];
            assert_ambiguous(&raw(stage.system.program.address, path, &headers).await);
        }
    }
}

#[tokio::test]
async fn a_store_that_is_gone_makes_no_key_bad_and_none_good() {
    let stage = Stage::start().await;
    let (record, key) = stage.create("Never asked about", &["workflows:read"]).await;
    let folder = stage.system.folder.path();
    let (store, away) = (folder.join("onepin.db"), folder.join("away.db"));
    fs::rename(&store, &away).unwrap();

    for key in [&*key, "pk_live_9f8e7d6c3b2a1d0e"] {
        for path in ["/workflows", "/auth/whoami", "/api-keys", "/nowhere"] {
            assert_unavailable(&stage.get(key, path).await);
        }
    }
    let one = format!("/{}", record.id);
    for (method, below, body) in [
        ("GET", "", ""),
        ("POST", "", r#"{"name":"A"}"#),
        ("GET", &one, ""),
        ("PATCH", &one, r#"{"name":"A"}"#),
        ("DELETE", &one, ""),
        ("PATCH", &format!("{one}/rotate"), ""),
    ] {
        assert_unmanageable(&stage.manage(method, below, body).await);
    }
    assert_missing(&stage.system.client.get_without_key("/workflows").await);
    assert_invalid(&stage.get("pk_live_junk", "/workflows").await);
    assert_eq!(stage.get(&stage.operator, "/auth/whoami").await.status, 200, "asks no store");

    fs::rename(&away, &store).unwrap();
    within(Duration::from_secs(10), 200, async || stage.get(&key, "/workflows").await).await;
    assert_invalid(&stage.get("pk_live_9f8e7d6c3b2a1d0e", "/workflows").await);
    let shown = stage.manage("GET", &one, "").await.json();
    assert_eq!(shown["data"].to_string(), record.used_as(&shown["data"]).shown());
}

#[tokio::test]
async fn a_key_that_another_process_ended_is_invalid() {
    let stage = Stage::start().await;
    let (record, key) = stage.create("Ended elsewhere", &["workflows:read"]).await;
    let manager = stage.elsewhere(Arc::new(SystemClock::new())).await;
    manager.delete(&keyward::key::KeyId::new(&*record.id)).await.unwrap();
    assert_invalid(&stage.get(&key, "/workflows").await);
}

#[tokio::test]
async fn too_many_requests_are_o4() {
    assert_limited(&limited(Dialect::onepin()).await);
}
