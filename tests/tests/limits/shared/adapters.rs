//! Layers, extractors and named limits of both frameworks, where processes count together.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Version};
use axum::routing::post;
use keyward::clock::SystemClock;
use keyward::dialect::Dialect;
use keyward::tower::{ApiKeyAuth, RequireLimitLayer};
use keyward_tests::Redis;
use tower::ServiceExt;

use super::{PATIENCE, process};
use crate::layers::{Uploads, assert_counts_once, left, on_actix, on_axum};
use crate::stage::Stage;

async fn stage(redis: &Redis) -> Stage {
    let dialect = Dialect::builder("acme").named_limits([("uploads", 2)]);
    let mut stage = Stage::of(dialect.build().unwrap()).await;
    stage.verifier = process(&stage, redis, Arc::new(SystemClock::new()), PATIENCE);
    stage
}

#[tokio::test]
async fn two_processes_of_two_frameworks_share_the_limit_of_a_key_and_those_of_a_route() {
    let redis = Redis::start();
    let mut stage = stage(&redis).await;
    let [axum, _] = stage.serve().await;
    stage.verifier = process(&stage, &redis, Arc::new(SystemClock::new()), PATIENCE);
    let [_, actix] = stage.serve().await;
    let (axum, actix) = (axum.client(), actix.client());
    let (_, key) = stage.key(6).await;
    for (client, path, status, state) in [
        (&axum, "/", 200, r#""default";r=5"#),
        (&actix, "/", 200, r#""default";r=4"#),
        (&actix, "/uploads", 200, r#""uploads";r=1"#),
        (&axum, "/uploads", 200, r#""uploads";r=0"#),
        (&actix, "/uploads", 429, r#""uploads";r=0"#),
        (&axum, "/uploads", 429, r#""uploads";r=0"#),
        (&actix, "/", 429, r#""default";r=0"#),
        (&axum, "/", 429, r#""default";r=0"#),
    ] {
        let answer = client.get(path, key.expose()).await;
        assert_eq!((answer.status, left(&answer)), (status, state), "{path}");
    }
}

#[tokio::test]
async fn a_call_of_grpc_is_refused_in_its_own_words() {
    let redis = Redis::start();
    let stage = stage(&redis).await;
    let router = Router::new()
        .route("/test.Uploads/Put", post(async || ()))
        .layer(RequireLimitLayer::<Uploads>::new())
        .layer(ApiKeyAuth::new(stage.verifier.clone()).grpc());
    let (_, key) = stage.key(9).await;
    for expected in [None, None, Some("8")] {
        let call = Request::post("/test.Uploads/Put")
            .version(Version::HTTP_2)
            .header("content-type", "application/grpc")
            .header("authorization", format!("Bearer {}", key.expose()));
        let answer = router.clone().oneshot(call.body(Body::empty()).unwrap()).await.unwrap();
        let code = answer.headers().get("grpc-status").map(|code| code.to_str().unwrap());
        assert_eq!((answer.status().as_u16(), code), (200, expected));
    }
}

#[tokio::test]
async fn a_request_is_counted_once_by_several_layers() {
    let redis = Redis::start();
    let stage = stage(&redis).await;
    assert_counts_once(&stage, &on_axum(&stage).await.client()).await;
    assert_counts_once(&stage, &on_actix(&stage).client()).await;
}
