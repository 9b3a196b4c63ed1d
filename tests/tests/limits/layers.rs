//! Layers around layers: a request is counted once.

use actix_web::{App, web};
use axum::Router;
use axum::routing::get;
use keyward::axum::ApiKey;
use keyward::dialect::Dialect;
use keyward::tower::RequireLimitLayer;
use keyward::{actix, axum as keyward_axum, scope};
use keyward_tests::{Answer, Client, Server};

use crate::server;
use crate::stage::Stage;

pub(crate) type Uploads = scope!("uploads");

async fn stage() -> Stage {
    let dialect = Dialect::builder("acme").named_limits([("uploads", 2)]);
    Stage::of(dialect.build().unwrap()).await
}

/// Two layers of one verifier around each other, and two of one limit.
pub(crate) async fn on_axum(stage: &Stage) -> Server {
    let auth = || keyward_axum::ApiKeyAuth::new(stage.verifier.clone());
    let uploads = Router::new()
        .route("/uploads", get(async |key: ApiKey| key.require_limit("uploads").await))
        .layer(RequireLimitLayer::<Uploads>::new())
        .layer(RequireLimitLayer::<Uploads>::new());
    let router = Router::new().route("/", get(async |_: ApiKey| ())).merge(uploads);
    Server::start(router.layer(auth()).layer(auth())).await
}

pub(crate) fn on_actix(stage: &Stage) -> server::Server {
    let auth = actix::ApiKeyAuth::new(stage.verifier.clone());
    server::Server::start(move || {
        let uploads = web::resource("/uploads")
            .wrap(actix::RequireLimitLayer::<Uploads>::new())
            .wrap(actix::RequireLimitLayer::<Uploads>::new())
            .to(async |key: actix::ApiKey| key.require_limit("uploads").await.map(|()| ""));
        App::new()
            .route("/", web::get().to(async |_: actix::ApiKey| ""))
            .service(uploads)
            .wrap(auth.clone())
            .wrap(auth.clone())
    })
}

/// What is left, without the seconds, which may pass.
pub(crate) fn left(answer: &Answer) -> &str {
    answer.header("ratelimit").unwrap().split(";t=").next().unwrap()
}

pub(crate) async fn assert_counts_once(stage: &Stage, client: &Client) {
    let (_, key) = stage.key(4).await;
    for (path, state) in [
        ("/", r#""default";r=3"#),
        ("/uploads", r#""uploads";r=1"#),
        ("/uploads", r#""uploads";r=0"#),
    ] {
        let answer = client.get(path, key.expose()).await;
        assert_eq!((answer.status, left(&answer)), (200, state), "{path}");
    }
    for (path, state) in [("/uploads", r#""uploads";r=0"#), ("/", r#""default";r=0"#)] {
        let answer = client.get(path, key.expose()).await;
        assert_eq!((answer.status, left(&answer)), (429, state), "{path}");
    }
}

#[tokio::test]
async fn a_request_is_counted_once_by_several_layers_of_axum() {
    let stage = stage().await;
    let server = on_axum(&stage).await;
    assert_counts_once(&stage, &server.client()).await;
}

#[tokio::test]
async fn a_request_is_counted_once_by_several_layers_of_actix_web() {
    let stage = stage().await;
    let server = on_actix(&stage);
    assert_counts_once(&stage, &server.client()).await;
}
