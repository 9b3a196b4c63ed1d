//! Requests that end early.

use std::convert::Infallible;
use std::future::pending;

use axum::body::Body;
use axum::extract::Request;
use axum::routing::post;
use axum::{Extension, Router};
use futures_util::{StreamExt, stream};
use keyward::dialect::{Dialect, InFlight};
use keyward::key::KeyId;
use keyward::manage::{Issued, KeyManager, NewKey, Reach};
use keyward::tower::ApiKey;
use keyward_tests::Keys;
use reqwest::Method;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::time::timeout;

use super::{PATIENCE, SIZE, begin, serve};
use crate::bigspin;

/// Says when it is dropped.
struct Dropped(UnboundedSender<()>);

impl Drop for Dropped {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

/// A router whose requests never end, and when they did all the same.
fn endless() -> (Router, UnboundedReceiver<()>) {
    let (sender, ends) = mpsc::unbounded_channel();
    let handler = async |Extension(ends): Extension<UnboundedSender<()>>, body: Body| {
        let _dropped = Dropped(ends.clone());
        let _ = ends.send(());
        let _body = body;
        pending::<()>().await;
    };
    let streaming = async |Extension(ends): Extension<UnboundedSender<()>>| {
        let dropped = Dropped(ends.clone());
        let _ = ends.send(());
        Body::from_stream(stream::once(async { Ok::<_, Infallible>("piece") }).chain(stream::once(
            async move {
                let _dropped = dropped;
                pending().await
            },
        )))
    };
    let router = Router::new()
        .route("/tower/handler", post(handler))
        .route("/tower/stream", post(streaming))
        .layer(Extension(sender));
    (router, ends)
}

#[tokio::test]
async fn a_client_that_goes_away_ends_the_handler_and_its_response() {
    let keys = bigspin().await;
    let (router, mut ends) = endless();
    let server = serve(&keys, router);
    let key = keys.key("projects-read").await;
    for path in ["/tower/handler", "/tower/stream"] {
        for sent in ["", "5\r\nhello\r\n", "0\r\n\r\n"] {
            let mut connection = begin(&server, path, key.expose()).await;
            connection.write_all(sent.as_bytes()).await.unwrap();
            timeout(PATIENCE, ends.recv()).await.expect("a beginning");
            drop(connection);
            timeout(PATIENCE, ends.recv()).await.expect("an end");
        }
    }
}

#[tokio::test]
async fn a_body_whose_client_goes_away_ends_with_an_error() {
    let keys = bigspin().await;
    let (sender, mut told) = mpsc::unbounded_channel();
    let read = async |Extension(told): Extension<UnboundedSender<Option<bool>>>, body: Body| {
        let _ = told.send(None);
        // A task of its own, which the end of the request does not end.
        tokio::spawn(async move {
            let whole = axum::body::to_bytes(body, SIZE).await.is_ok();
            told.send(Some(whole))
        });
        pending::<()>().await;
    };
    let router = Router::new().route("/tower", post(read)).layer(Extension(sender));
    let server = serve(&keys, router);
    let key = keys.key("projects-read").await;
    for whole in [false, true] {
        let mut connection = begin(&server, "/tower", key.expose()).await;
        connection.write_all(b"5\r\nhello\r\n").await.unwrap();
        assert_eq!(timeout(PATIENCE, told.recv()).await.unwrap(), Some(None), "it has begun");
        if whole {
            connection.write_all(b"0\r\n\r\n").await.unwrap();
        } else {
            connection.shutdown().await.unwrap();
        }
        assert_eq!(timeout(PATIENCE, told.recv()).await.unwrap(), Some(Some(whole)));
    }
}

#[tokio::test]
async fn a_request_whose_key_is_revoked_ends_and_one_that_ends_its_own_is_answered() {
    async fn sign_off(Extension(manager): Extension<KeyManager>, request: Request) -> String {
        let key = ApiKey::of(request.extensions()).unwrap();
        key.let_finish();
        manager.revoke(&KeyId::new(key.id()), Reach::Key).await.unwrap();
        "ended".to_owned()
    }
    let dialect = Dialect::builder("strict").like(&Dialect::bigspin());
    let keys = Keys::of(dialect.in_flight(InFlight::Cancel).build().unwrap()).await;
    let (router, mut ends) = endless();
    let manager = keys.manager.clone();
    let router = router.route("/tower/me", post(sign_off)).layer(Extension(manager.clone()));
    let server = serve(&keys, router);
    let client = server.client();
    let issue = async || manager.create(NewKey::new("acme", "in flight")).await.unwrap();
    let request =
        |path, key: &Issued| client.request(Method::POST, path).bearer_auth(key.key.expose());

    let working = issue().await;
    let answered = tokio::spawn(request("/tower/handler", &working).send());
    timeout(PATIENCE, ends.recv()).await.expect("a beginning");
    manager.revoke(&working.record.id, Reach::Key).await.unwrap();
    timeout(PATIENCE, ends.recv()).await.expect("an end");
    assert_eq!(answered.await.unwrap().unwrap().status(), 401);

    let streaming = issue().await;
    let mut response = request("/tower/stream", &streaming).send().await.unwrap();
    timeout(PATIENCE, ends.recv()).await.expect("a beginning");
    assert_eq!(response.chunk().await.unwrap().unwrap(), "piece", "its head has left");
    manager.revoke(&streaming.record.id, Reach::Key).await.unwrap();
    timeout(PATIENCE, ends.recv()).await.expect("an end");
    assert!(response.chunk().await.is_err(), "it is cut off");

    let key = keys.key("projects-read").await;
    for status in [200, 401] {
        let answer = server.client().post("/tower/me", key.expose(), &json!({})).await;
        assert_eq!(answer.status, status);
    }
}
