//! Other middleware outside, and handlers that stay on their thread.

use std::rc::Rc;

use actix_cors::Cors;
use actix_web::http::header;
use actix_web::middleware::{Compress, Logger};
use actix_web::web::{Data, get};
use actix_web::{App, HttpResponse};
use keyward::actix::ApiKey;
use keyward_tests::bigspin::{INVALID, MISSING, assert_is_request_id};
use keyward_tests::{Answer, Client};
use reqwest::Method;

use crate::server::Server;
use crate::{auth, bigspin, standard};

const ORIGIN: &str = "https://app.example";

fn cors() -> Cors {
    let cors = Cors::default().allowed_origin(ORIGIN).allowed_methods(["GET"]);
    cors.allowed_header(header::AUTHORIZATION).expose_headers(["x-request-id"])
}

async fn hello(_: ApiKey) -> &'static str {
    "hello"
}

/// What a browser asks before a cross-origin request with a key.
async fn preflight(client: &Client) -> Answer {
    let request = client
        .request(Method::OPTIONS, "/")
        .header("origin", ORIGIN)
        .header("access-control-request-method", "GET")
        .header("access-control-request-headers", "authorization");
    client.send(request).await
}

#[tokio::test]
async fn a_preflight_passes_with_cors_outside_or_when_it_is_allowed() {
    let keys = standard().await;
    let strict = auth(&keys);
    let lenient = strict.clone().allow_preflight();
    let within = strict.clone();
    let refusing = Server::start(move || {
        App::new().route("/", get().to(hello)).wrap(cors()).wrap(within.clone())
    });
    assert_eq!(preflight(&refusing.client()).await.status, 401);

    let outside = Server::start(move || {
        App::new().route("/", get().to(hello)).wrap(strict.clone()).wrap(cors())
    });
    let allowing = Server::start(move || {
        App::new().route("/", get().to(hello)).wrap(cors()).wrap(lenient.clone())
    });
    for server in [&outside, &allowing] {
        let client = server.client();
        let answer = preflight(&client).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("access-control-allow-origin"), Some(ORIGIN));
        assert_eq!(client.get_without_key("/").await.status, 401, "a preflight is no way in");
    }
    let client = allowing.client();
    let options = client.request(Method::OPTIONS, "/").header("origin", ORIGIN);
    assert_eq!(client.send(options).await.status, 401, "OPTIONS alone is no preflight");
}

#[tokio::test]
async fn cors_compression_and_logging_outside_see_refusals() {
    let keys = bigspin().await;
    let key = keys.key("projects-read").await;
    let auth = auth(&keys);
    let server = Server::start(move || {
        App::new()
            .route("/", get().to(hello))
            .wrap(auth.clone())
            .wrap(Compress::default())
            .wrap(Logger::new("%s %{x-request-id}o"))
            .wrap(cors())
    });
    let client = server.client();
    for (key, status, body) in
        [(Some(key.expose()), 200, "hello"), (None, 401, MISSING), (Some("junk"), 401, INVALID)]
    {
        let request = client.request(Method::GET, "/").header("origin", ORIGIN);
        let request = if let Some(key) = key { request.bearer_auth(key) } else { request };
        let answer = client.send(request).await;
        assert_eq!((answer.status, &*answer.body), (status, body));
        assert_eq!(answer.header("access-control-allow-origin"), Some(ORIGIN));
        assert_eq!(answer.header("access-control-expose-headers"), Some("x-request-id"));
        assert_is_request_id(&answer);
    }
    let squeezed = client.request(Method::GET, "/").header("accept-encoding", "gzip");
    let squeezed = client.send(squeezed).await;
    assert_eq!((squeezed.status, squeezed.header("content-encoding")), (401, Some("gzip")));
    assert_is_request_id(&squeezed);
}

#[tokio::test]
async fn a_handler_may_hold_what_is_not_send_while_it_waits() {
    async fn count(key: ApiKey, seen: Data<u32>) -> HttpResponse {
        let here = Rc::new(key);
        let there = Rc::clone(&here);
        tokio::task::yield_now().await;
        HttpResponse::Ok().body(format!(
            "{} {} {seen:?}",
            there.workspace(),
            Rc::strong_count(&here)
        ))
    }
    let keys = bigspin().await;
    let key = keys.key("projects-read").await;
    let auth = auth(&keys);
    let server = Server::start(move || {
        App::new().app_data(Data::new(7_u32)).wrap(auth.clone()).route("/", get().to(count))
    });
    assert_eq!(server.client().get("/", key.expose()).await.body, "acme 2 Data(7)");
    assert_eq!(server.client().get_without_key("/").await.status, 401);
}
