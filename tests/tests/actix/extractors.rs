//! The twins of the tests in `extractors.rs` of axum.

use actix_web::dev::RequestHead;
use actix_web::http::StatusCode;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::web::{Path, ServiceConfig, get, scope};
use actix_web::{App, HttpResponse, get as at};
use async_trait::async_trait;
use keyward::actix::{
    ApiKey, Caller, Guard, MaybeApiKey, Refused, RequestId, RequireResource, RequireScope,
    RequireScopeLayer,
};
use keyward::key::Resources;
use keyward::manage::{NewKey, Reach};
use keyward::verify::RejectionKind;
use keyward::{Scope, scope, scoped};
use keyward_tests::Logs;
use keyward_tests::bigspin::{
    AMBIGUOUS, CHALLENGE, FORBIDDEN, LIMITED, assert_invalid, assert_lacks, assert_missing,
    assert_out_of_reach, assert_refused, assert_unavailable,
};
use reqwest::Method;

use crate::server::Server;
use crate::{auth, bigspin};

#[tokio::test]
async fn the_key_says_who_is_asking() {
    async fn who(key: ApiKey) -> String {
        [key.id(), key.workspace(), key.name(), key.kind()].join("/")
    }
    let keys = bigspin().await;
    let issued = keys.manager.create(NewKey::new("acme", "production-upload")).await.unwrap();
    let auth = auth(&keys);
    let server = Server::start(move || App::new().wrap(auth.clone()).route("/", get().to(who)));
    let expected = format!("{}/acme/production-upload/secret", issued.record.id.as_str());
    // Asked of the store, then of the cache.
    for _ in 0..2 {
        assert_eq!(server.client().get("/", issued.key.expose()).await.body, expected);
    }
}

#[derive(Scope)]
enum Permission {
    ProjectsRead,
    ProjectsWrite,
}

#[scoped]
async fn one(key: RequireScope<"projects-read">) -> String {
    key.workspace().to_owned()
}

#[scoped(Permission)]
async fn both(_: RequireScope<"projects-read projects-write">) -> &'static str {
    Permission::ProjectsRead.as_str()
}

#[scoped]
#[at("/either")]
async fn either(_: RequireScope<"projects-read | projects-write">) -> &'static str {
    Permission::ProjectsWrite.as_str()
}

async fn by_hand(_: RequireScope<scope!("projects-write")>) -> &'static str {
    "by hand"
}

#[tokio::test]
async fn scopes_are_asked_for_all_together_or_as_alternatives() {
    let keys = bigspin().await;
    let auth = auth(&keys);
    let server = Server::start(move || {
        App::new()
            .wrap(auth.clone())
            .route("/one", get().to(one))
            .route("/both", get().to(both))
            .service(either)
            .route("/by-hand", get().to(by_hand))
    });
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
    let auth = auth(&keys);
    let server = Server::start(move || {
        let written = scope("/written")
            .wrap(RequireScopeLayer::<scope!("projects-write")>::new())
            .route("", get().to(HttpResponse::Ok));
        App::new().wrap(auth.clone()).service(written)
    });
    let client = server.client();
    let write = keys.key("projects-write").await;
    assert_eq!(client.get("/written", write.expose()).await.status, 200);
    assert_eq!(client.get("/written/nowhere", write.expose()).await.status, 404);
    let read = keys.key("projects-read").await;
    for path in ["/written", "/written/nowhere"] {
        assert_lacks(&client.get(path, read.expose()).await, "projects-write");
        assert_missing(&client.get_without_key(path).await);
    }
}

#[scoped]
async fn project(key: RequireResource<"project_id">) -> String {
    key.name().to_owned()
}

fn projects(config: &mut ServiceConfig) {
    config
        .route("/projects/{project_id}", get().to(project))
        .service(scope("/nested/{project_id}").route("/read", get().to(project)))
        .route("/others/{other_id}", get().to(project))
        .route("/none", get().to(project));
}

#[tokio::test]
async fn a_key_for_some_resources_is_refused_at_others() {
    let keys = bigspin().await;
    let auth = auth(&keys);
    let server = Server::start(move || App::new().wrap(auth.clone()).configure(projects));
    let client = server.client();
    let some = ["p-1", "p 2", "p/3", "p%2F4", "p+5"].map(str::to_owned).to_vec();
    let some = NewKey::new("acme", "some").with_resources(Resources::Only(some));
    let some = keys.manager.create(some).await.unwrap();
    let none = Resources::Only(vec![]);
    let none = keys.manager.create(NewKey::new("acme", "none").with_resources(none)).await.unwrap();
    let all = keys.manager.create(NewKey::new("acme", "all")).await.unwrap();

    let path = |id: &str| [format!("/projects/{id}"), format!("/nested/{id}/read")];
    for id in ["p-1", "%70-1", "p%202", "p%2F3", "p%252F4", "p+5", "p%2B5"] {
        for path in path(id) {
            assert_eq!(client.get(&path, some.key.expose()).await.status, 200, "{path}");
            assert_eq!(client.get(&path, all.key.expose()).await.status, 200, "{path}");
            assert_out_of_reach(&client.get(&path, none.key.expose()).await);
            assert_missing(&client.get_without_key(&path).await);
        }
    }
    for id in ["p-2", "P-1", "p-1%00", "p%2F4", "p%25202", "%FF", "p-1%FF", "%EF%BF%BD"] {
        for path in path(id) {
            assert_out_of_reach(&client.get(&path, some.key.expose()).await);
        }
    }
    // What is not text is no resource, not even for a key that may touch all there are.
    assert_out_of_reach(&client.get("/projects/%FF", all.key.expose()).await);
    assert_eq!(client.get("/projects/%EF%BF%BD", all.key.expose()).await.status, 200);
}

#[tokio::test]
async fn a_route_without_the_parameter_answers_500_and_the_log_names_it() {
    let (logs, _guard) = Logs::of_thread();
    let keys = bigspin().await;
    let app = init_service(App::new().wrap(auth(&keys)).configure(projects)).await;
    let key = keys.key("projects-read").await;
    for (count, path) in [(1, "/others/p-1"), (2, "/none")] {
        let bearer = ("authorization", format!("Bearer {}", key.expose()));
        let request = TestRequest::get().uri(path).insert_header(bearer).to_request();
        assert_eq!(call_service(&app, request).await.status(), 500);
        assert_eq!(logs.text().matches("no such path parameter").count(), count, "{path}");
    }
}

#[tokio::test]
async fn an_optional_layer_lets_strangers_pass_and_refuses_bad_keys() {
    async fn greet(MaybeApiKey(key): MaybeApiKey, _: RequestId) -> String {
        key.map_or_else(|| "a stranger".to_owned(), |key| key.workspace().to_owned())
    }
    let keys = bigspin().await;
    let optional = auth(&keys).optional();
    let server = Server::start(move || {
        let strict = get().to(async |_: ApiKey| "never");
        App::new().wrap(optional.clone()).route("/", get().to(greet)).route("/strict", strict)
    });
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
    assert_invalid(&client.get("/", key).await);
    assert_missing(&client.get_without_key("/strict").await);
}

/// Lets the token `eyJ.alice` in, as a JWT of Alice.
struct Tokens;

#[async_trait(?Send)]
impl Guard for Tokens {
    type Principal = String;

    async fn authenticate(&self, head: &RequestHead) -> Result<Option<String>, RejectionKind> {
        let Some(value) = head.headers().get("authorization") else { return Ok(None) };
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
    let auth = auth(&keys).or(Tokens);
    let server = Server::start(move || {
        let key = get().to(async |_: ApiKey| "never");
        App::new().wrap(auth.clone()).route("/", get().to(who)).route("/key", key)
    });
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
    async fn refusing(key: ApiKey, kind: Path<String>) -> Result<&'static str, Refused> {
        let kind = RejectionKind::ALL.into_iter().find(|known| known.as_str() == *kind);
        Err(key.refuse(kind.unwrap()))
    }
    async fn elsewhere(key: ApiKey) -> Result<&'static str, Refused> {
        key.require_workspace("acme")?;
        key.require_workspace("globex").map(|()| "never")
    }
    let keys = bigspin().await;
    let auth = auth(&keys);
    let server = Server::start(move || {
        App::new()
            .wrap(auth.clone())
            .route("/elsewhere", get().to(elsewhere))
            .route("/{kind}", get().to(refusing))
    });
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
    let layered = scope("/layered")
        .wrap(RequireScopeLayer::<scope!("projects-read")>::new())
        .route("", get().to(HttpResponse::Ok));
    let app = App::new()
        .route("/key", get().to(async |_: ApiKey| ""))
        .route("/maybe", get().to(async |_: MaybeApiKey| ""))
        .route("/caller", get().to(async |_: Caller<String>| ""))
        .route("/id", get().to(async |_: RequestId| ""))
        .route("/scope", get().to(one))
        .route("/resource/{project_id}", get().to(project))
        .service(layered);
    let app = init_service(app).await;
    let paths = ["/key", "/maybe", "/caller", "/id", "/scope", "/resource/p-1", "/layered"];
    for (count, path) in (1..).zip(paths) {
        let bearer = ("authorization", "Bearer sk-bigspin-api03-whatever");
        let request = TestRequest::get().uri(path).insert_header(bearer).to_request();
        let answer = call_service(&app, request).await;
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR, "{path}");
        assert_eq!(answer.headers().get("content-type").unwrap(), "application/json");
        let body = read_body(answer).await;
        assert_eq!(body, r#"{"error":{"message":"Internal server error"}}"#, "as axum's");
        let logs = logs.text();
        let lines = logs.lines().filter(|line| line.contains("no ApiKeyAuth layer"));
        assert_eq!(lines.clone().count(), count, "{logs}");
        for line in lines {
            assert!(line.contains("ERROR keyward: ") && line.contains("`cargo tree -d`"), "{line}");
            assert!(line.contains("`.wrap(ApiKeyAuth::new(verifier))`"), "{line}");
        }
    }
}
