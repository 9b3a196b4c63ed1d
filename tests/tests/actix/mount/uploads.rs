//! Bodies that the service does not read, or not yet.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use futures_util::StreamExt;
use keyward::tower::ApiKey;
use keyward_tests::Raw;
use keyward_tests::bigspin::assert_lacks;
use reqwest::Method;
use tokio::io::AsyncWriteExt;
use tokio::sync::Notify;

use super::{SIZE, begin, read_until, serve};
use crate::bigspin;

#[tokio::test]
async fn a_client_that_is_uploading_receives_a_refusal_that_came_before_the_body() {
    async fn too_large(_: Body) -> StatusCode {
        StatusCode::PAYLOAD_TOO_LARGE
    }
    async fn refuse(request: Request) -> Response {
        let key = ApiKey::of(request.extensions()).unwrap();
        match key.require("projects-write") {
            Ok(()) => StatusCode::OK.into_response(),
            Err(refused) => refused.into_response(),
        }
    }
    let keys = bigspin().await;
    let router =
        Router::new().route("/tower/large", post(too_large)).route("/tower/refused", post(refuse));
    let server = serve(&keys, router);
    let key = keys.key("projects-read").await;
    let client = server.client();
    for _ in 0..2 {
        let upload = async |path| {
            let request = client.request(Method::POST, path).bearer_auth(key.expose());
            client.send(request.body(vec![b'x'; SIZE])).await
        };
        assert_eq!(upload("/tower/large").await.status, 413);
        assert_lacks(&upload("/tower/refused").await, "projects-write");
    }
    let mut announcing = Raw::connect(server.address).await;
    let head = format!(
        "POST /tower/large HTTP/1.1\r\nhost: test\r\nauthorization: Bearer {}\r\n\
         content-length: {SIZE}\r\n\r\n",
        key.expose()
    );
    announcing.send(head.as_bytes()).await;
    assert_eq!(announcing.answer().await.status, 413, "not a byte of it was sent");
}

#[tokio::test]
async fn a_client_sends_no_faster_than_the_service_reads() {
    let keys = bigspin().await;
    let go_on = Arc::new(Notify::new());
    let read = {
        let go_on = Arc::clone(&go_on);
        async move |body: Body| {
            go_on.notified().await;
            let mut pieces = body.into_data_stream();
            let mut length = 0;
            while let Some(piece) = pieces.next().await {
                length += piece.unwrap().len();
            }
            length.to_string()
        }
    };
    let server = serve(&keys, Router::new().route("/tower", post(read)));
    let key = keys.key("projects-read").await;
    let mut connection = begin(&server, "/tower", key.expose()).await;
    // More than all buffers on the way hold.
    let length = 4 * SIZE;
    connection.write_all(format!("{length:x}\r\n").as_bytes()).await.unwrap();
    let sent = Arc::new(AtomicUsize::new(0));
    let sending = tokio::spawn({
        let sent = Arc::clone(&sent);
        async move {
            let body = vec![b'x'; length];
            while sent.load(Ordering::SeqCst) < length {
                let more = &body[sent.load(Ordering::SeqCst)..];
                sent.fetch_add(connection.write(more).await.unwrap(), Ordering::SeqCst);
            }
            connection.write_all(b"\r\n0\r\n\r\n").await.unwrap();
            connection
        }
    });
    // Others are served meanwhile, until no more goes out.
    let (mut before, mut unchanged) = (0, 0);
    while unchanged < 50 {
        assert_eq!(server.client().get("/tower", key.expose()).await.status, 405);
        let now = sent.load(Ordering::SeqCst);
        unchanged = if now == before { unchanged + 1 } else { 0 };
        before = now;
    }
    assert!(before < length, "all of it was taken, and nobody has read a byte");
    go_on.notify_one();
    let mut connection = sending.await.unwrap();
    let answer = read_until(&mut connection, &length.to_string()).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}
