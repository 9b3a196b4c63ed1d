//! Which rejection gets which body, from the program itself: status, body and every header.

use std::sync::Arc;
use std::time::Duration;

use keyward::clock::{Clock, SystemClock, TestClock, Timestamp};
use keyward::dialect::Dialect;
use keyward::key::Grant;
use keyward::manage::{KeyManager, NewKey};
use keyward::store::SqliteStore;
use keyward_tests::bigspin::{
    AMBIGUOUS, CHALLENGE, assert_invalid, assert_is_request_id, assert_lacks, assert_missing,
    assert_out_of_reach, assert_refused, assert_unavailable,
};
use keyward_tests::{Answer, System, raw, within};
use reqwest::Method;
use serde_json::json;

use super::{BOUND, start};

const PROJECTS: &str = "/public/api/v1/projects";

async fn authorization(service: &System, value: impl AsRef<[u8]>) -> Answer {
    let header = [b"authorization: ", value.as_ref()].concat();
    raw(service.program.address, PROJECTS, &[&header]).await
}

/// Makes keys of the program that nobody can make at the command line.
async fn manager(service: &System, clock: Arc<dyn Clock>) -> KeyManager {
    let path = service.folder.path().join("bigspin.db");
    let store = SqliteStore::open(path.to_str().unwrap()).await.unwrap();
    KeyManager::builder(Dialect::bigspin(), store).with_clock(clock).open().await.unwrap()
}

#[tokio::test]
async fn a_good_key_is_let_in_however_the_scheme_is_written() {
    let service = start().await;
    let key = service.program.key("full");
    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR", "Bearer  ", "Bearer     "] {
        let answer = authorization(&service, format!("{scheme} {key}")).await;
        assert_eq!(answer.status, 200, "{scheme}");
        assert_is_request_id(&answer);
    }
}

#[tokio::test]
async fn nothing_and_other_schemes_are_no_credential() {
    let service = start().await;
    assert_missing(&service.client.get_without_key("/projects").await);
    let key = service.program.key("full");
    for value in ["", "Bearer", "Bearer ", "Bearer    ", "Basic dXNlcjpwYXNz", "Digest a=b", key] {
        assert_missing(&authorization(&service, value).await);
    }
    assert_missing(&authorization(&service, b"\xff\xfe").await);
    let elsewhere = format!("x-api-key: {key}");
    assert_missing(&raw(service.program.address, PROJECTS, &[elsewhere.as_bytes()]).await);
    assert_missing(&service.client.get_without_key(&format!("/projects?api_key={key}")).await);
}

#[tokio::test]
async fn what_cannot_be_a_key_is_invalid() {
    let service = start().await;
    let key = service.program.key("full");
    for text in [
        "sk-bigspin-api03-",
        "sk-bigspin-api03-tooshort",
        "sk-bigspin-api04-0123456789abcdefghijklmnopqrstuvwxyzABCDEFG",
        "sk_live_0123456789abcdefghijklmnopqr",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        &key.to_uppercase(),
        &format!("{key}!"),
        &format!("{key} {key}"),
        &format!("{key},{key}"),
        &"a".repeat(64 * 1024),
        &format!("sk-bigspin-api03-{}", "a".repeat(64 * 1024)),
    ] {
        assert_invalid(&authorization(&service, format!("Bearer {text}")).await);
    }
    assert_invalid(&authorization(&service, b"Bearer \xff\xfe\xfd").await);
    let almost = [format!("Bearer {key}").as_bytes(), b"\x80"].concat();
    assert_invalid(&authorization(&service, almost).await);
}

#[tokio::test]
async fn a_key_that_nobody_made_is_invalid() {
    let service = start().await;
    for prefix in ["sk-bigspin-api03-", "sk-prism-api03-"] {
        let key = format!("{prefix}{}", "0".repeat(43));
        for _ in 0..2 {
            assert_invalid(&service.client.get("/projects", &key).await);
        }
    }
}

#[tokio::test]
async fn an_expired_key_is_invalid() {
    let service = start().await;
    let then = Timestamp::from_millis(1_000_000_000_000);
    let manager = manager(&service, Arc::new(TestClock::at(then))).await;
    let end = then.plus(Duration::from_secs(1));
    let new = NewKey::new("acme", "made long ago").with_expires_at(end);
    let expired = manager.create(new).await.unwrap();
    assert_invalid(&service.client.get("/projects", expired.key.expose()).await);
}

#[tokio::test]
async fn each_endpoint_asks_for_its_permission_and_for_no_other() {
    let service = start().await;
    let (client, program) = (&service.client, &service.program);
    let ask = async |label: &str, method: &Method, path: &str| {
        let request = client.request(method.clone(), path).bearer_auth(program.key(label));
        client.send(request).await
    };
    // What they ask for is not there, or wrong: whoever may ask is told so.
    for (method, path, permission) in [
        (Method::GET, "/projects?page=0", "projects-read"),
        (Method::GET, "/projects/x", "projects-read"),
        (Method::GET, "/projects/x/transcripts", "projects-read"),
        (Method::GET, "/transcripts/x", "projects-read"),
        (Method::POST, "/projects", "projects-write"),
        (Method::POST, "/projects/x/transcripts", "projects-write"),
        (Method::POST, "/halfpipe/sessions", "projects-write"),
        (Method::POST, "/halfpipe/transcripts", "projects-write"),
    ] {
        let (may, may_not) = match permission {
            "projects-read" => (["full", "other", "read"], ["write", "legacy"]),
            _ => (["full", "write", "legacy"], ["read", "read"]),
        };
        let told = async |label| {
            let answer = ask(label, &method, path).await;
            assert!([400, 403].contains(&answer.status), "{}", answer.body);
            assert_eq!(answer.header("www-authenticate"), None);
            answer.body
        };
        let first = told(may[0]).await;
        for label in may {
            assert_eq!(told(label).await, first, "{label}");
        }
        for label in may_not {
            assert_lacks(&ask(label, &method, path).await, permission);
        }
    }
}

#[tokio::test]
async fn a_key_that_grants_nothing_lacks_permission() {
    let service = start().await;
    let new = NewKey::new("acme", "no scopes").with_grant(Grant::Only("".parse().unwrap()));
    let manager = manager(&service, Arc::new(SystemClock::new())).await;
    let empty = manager.create(new).await.unwrap();
    assert_lacks(&service.client.get("/projects", empty.key.expose()).await, "projects-read");
}

#[tokio::test]
async fn a_legacy_key_writes_and_does_not_read() {
    let service = start().await;
    let (client, legacy) = (&service.client, service.program.key("legacy"));
    assert!(legacy.starts_with("sk-prism-api03-"));
    let project = json!({"name": "Support"});
    let created = client.post("/projects", legacy, &project).await;
    assert_eq!(created.status, 201);
    assert_eq!(client.post("/halfpipe/sessions", legacy, &project).await.status, 201);

    let project = created.json()["data"]["id"].as_str().unwrap().to_owned();
    let turns = json!([{"role": "user", "content": "Hello"}]);
    let upload = json!({"projectId": project, "name": "Call", "turns": turns});
    for path in [&*format!("/projects/{project}/transcripts"), "/halfpipe/transcripts"] {
        assert_eq!(client.post(path, legacy, &upload).await.status, 201, "{path}");
    }
    for path in [&*format!("/projects/{project}"), "/projects"] {
        assert_lacks(&client.get(path, legacy).await, "projects-read");
    }
}

#[tokio::test]
async fn what_another_workspace_has_answers_like_what_nobody_has() {
    let service = start().await;
    let (client, program) = (&service.client, &service.program);
    let (full, other) = (program.key("full"), program.key("other"));
    let turns = json!([{"role": "user", "content": "Hello"}]);
    let upload = json!({"name": "Call", "turns": turns});

    let project = client.post("/projects", full, &json!({"name": "Support"})).await.json();
    let project = project["data"]["id"].as_str().unwrap().to_owned();
    let path = format!("/projects/{project}/transcripts");
    let transcript = client.post(&path, full, &upload).await.json();
    let transcript = transcript["data"]["id"].as_str().unwrap().to_owned();

    let nobody = "hp-00000000-0000-4000-8000-000000000000";
    for (key, project, transcript) in
        [(other, &*project, &*transcript), (full, nobody, "tr-nobody"), (full, "x", "x")]
    {
        assert_out_of_reach(&client.get(&format!("/projects/{project}"), key).await);
        let path = format!("/projects/{project}/transcripts");
        assert_out_of_reach(&client.get(&path, key).await);
        assert_out_of_reach(&client.post(&path, key, &upload).await);
        assert_out_of_reach(&client.get(&format!("/transcripts/{transcript}"), key).await);
        let upload = json!({"projectId": project, "name": "Call", "turns": turns});
        assert_out_of_reach(&client.post("/halfpipe/transcripts", key, &upload).await);
    }
    let seen = client.get("/projects", other).await.json();
    assert_eq!((&seen["data"], &seen["pagination"]["total"]), (&json!([]), &json!(0)));
}

#[tokio::test]
async fn two_credentials_are_one_too_many() {
    let service = start().await;
    let key = format!("authorization: Bearer {}", service.program.key("full"));
    let challenge = format!("{CHALLENGE}, error=\"invalid_request\"");
    let more = [("www-authenticate", &*challenge)];
    for second in [&*key, "Authorization: Basic dXNlcjpwYXNz", "authorization: "] {
        let headers = [key.as_bytes(), second.as_bytes()];
        let answer = raw(service.program.address, PROJECTS, &headers).await;
        assert_refused(&answer, 400, AMBIGUOUS, &more);
    }
}

#[tokio::test]
async fn without_its_store_the_program_is_unavailable_and_with_it_again_as_ever() {
    let service = start().await;
    let path = service.folder.path().join("bigspin.db");
    let away = service.folder.path().join("away.db");
    let ask = async || service.get("full", "/projects").await;
    assert_eq!(ask().await.status, 200);

    std::fs::rename(&path, &away).unwrap();
    assert_unavailable(&within(BOUND, 503, ask).await);
    for label in ["read", "write", "legacy", "other"] {
        assert_unavailable(&service.get(label, "/projects").await);
    }
    // What needs no store needs none now.
    assert_missing(&service.client.get_without_key("/projects").await);
    assert_invalid(&service.client.get("/projects", "sk-bigspin-api03-tooshort").await);

    std::fs::rename(&away, &path).unwrap();
    within(Duration::from_secs(10), 200, ask).await;
    assert_lacks(&service.get("write", "/projects").await, "projects-read");
}

#[tokio::test]
async fn unknown_paths_and_methods_are_told_apart_for_those_with_a_key_alone() {
    let service = start().await;
    let (client, key) = (&service.client, service.program.key("read"));
    for path in ["/nowhere", "/projects/", "/projects/a/b/c", "/halfpipe"] {
        assert_missing(&client.get_without_key(path).await);
        let answer = client.get(path, key).await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(
            answer.body,
            r#"{"error":{"message":"There is no such endpoint","type":"not_found_error","code":404}}"#
        );
        assert_is_request_id(&answer);
    }
    for method in [Method::DELETE, Method::PUT, Method::OPTIONS] {
        assert_missing(&client.send(client.request(method.clone(), "/projects")).await);
        let answer = client.send(client.request(method, "/projects").bearer_auth(key)).await;
        assert_eq!((answer.status, answer.header("allow")), (405, Some("GET,HEAD,POST")));
        assert_eq!(answer.json()["error"]["code"], 405);
        assert_is_request_id(&answer);
    }
}

#[tokio::test]
async fn a_refused_head_has_the_headers_and_no_body() {
    let service = start().await;
    let refused = service.client.request(Method::HEAD, "/projects");
    let refused = service.client.send(refused).await;
    assert_eq!((refused.status, &*refused.body), (401, ""));
    assert_eq!(refused.header("www-authenticate"), Some(CHALLENGE));
}

#[tokio::test]
async fn every_request_has_an_id_of_its_own() {
    let service = start().await;
    let (client, key) = (&service.client, service.program.key("read"));
    let named = client.request(Method::GET, "/projects").header("x-request-id", "mine");
    let answers = [
        client.get("/projects", key).await,
        client.get("/projects", key).await,
        client.get_without_key("/projects").await,
        client.send(named.bearer_auth(key)).await,
    ];
    let mut ids: Vec<_> = answers
        .iter()
        .map(|answer| {
            assert_is_request_id(answer);
            answer.header("x-request-id").unwrap()
        })
        .collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), answers.len());
}
