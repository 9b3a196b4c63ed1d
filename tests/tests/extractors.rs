//! The extractors of axum handlers, and how a handler refuses like the layer.

use async_trait::async_trait;
use axum::http::request::Parts;
use axum::routing::{MethodRouter, get};
use axum::{Json, Router};
use keyward::axum::{
    ApiKey, Caller, Guard, MaybeApiKey, Refused, RequestId, RequireResource, RequireScope,
};
use keyward::dialect::Dialect;
use keyward::key::Resources;
use keyward::manage::{NewKey, Reach};
use keyward::tower::RequireScopeLayer;
use keyward::verify::RejectionKind;
use keyward::{scope, scoped};
use keyward_tests::bigspin::{
    AMBIGUOUS, CHALLENGE, FORBIDDEN, LIMITED, assert_invalid, assert_lacks, assert_missing,
    assert_out_of_reach, assert_refused, assert_unavailable,
};
use keyward_tests::{Keys, Logs, Server};
use reqwest::Method;
use serde_json::json;

async fn bigspin() -> Keys {
    Keys::of(Dialect::bigspin()).await
}

#[tokio::test]
async fn the_key_says_who_is_asking() {
    async fn who(key: ApiKey) -> Json<serde_json::Value> {
        Json(
            json!({"id": key.id(), "workspace": key.workspace(), "name": key.name(), "kind": key.kind()}),
        )
    }
    let keys = bigspin().await;
    let new = NewKey::new("acme", "production-upload");
    let issued = keys.manager.create(new).await.unwrap();
    let server = Server::start(Router::new().route("/", get(who)).layer(keys.auth())).await;
    let expected = json!({
        "id": issued.record.id.as_str(),
        "workspace": "acme",
        "name": "production-upload",
        "kind": "secret",
    });
    // Asked of the store, then of the cache.
    for _ in 0..2 {
        assert_eq!(server.client().get("/", issued.key.expose()).await.json(), expected);
    }
}

#[scoped]
async fn one(key: RequireScope<"projects-read">) -> String {
    key.workspace().to_owned()
}

#[scoped]
async fn both(_: RequireScope<"projects-read projects-write">) {}

#[scoped]
async fn either(_: RequireScope<"projects-read | projects-write">) {}

async fn by_hand(_: RequireScope<scope!("projects-write")>) {}

#[tokio::test]
async fn scopes_are_asked_for_all_together_or_as_alternatives() {
    let keys = bigspin().await;
    let router = Router::new()
        .route("/one", get(one))
        .route("/both", get(both))
        .route("/either", get(either))
        .route("/by-hand", get(by_hand))
        .layer(keys.auth());
    let server = Server::start(router).await;
    let client = server.client();
    let (read, write) = (keys.key("projects-read").await, keys.key("projects-write").await);
    let legacy = keys.key("halfpipe-transcripts-write").await;
    let all = keys.key("projects-read projects-write").await;
    let none = keys.key("").await;
    for (path, wanted, let_in) in [
        ("/one", "projects-read", [true, false, false, true, false]),
        ("/both", "projects-read projects-write", [false, false, false, true, false]),
        ("/either", "projects-read", [true, true, true, true, false]),
        ("/by-hand", "projects-write", [false, true, true, true, false]),
    ] {
        for (key, let_in) in [&read, &write, &legacy, &all, &none].into_iter().zip(let_in) {
            let answer = client.get(path, key.expose()).await;
            if let_in {
                assert_eq!(answer.status, 200, "{path}");
            } else {
                assert_lacks(&answer, wanted);
            }
        }
        assert_missing(&client.get_without_key(path).await);
    }
}

#[tokio::test]
async fn a_layer_asks_for_scopes_where_there_are_no_extractors() {
    let keys = bigspin().await;
    let router = Router::new()
        .route("/", get(|| async {}))
        .layer(RequireScopeLayer::<scope!("projects-write")>::new())
        .layer(keys.auth());
    let server = Server::start(router).await;
    let client = server.client();
    let write = keys.key("projects-write").await;
    assert_eq!(client.get("/", write.expose()).await.status, 200);
    let read = keys.key("projects-read").await;
    assert_lacks(&client.get("/", read.expose()).await, "projects-write");
    assert_missing(&client.get_without_key("/").await);
}

#[scoped]
async fn project(key: RequireResource<"project_id">) -> String {
    key.name().to_owned()
}

#[tokio::test]
async fn a_key_for_some_resources_is_refused_at_others() {
    let keys = bigspin().await;
    let router = Router::new()
        .route("/projects/{project_id}", get(project))
        .route("/others/{other_id}", get(project))
        .route("/none", get(project))
        .layer(keys.auth());
    let server = Server::start(router).await;
    let client = server.client();
    let some = Resources::Only(vec!["p-1".to_owned(), "p 2".to_owned()]);
    let some = keys.manager.create(NewKey::new("acme", "some").with_resources(some)).await.unwrap();
    let none = Resources::Only(vec![]);
    let none = keys.manager.create(NewKey::new("acme", "none").with_resources(none)).await.unwrap();
    let all = keys.manager.create(NewKey::new("acme", "all")).await.unwrap();

    for path in ["/projects/p-1", "/projects/p%202"] {
        assert_eq!(client.get(path, some.key.expose()).await.status, 200);
        assert_eq!(client.get(path, all.key.expose()).await.status, 200);
        assert_out_of_reach(&client.get(path, none.key.expose()).await);
        assert_missing(&client.get_without_key(path).await);
    }
    for path in ["/projects/p-2", "/projects/P-1", "/projects/p-1%00", "/projects/%FF"] {
        assert_out_of_reach(&client.get(path, some.key.expose()).await);
    }
    // What is not text is no resource, not even for a key that may touch all there are.
    assert_out_of_reach(&client.get("/projects/%FF", all.key.expose()).await);
    let (logs, _guard) = Logs::of_thread();
    for (count, path) in [(1, "/others/p-1"), (2, "/none")] {
        assert_eq!(client.get(path, some.key.expose()).await.status, 500);
        assert_eq!(logs.text().matches("no such path parameter").count(), count, "{path}");
    }
}

#[tokio::test]
async fn an_optional_layer_lets_strangers_pass_and_refuses_bad_keys() {
    async fn greet(MaybeApiKey(key): MaybeApiKey, _: RequestId) -> String {
        key.map_or_else(|| "a stranger".to_owned(), |key| key.workspace().to_owned())
    }
    let keys = bigspin().await;
    let router = Router::new()
        .route("/", get(greet))
        .route("/strict", get(|_: ApiKey| async {}))
        .layer(keys.auth().optional());
    let server = Server::start(router).await;
    let client = server.client();
    let issued = keys.manager.create(NewKey::new("acme", "a key")).await.unwrap();
    let key = issued.key.expose();

    assert_eq!(client.get_without_key("/").await.body, "a stranger");
    let basic = client.request(Method::GET, "/").basic_auth("user", Some("password"));
    assert_eq!(client.send(basic).await.body, "a stranger");
    assert_eq!(client.get("/", key).await.body, "acme");

    assert_invalid(&client.get("/", "not a key").await);
    assert_invalid(&client.get("/", &format!("sk-bigspin-api03-{}", "0".repeat(43))).await);
    keys.manager.revoke(&issued.record.id, Reach::Key).await.unwrap();
    assert_invalid(&client.get("/", key).await);
    assert_missing(&client.get_without_key("/strict").await);
}

/// Lets the token `eyJ.alice` in, as a JWT of Alice.
struct Tokens;

#[async_trait]
impl Guard for Tokens {
    type Principal = String;

    async fn authenticate(&self, head: &Parts) -> Result<Option<String>, RejectionKind> {
        let Some(value) = head.headers.get("authorization") else { return Ok(None) };
        match value.to_str().ok().and_then(|value| value.strip_prefix("Bearer ey")) {
            Some("J.alice") => Ok(Some("alice".to_owned())),
            Some("J.late") => Err(RejectionKind::Expired),
            Some(_) => Err(RejectionKind::Unknown),
            None => Ok(None),
        }
    }
}

#[tokio::test]
async fn another_guard_is_asked_about_what_is_no_key() {
    async fn who(caller: Caller<String>) -> String {
        match caller {
            Caller::Key(key) => format!("the key {}", key.name()),
            Caller::Guard(person) => person,
        }
    }
    let keys = bigspin().await;
    let router = Router::new()
        .route("/", get(who))
        .route("/key", get(|_: ApiKey| async {}))
        .layer(keys.auth().or(Tokens));
    let server = Server::start(router).await;
    let client = server.client();
    let key = keys.key("projects-read").await;

    assert_eq!(client.get("/", key.expose()).await.body, "the key a test's key");
    assert_eq!(client.get("/", "eyJ.alice").await.body, "alice");
    assert_missing(&client.get("/key", "eyJ.alice").await);
    assert_invalid(&client.get("/", "eyJ.late").await);
    assert_invalid(&client.get("/", "eyJ.mallory").await);
    assert_invalid(&client.get("/", "neither").await);
    assert_missing(&client.get_without_key("/").await);
    // What a kind of the dialect claims is a key, and a bad one is refused here.
    assert_invalid(&client.get("/", "sk-bigspin-api03-short").await);
}

#[tokio::test]
async fn a_handler_refuses_in_the_words_of_the_layer() {
    fn refusing(kind: RejectionKind) -> MethodRouter {
        get(move |key: ApiKey| async move { Err::<(), Refused>(key.refuse(kind)) })
    }
    async fn elsewhere(key: ApiKey) -> Result<(), Refused> {
        key.require_workspace("acme")?;
        key.require_workspace("globex")
    }
    let keys = bigspin().await;
    let mut router = Router::new().route("/elsewhere", get(elsewhere));
    for kind in RejectionKind::ALL {
        router = router.route(&format!("/{kind}"), refusing(kind));
    }
    let server = Server::start(router.layer(keys.auth())).await;
    let key = keys.key("projects-read").await;
    let refused = async |path: &str| server.client().get(path, key.expose()).await;

    assert_missing(&refused("/missing").await);
    for path in ["/malformed", "/unknown", "/revoked", "/expired"] {
        assert_invalid(&refused(path).await);
    }
    let challenge = format!("{CHALLENGE}, error=\"insufficient_scope\"");
    let challenge = [("www-authenticate", &*challenge)];
    assert_refused(&refused("/scope").await, 403, FORBIDDEN, &challenge);
    assert_out_of_reach(&refused("/resource").await);
    assert_out_of_reach(&refused("/elsewhere").await);
    let challenge = format!("{CHALLENGE}, error=\"invalid_request\"");
    let challenge = [("www-authenticate", &*challenge)];
    assert_refused(&refused("/ambiguous").await, 400, AMBIGUOUS, &challenge);
    assert_refused(&refused("/rate_limited").await, 429, LIMITED, &[("retry-after", "1")]);
    assert_unavailable(&refused("/unavailable").await);
}

#[tokio::test]
async fn without_the_layer_every_extractor_answers_500_and_the_log_names_the_layer() {
    let (logs, _guard) = Logs::of_thread();
    let layered = Router::new()
        .route("/layered", get(|| async {}))
        .route_layer(RequireScopeLayer::<scope!("projects-read")>::new());
    let router = Router::new()
        .route("/key", get(|_: ApiKey| async {}))
        .route("/maybe", get(|_: MaybeApiKey| async {}))
        .route("/caller", get(|_: Caller<String>| async {}))
        .route("/id", get(|_: RequestId| async {}))
        .route("/scope", get(one))
        .route("/resource/{project_id}", get(project))
        .merge(layered);
    let server = Server::start(router).await;
    let paths = ["/key", "/maybe", "/caller", "/id", "/scope", "/resource/p-1", "/layered"];
    for (count, path) in (1..).zip(paths) {
        let answer = server.client().get(path, "sk-bigspin-api03-whatever").await;
        assert_eq!(answer.status, 500, "{path}");
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert!(!answer.body.contains("keyward"), "the client learns nothing: {}", answer.body);
        let logs = logs.text();
        let lines = logs.lines().filter(|line| line.contains("no ApiKeyAuth layer"));
        assert_eq!(lines.clone().count(), count, "{logs}");
        for line in lines {
            assert!(line.contains("ERROR keyward: ") && line.contains("`cargo tree -d`"), "{line}");
        }
    }
}
