//! The layer around axum services on sockets: what it lets through, and what it adds.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;
use keyward::axum::{ApiKey, RequestId};
use keyward::dialect::Dialect;
use keyward::verify::Rejection;
use keyward_tests::bigspin::assert_is_request_id;
use keyward_tests::{Answer, Client, Keys, Server, raw};
use reqwest::Method;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tower::limit::ConcurrencyLimit;
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_http::cors::CorsLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};

/// Says which id the request has for the handler.
fn routes() -> Router {
    Router::new().route("/", get(|_: ApiKey, id: RequestId| async move { id.to_string() }))
}

async fn get_named(client: &Client, key: &str, id: &[u8]) -> Answer {
    let id = HeaderValue::from_bytes(id).unwrap();
    client.send(client.request(Method::GET, "/").bearer_auth(key).header("x-request-id", id)).await
}

#[tokio::test]
async fn a_clients_request_id_counts_only_where_it_is_accepted() {
    let keys = Keys::of(Dialect::standard()).await;
    let key = keys.key("a").await;
    let deaf = Server::start(routes().layer(keys.auth())).await;
    let answer = get_named(&deaf.client(), key.expose(), b"trace-7.a_B").await;
    assert_is_request_id(&answer);
    assert_eq!(answer.header("x-request-id"), Some(&*answer.body), "one id for both sides");

    let open = Server::start(routes().layer(keys.auth().accept_request_id())).await;
    let longest = "a".repeat(128);
    for id in ["trace-7.a_B", "7", &longest] {
        let answer = get_named(&open.client(), key.expose(), id.as_bytes()).await;
        assert_eq!((answer.header("x-request-id"), &*answer.body), (Some(id), id));
        let refused = get_named(&open.client(), "not a key", id.as_bytes()).await;
        assert_eq!(refused.status, 401);
        assert_eq!(refused.header("x-request-id"), Some(id));
        assert_eq!(refused.json()["request_id"], id, "header and body agree");
    }
    let too_long = "a".repeat(129);
    for id in ["", "a b", "\",\"admin\":true", "a/b", "é", &too_long] {
        let answer = get_named(&open.client(), key.expose(), id.as_bytes()).await;
        assert_is_request_id(&answer);
        assert_eq!(answer.header("x-request-id"), Some(&*answer.body));
    }
}

#[tokio::test]
async fn a_request_id_that_the_application_set_is_used() {
    let keys = Keys::of(Dialect::standard()).await;
    let key = keys.key("a").await;
    let router = routes()
        .layer(keys.auth())
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid));
    let server = Server::start(router).await;
    let client = server.client();
    let answer = get_named(&client, key.expose(), b"of the application").await;
    assert_eq!(answer.header("x-request-id"), Some("of the application"));
    assert_eq!(answer.body, "of the application");
    let refused = client.get_without_key("/").await;
    assert_is_request_id(&refused);
    assert_eq!(refused.json()["request_id"], refused.header("x-request-id").unwrap());
}

#[tokio::test]
async fn layer_guards_everything_inside_and_route_layer_leaves_unknown_paths_alone() {
    let keys = Keys::of(Dialect::standard()).await;
    let key = keys.key("a").await;
    let all = Server::start(routes().layer(keys.auth())).await;
    let routed = Server::start(routes().route_layer(keys.auth())).await;
    let apart = Router::new().fallback_service(routes()).layer(keys.auth());
    let apart = Server::start(apart).await;
    // `Allow` is axum's: a layer on its router cannot keep it from strangers, one around it does.
    let allow = Some("GET,HEAD");
    for (server, unknown, allow) in [(&all, 401, allow), (&routed, 404, allow), (&apart, 401, None)]
    {
        let client = server.client();
        assert_eq!(client.get_without_key("/").await.status, 401);
        assert_eq!(client.get_without_key("/nowhere").await.status, unknown);
        let options = client.request(Method::OPTIONS, "/");
        let refused = client.send(options).await;
        assert_eq!(refused.status, 401, "another method of a route, too");
        assert_eq!(refused.header("allow"), allow);

        assert_eq!(client.get("/", key.expose()).await.status, 200);
        assert_eq!(client.get("/nowhere", key.expose()).await.status, 404);
    }
}

/// What a browser asks before a cross-origin request with a key.
async fn preflight(client: &Client) -> Answer {
    let request = client
        .request(Method::OPTIONS, "/")
        .header("origin", "https://app.example")
        .header("access-control-request-method", "GET")
        .header("access-control-request-headers", "authorization");
    client.send(request).await
}

#[tokio::test]
async fn a_preflight_passes_with_cors_outside_or_when_it_is_allowed() {
    let keys = Keys::of(Dialect::standard()).await;
    let cors = || {
        CorsLayer::new()
            .allow_origin(HeaderValue::from_static("https://app.example"))
            .allow_headers([header::AUTHORIZATION])
    };
    let refusing = Server::start(routes().layer(cors()).layer(keys.auth())).await;
    assert_eq!(preflight(&refusing.client()).await.status, 401);

    let outside = Server::start(routes().layer(keys.auth()).layer(cors())).await;
    let allowing = Server::start(routes().layer(cors()).layer(keys.auth().allow_preflight())).await;
    for server in [&outside, &allowing] {
        let client = server.client();
        let answer = preflight(&client).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("access-control-allow-origin"), Some("https://app.example"));
        assert_eq!(client.get_without_key("/").await.status, 401, "a preflight is no way in");
    }
    let client = allowing.client();
    let options = client.request(Method::OPTIONS, "/").header("origin", "https://app.example");
    assert_eq!(client.send(options).await.status, 401, "OPTIONS alone is no preflight");
}

#[tokio::test]
async fn a_key_in_another_header_works_and_its_answer_is_private() {
    let keys = Keys::of(Dialect::standard()).await;
    let key = keys.key("a").await;
    let public = [(header::CACHE_CONTROL, "public, max-age=60")];
    let router = routes().route("/cached", get(move || async move { (public, "cached") }));
    let server = Server::start(router.layer(keys.auth())).await;
    let client = server.client();

    let elsewhere = |path| client.request(Method::GET, path).header("x-api-key", key.expose());
    let answer = client.send(elsewhere("/")).await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, Some("private")));
    let cached = client.send(elsewhere("/cached")).await;
    assert_eq!(cached.header("cache-control"), Some("public, max-age=60"), "the handler's word");
    let answer = client.get("/", key.expose()).await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, None));

    let bearer = format!("authorization: Bearer {}", key.expose());
    let header = format!("x-api-key: {}", key.expose());
    for pair in [[&bearer, &header], [&header, &header]] {
        let answer = raw(server.address, "/", &pair.map(String::as_bytes)).await;
        assert_eq!(answer.status, 400);
        assert_eq!(answer.json()["code"], "ambiguous_key");
    }
}

#[tokio::test]
async fn headers_with_keys_are_marked_sensitive_for_handlers() {
    let keys = Keys::of(Dialect::standard()).await;
    let key = keys.key("a").await;
    let debug = |headers: HeaderMap| async move { format!("{headers:?}") };
    let router = Router::new().route("/", get(debug)).layer(keys.auth());
    let server = Server::start(router).await;
    let client = server.client();
    for request in [
        client.request(Method::GET, "/").bearer_auth(key.expose()),
        client.request(Method::GET, "/").header("x-api-key", key.expose()),
    ] {
        let answer = client.send(request).await;
        assert_eq!(answer.status, 200);
        assert!(answer.body.contains("Sensitive"), "{}", answer.body);
        assert!(!answer.body.contains(key.expose()));
    }
}

#[tokio::test]
async fn layers_outside_can_tell_refusals_apart() {
    async fn name_refusal(request: Request, next: Next) -> Response {
        let mut response = next.run(request).await;
        let rejection = response.extensions().get::<Rejection>();
        let kind = rejection.map_or("none", |rejection| rejection.kind().as_str());
        response.headers_mut().insert("x-refusal", HeaderValue::from_static(kind));
        response
    }
    let keys = Keys::of(Dialect::standard()).await;
    let key = keys.key("a").await;
    let scope = |key: ApiKey| async move { key.require("b").map(|()| StatusCode::OK) };
    let router = routes().route("/scope", get(scope));
    let server = Server::start(router.layer(keys.auth()).layer(middleware::from_fn(name_refusal)));
    let server = server.await;
    let client = server.client();
    let unknown = keys.verifier.dialect().issue(keys.verifier.dialect().kind_id("live").unwrap());
    for (path, key, kind) in [
        ("/", key.expose(), "none"),
        ("/", "x", "malformed"),
        ("/", unknown.unwrap().expose(), "unknown"),
        ("/scope", key.expose(), "scope"),
    ] {
        assert_eq!(client.get(path, key).await.header("x-refusal"), Some(kind));
    }
    assert_eq!(client.get_without_key("/").await.header("x-refusal"), Some("missing"));
}

#[tokio::test]
async fn the_service_that_was_polled_ready_is_the_one_that_is_called() {
    let keys = Keys::of(Dialect::standard()).await;
    let key = keys.key("a").await;
    let inner = service_fn(async |_: Request| {
        tokio::task::yield_now().await;
        Ok::<_, Infallible>(Response::new(Body::empty()))
    });
    // It panics when it is called without a permit, and waits for ever for one that got lost.
    let mut service = keys.auth().layer(ConcurrencyLimit::new(inner, 1));
    let request = |key: &str| {
        let bearer = format!("Bearer {key}");
        Request::builder().header("authorization", bearer).body(Body::empty()).unwrap()
    };

    let all = async {
        // A miss, hits, and a refusal on one service.
        for (key, status) in [(key.expose(), 200), (key.expose(), 200), ("x", 401)] {
            let answer = service.ready().await.unwrap().call(request(key)).await.unwrap();
            assert_eq!(answer.status(), status);
        }
        // Many at once, of which every second asks the store.
        let mut tasks = JoinSet::new();
        for number in 0..100 {
            let fresh = keys.key("a").await;
            let key = if number % 2 == 0 { &fresh } else { &key };
            tasks.spawn(service.clone().oneshot(request(key.expose())));
        }
        drop(service);
        while let Some(answer) = tasks.join_next().await {
            assert_eq!(answer.unwrap().unwrap().status(), 200);
        }
    };
    timeout(Duration::from_secs(10), all).await.expect("nobody waits for a permit for ever");
}
