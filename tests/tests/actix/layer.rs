//! The twins of the tests in `adapter.rs`.

use actix_web::body::BoxBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse};
use actix_web::http::header::HeaderValue;
use actix_web::middleware::{Next, from_fn};
use actix_web::web::{ServiceConfig, get, resource, scope};
use actix_web::{App, HttpMessage, HttpRequest, HttpResponse, error};
use keyward::actix::{ApiKey, ApiKeyAuth, RequestId};
use keyward::verify::{self, Rejection};
use keyward_tests::bigspin::assert_is_request_id;
use keyward_tests::{Answer, Client, raw};
use reqwest::Method;

use crate::server::Server;
use crate::{auth, standard};

/// Says which id the request has for the handler.
async fn id(_: ApiKey, id: RequestId) -> String {
    id.to_string()
}

fn routes(config: &mut ServiceConfig) {
    config.route("/", get().to(id));
}

/// Serves [`routes`] behind a layer.
fn behind(auth: ApiKeyAuth) -> Server {
    Server::start(move || App::new().wrap(auth.clone()).configure(routes))
}

async fn get_named(client: &Client, key: &str, id: &[u8]) -> Answer {
    let id = reqwest::header::HeaderValue::from_bytes(id).unwrap();
    client.send(client.request(Method::GET, "/").bearer_auth(key).header("x-request-id", id)).await
}

#[tokio::test]
async fn a_clients_request_id_counts_only_where_it_is_accepted() {
    let keys = standard().await;
    let key = keys.key("a").await;
    let deaf = behind(auth(&keys));
    let answer = get_named(&deaf.client(), key.expose(), b"trace-7.a_B").await;
    assert_is_request_id(&answer);
    assert_eq!(answer.header("x-request-id"), Some(&*answer.body), "one id for both sides");

    let open = behind(auth(&keys).accept_request_id());
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
    let keys = standard().await;
    let key = keys.key("a").await;
    let auth = auth(&keys);
    let server = Server::start(move || {
        App::new().configure(routes).wrap(auth.clone()).wrap_fn(|request, service| {
            let id = request.headers().get("x-trace").map(|id| id.to_str().unwrap().to_owned());
            // One that cannot stand in a header is none.
            let id = verify::RequestId::from_application(id.as_deref().unwrap_or("é"));
            request.extensions_mut().insert(id);
            service.call(request)
        })
    });
    let client = server.client();
    let traced = client.request(Method::GET, "/").header("x-trace", "of the application");
    let answer = client.send(traced.bearer_auth(key.expose())).await;
    assert_eq!(answer.header("x-request-id"), Some("of the application"));
    assert_eq!(answer.body, "of the application");
    let traced = client.request(Method::GET, "/").header("x-trace", "of the application");
    assert_eq!(client.send(traced).await.json()["request_id"], "of the application");
    let refused = client.get_without_key("/").await;
    assert_is_request_id(&refused);
    assert_eq!(refused.json()["request_id"], refused.header("x-request-id").unwrap());
}

#[tokio::test]
async fn everything_inside_is_guarded_around_an_app_a_scope_and_a_resource() {
    let keys = standard().await;
    let key = keys.key("a").await;
    let auth = auth(&keys);
    let server = Server::start(move || {
        let inner = scope("/scope").wrap(auth.clone()).route("/route", get().to(id));
        let alone = resource("/resource").wrap(auth.clone()).route(get().to(id));
        App::new().service(inner).service(alone).route("/open", get().to(HttpResponse::Ok))
    });
    let client = server.client();
    let send = async |method: Method, path, key: Option<&str>| {
        let request = client.request(method, path);
        let request = if let Some(key) = key { request.bearer_auth(key) } else { request };
        client.send(request).await
    };
    let inside = ["/scope/route", "/scope/nowhere", "/scope", "/resource"];
    for path in inside {
        for method in [Method::GET, Method::HEAD, Method::OPTIONS, Method::DELETE, Method::POST] {
            let refused = send(method.clone(), path, None).await;
            assert_eq!(refused.status, 401, "{method} {path}");
            assert_eq!(refused.header("allow"), None, "strangers learn nothing");
            assert_is_request_id(&refused);
        }
    }
    let good = Some(key.expose());
    for (path, status) in inside.into_iter().zip([200, 404, 404, 200]) {
        let answer = send(Method::GET, path, good).await;
        assert_eq!(answer.status, status, "{path}");
        assert_is_request_id(&answer);
    }
    assert_eq!(send(Method::DELETE, "/resource", good).await.status, 405);
    assert_eq!(client.get_without_key("/open").await.status, 200);
    assert_eq!(client.get_without_key("/nowhere").await.status, 404);

    let whole = behind(crate::auth(&keys));
    let client = whole.client();
    assert_eq!(client.get_without_key("/nowhere").await.status, 401);
    assert_eq!(client.get("/nowhere", key.expose()).await.status, 404);
}

#[tokio::test]
async fn a_layer_inside_another_keeps_the_requests_id() {
    let keys = standard().await;
    let key = keys.key("a").await;
    let (outer, inner) = (auth(&keys).optional(), auth(&keys));
    let server = Server::start(move || {
        let strict = scope("/strict").wrap(inner.clone()).route("", get().to(id));
        App::new().wrap(outer.clone()).service(strict)
    });
    let client = server.client();
    let answer = client.get("/strict", key.expose()).await;
    assert_eq!(answer.header("x-request-id"), Some(&*answer.body));
    let refused = client.get_without_key("/strict").await;
    assert_eq!(refused.status, 401);
    assert_eq!(refused.json()["request_id"], refused.header("x-request-id").unwrap());
}

#[tokio::test]
async fn head_is_answered_like_get_without_a_body() {
    let keys = standard().await;
    let key = keys.key("a").await;
    let auth = auth(&keys);
    let server = Server::start(move || {
        let hello = resource("/").get(id).head(|_: ApiKey| async { "hello" });
        App::new().wrap(auth.clone()).service(hello)
    });
    let client = server.client();
    let answer = client.send(client.request(Method::HEAD, "/").bearer_auth(key.expose())).await;
    assert_eq!((answer.status, &*answer.body), (200, ""));
    assert_eq!(answer.header("content-length"), Some("5"));
    assert_is_request_id(&answer);

    let refused = client.get_without_key("/").await;
    let head = client.send(client.request(Method::HEAD, "/")).await;
    assert_eq!((head.status, &*head.body), (401, ""));
    assert_eq!(head.header_names(), refused.header_names());
    assert_eq!(head.header("content-length"), refused.header("content-length"));
}

#[tokio::test]
async fn a_key_in_another_header_works_and_its_answer_is_private() {
    let keys = standard().await;
    let key = keys.key("a").await;
    let auth = auth(&keys);
    let server = Server::start(move || {
        let cached = async || {
            HttpResponse::Ok().insert_header(("cache-control", "public, max-age=60")).finish()
        };
        App::new().wrap(auth.clone()).configure(routes).route("/cached", get().to(cached))
    });
    let client = server.client();

    let elsewhere = |path| client.request(Method::GET, path).header("x-api-key", key.expose());
    let answer = client.send(elsewhere("/")).await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, Some("private")));
    let cached = client.send(elsewhere("/cached")).await;
    assert_eq!(cached.header("cache-control"), Some("public, max-age=60"), "the handler's word");
    let answer = client.get("/", key.expose()).await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, None));

    let bearer = format!("authorization: Bearer {}", key.expose());
    let basic = "authorization: Basic a2V5".to_owned();
    let header = format!("x-api-key: {}", key.expose());
    for pair in [
        [&bearer, &header],
        [&header, &header],
        [&bearer, &bearer],
        [&bearer, &basic],
        [&basic, &bearer],
    ] {
        let answer = raw(server.address, "/", &pair.map(String::as_bytes)).await;
        assert_eq!(answer.status, 400);
        assert_eq!(answer.json()["code"], "ambiguous_key");
    }
}

#[tokio::test]
async fn headers_with_keys_are_marked_sensitive_for_handlers() {
    let keys = standard().await;
    let key = keys.key("a").await;
    let auth = auth(&keys);
    let debug = async |request: HttpRequest| format!("{request:?} {:?}", request.headers());
    let server = Server::start(move || App::new().wrap(auth.clone()).route("/", get().to(debug)));
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
async fn middleware_outside_can_tell_refusals_apart() {
    let keys = standard().await;
    let key = keys.key("a").await;
    let auth = auth(&keys);
    let scope = async |key: ApiKey| key.require("b").map(|()| "never");
    let server = Server::start(move || {
        App::new().configure(routes).route("/scope", get().to(scope)).wrap(auth.clone()).wrap_fn(
            |request, service| {
                let answered = service.call(request);
                async {
                    let mut response = answered.await?;
                    let rejection = response.response().extensions().get::<Rejection>().cloned();
                    let kind = rejection.map_or("none", |rejection| rejection.kind().as_str());
                    let kind = HeaderValue::from_static(kind);
                    response.headers_mut().insert("x-refusal".parse().unwrap(), kind);
                    Ok(response)
                }
            },
        )
    });
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
async fn an_error_of_middleware_inside_is_marked_like_a_response() {
    let keys = standard().await;
    let key = keys.key("a").await;
    let auth = auth(&keys);
    let server = Server::start(move || {
        App::new()
            .configure(routes)
            .wrap(from_fn(async |_: ServiceRequest, _: Next<BoxBody>| {
                Err::<ServiceResponse, _>(error::ErrorImATeapot("short and stout"))
            }))
            .wrap(auth.clone())
    });
    let client = server.client();
    let request = client.request(Method::GET, "/").header("x-api-key", key.expose());
    let answer = client.send(request).await;
    assert_eq!((answer.status, &*answer.body), (418, "short and stout"));
    assert_is_request_id(&answer);
    assert_eq!(answer.header("cache-control"), Some("private"));
}
