//! Which rejection gets which body: P1 to P6, status, body and every header.

use std::time::Duration;

use keyward::dialect::Dialect;
use keyward_tests::bigspin::{assert_is_request_id, assert_refused};
use keyward_tests::systemprompt::{
    LIMITED, assert_ambiguous, assert_expired, assert_invalid, assert_lacks_everything,
    assert_missing, assert_not_found, assert_unavailable,
};
use keyward_tests::{Answer, System, limited, raw, within};
use reqwest::Method;

use crate::{BOUND, RESOURCES, operator, start};

const SKILLS: &str = "/api/v1/skills";
const NOT_ALLOWED: &str =
    r#"{"error":{"code":"method_not_allowed","message":"Method not allowed","status":405}}"#;

async fn authorization(system: &System, value: impl AsRef<[u8]>) -> Answer {
    let header = [b"authorization: ", value.as_ref()].concat();
    raw(system.program.address, SKILLS, &[&header]).await
}

/// Every endpoint with every method, and paths that there are not.
fn everywhere() -> impl Iterator<Item = (Method, String)> {
    let list = [Method::GET, Method::POST];
    let one = [Method::GET, Method::PUT, Method::PATCH, Method::DELETE];
    let endpoints = RESOURCES.into_iter().flat_map(move |things| {
        let list = list.clone().map(|method| (method, format!("/{things}")));
        let one = one.clone().map(|method| (method, format!("/{things}/x")));
        list.into_iter().chain(one)
    });
    let nowhere = ["/nowhere", "/skills/a/b", "/skills/", "/"];
    endpoints.chain(nowhere.map(|path| (Method::GET, path.to_owned())))
}

#[tokio::test]
async fn who_brings_no_key_is_p1_wherever_they_ask_and_a_good_key_passes_however_it_is_written() {
    let system = start().await;
    for (method, path) in everywhere() {
        assert_missing(&system.client.send(system.client.request(method, &path)).await);
    }
    let key = system.program.key("live");
    for value in ["", "Bearer", "Bearer ", "Bearer    ", "Basic dXNlcjpwYXNz", "Digest a=b", key] {
        assert_missing(&authorization(&system, value).await);
    }
    assert_missing(&authorization(&system, b"\xff\xfe").await);
    let elsewhere = format!("x-api-key: {key}");
    assert_missing(&raw(system.program.address, SKILLS, &[elsewhere.as_bytes()]).await);
    assert_missing(&system.client.get_without_key(&format!("/skills?api_key={key}")).await);

    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR", "Bearer  ", "Bearer     "] {
        let answer = authorization(&system, format!("{scheme} {key}")).await;
        assert_eq!(answer.status, 200, "{scheme}");
    }
}

#[tokio::test]
async fn what_is_not_a_key_that_was_made_here_is_p1_and_more_than_one_key_is_p4() {
    let system = start().await;
    let key = system.program.key("live");
    let body = key.strip_prefix("sp_live_").unwrap();
    for text in [
        "sp_live_",
        "sp_live_tooshort",
        "sp_test_tooshort",
        "sk-bigspin-api03-0123456789abcdefghijklmnopqrstuvwxyzABCDEFG",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        body,
        // The service's own sample, and the same of the sandbox: nobody made them here.
        "sp_live_a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6",
        "sp_test_a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6",
        &format!("sp_test_{body}"),
        &format!("sp_live_{}", body.to_uppercase()),
        &key[..key.len() - 1],
        &format!("{key}0"),
        &format!("{key}!"),
        &format!("{key} {key}"),
        &"a".repeat(64 * 1024),
        &format!("sp_live_{}", "a".repeat(64 * 1024)),
    ] {
        // The second time from the cache.
        for _ in 0..2 {
            assert_invalid(&authorization(&system, format!("Bearer {text}")).await);
        }
    }
    assert_invalid(&authorization(&system, b"Bearer \xff\xfe\xfd").await);
    let almost = [format!("Bearer {key}").as_bytes(), b"\x80"].concat();
    assert_invalid(&authorization(&system, almost).await);

    let key = format!("authorization: Bearer {key}");
    for second in [&*key, "Authorization: Basic dXNlcjpwYXNz", "authorization: "] {
        let headers = [key.as_bytes(), second.as_bytes()];
        assert_ambiguous(&raw(system.program.address, SKILLS, &headers).await);
    }
}

#[tokio::test]
async fn an_expired_key_is_p2_and_one_without_scopes_p3_also_where_there_is_nothing() {
    let system = start().await;
    for (method, path) in everywhere() {
        assert_expired(&system.ask("expired", method.clone(), &path, None).await);
        assert_lacks_everything(&system.ask("noscope", method, &path, None).await);
    }
}

#[tokio::test]
async fn a_revoked_key_is_p1_whatever_else_is_wrong_with_it() {
    let system = start().await;
    let operator = operator(&system);
    for (name, label) in [("Expired", "expired"), ("No scope", "noscope"), ("Reader", "reader")] {
        operator.keys(&["revoke", &operator.id(name).await]).await;
        // It was not asked for before: nothing about it is cached.
        for (method, path) in everywhere() {
            assert_invalid(&system.ask(label, method, &path, None).await);
        }
    }
}

#[tokio::test]
async fn too_many_requests_are_p5() {
    let answer = limited(Dialect::systemprompt()).await;
    assert_refused(&answer, 429, LIMITED, &[("retry-after", "1")]);
}

#[tokio::test]
async fn without_its_store_the_program_answers_p6_and_with_it_again_as_ever() {
    let system = start().await;
    let path = system.folder.path().join("systemprompt.db");
    let away = system.folder.path().join("away.db");
    let ask = async || system.get("live", "/skills").await;
    assert_eq!(ask().await.status, 200);

    std::fs::rename(&path, &away).unwrap();
    assert_unavailable(&within(BOUND, 503, ask).await);
    for label in ["live", "test", "noscope", "expired"] {
        assert_unavailable(&system.get(label, "/skills").await);
    }
    // What needs no store needs none now.
    assert_missing(&system.client.get_without_key("/skills").await);
    assert_invalid(&system.client.get("/skills", "sp_live_tooshort").await);

    std::fs::rename(&away, &path).unwrap();
    within(Duration::from_secs(10), 200, ask).await;
    assert_expired(&system.get("expired", "/skills").await);
}

#[tokio::test]
async fn unknown_paths_and_methods_are_told_apart_for_those_with_a_key_alone() {
    let system = start().await;
    for path in ["/nowhere", "/skills/", "/skills/a/b", "/%FF", "/"] {
        assert_missing(&system.client.get_without_key(path).await);
        assert_not_found(&system.get("reader", path).await);
    }
    for (path, methods, allow) in [
        ("/skills", &[Method::PUT, Method::DELETE, Method::OPTIONS][..], "GET,HEAD,POST"),
        ("/skills/x", &[Method::POST, Method::TRACE], "GET,HEAD,PUT,PATCH,DELETE"),
    ] {
        for method in methods {
            let stranger = system.client.request(method.clone(), path);
            assert_missing(&system.client.send(stranger).await);
            let answer = system.ask("reader", method.clone(), path, None).await;
            assert_refused(&answer, 405, NOT_ALLOWED, &[("allow", allow)]);
        }
    }
}

#[tokio::test]
async fn every_request_has_an_id_of_its_own() {
    let system = start().await;
    let named = system.client.request(Method::GET, "/skills").header("x-request-id", "mine");
    let answers = [
        system.get("live", "/skills").await,
        system.get("live", "/skills").await,
        system.get("live", "/nowhere").await,
        system.client.get_without_key("/skills").await,
        system.client.send(named.bearer_auth(system.program.key("live"))).await,
    ];
    let mut ids: Vec<_> = answers.iter().map(|answer| answer.header("x-request-id")).collect();
    answers.iter().for_each(assert_is_request_id);
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), answers.len());
}
