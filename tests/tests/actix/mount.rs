//! Services of tower inside actix-web: bodies both ways, and requests that end early.

use std::convert::Infallible;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use actix_web::App;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Extension, Router};
use futures_util::{StreamExt, stream};
use keyward::actix::mount;
use keyward::tower::{ApiKey, RequestId};
use keyward_tests::bigspin::{assert_is_request_id, assert_lacks, assert_missing};
use keyward_tests::{Keys, Raw};
use reqwest::{Method, Version};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::sync::{Notify, oneshot};
use tokio::time::timeout;

use crate::server::Server;
use crate::{auth, bigspin};

const SIZE: usize = 50_000_000;
/// Longer than anything takes here.
const PATIENCE: Duration = Duration::from_mins(2);

/// Serves a router below `/tower`, for those with a key.
fn serve(keys: &Keys, router: Router) -> Server {
    let auth = auth(keys);
    Server::start_with(
        move || App::new().service(mount("/tower", router.clone())).wrap(auth.clone()),
        false,
    )
}

/// A client that has sent the head of a request with a body in chunks.
async fn begin(server: &Server, path: &str, key: &str) -> TcpStream {
    let mut connection = TcpStream::connect(server.address).await.unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: test\r\nauthorization: Bearer {key}\r\n\
         transfer-encoding: chunked\r\n\r\n"
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    connection
}

async fn read_until(connection: &mut TcpStream, end: &str) -> String {
    let mut text = String::new();
    while !text.ends_with(end) {
        text.push(timeout(PATIENCE, connection.read_u8()).await.unwrap().unwrap().into());
    }
    text
}

#[tokio::test]
async fn bodies_are_streamed_both_ways_at_once() {
    let keys = bigspin().await;
    let echo = post(async |body: Body| Body::from_stream(body.into_data_stream()));
    let server = serve(&keys, Router::new().route("/tower/echo", echo));
    let key = keys.key("projects-read").await;
    let mut connection = begin(&server, "/tower/echo", key.expose()).await;
    let head = read_until(&mut connection, "\r\n\r\n").await;
    assert!(head.starts_with("HTTP/1.1 200 ") && head.contains("chunked"), "{head}");
    for chunk in ["5\r\nfirst\r\n", "6\r\nsecond\r\n", "0\r\n\r\n"] {
        connection.write_all(chunk.as_bytes()).await.unwrap();
        assert_eq!(read_until(&mut connection, "\r\n").await.len(), 3);
        if chunk != "0\r\n\r\n" {
            assert_eq!(read_until(&mut connection, "\r\n").await, chunk[3..]);
        }
    }

    let whole = Bytes::from(vec![b'x'; SIZE]);
    let http1 = reqwest::Client::builder().no_proxy().build().unwrap();
    let http2 = reqwest::Client::builder().no_proxy().http2_prior_knowledge().build().unwrap();
    for (client, version) in [(http1, Version::HTTP_11), (http2, Version::HTTP_2)] {
        let request = client.post(format!("http://{}/tower/echo", server.address));
        let request = request.version(version).bearer_auth(key.expose()).body(whole.clone());
        assert_eq!(request.send().await.unwrap().bytes().await.unwrap(), whole, "{version:?}");
    }
}

#[tokio::test]
async fn the_service_sees_the_request_as_it_came() {
    async fn tell(request: Request) -> String {
        let (head, body) = request.into_parts();
        let more = head.headers.get_all("x-more").iter().count();
        let key = ApiKey::of(&head.extensions).unwrap();
        assert_eq!(key.request_id().as_str(), RequestId::of(&head.extensions).unwrap().as_str());
        let length = axum::body::HttpBody::size_hint(&body).exact();
        format!("{} {} {more} {} {length:?}", head.method, head.uri, key.workspace())
    }
    let keys = bigspin().await;
    let server = serve(&keys, Router::new().fallback(any(tell)));
    let key = keys.key("projects-read").await;
    for path in ["/tower", "/tower/", "/tower/a%2Fb//%FF?q=%20&q"] {
        for (method, body) in [("GET", None), ("PROPFIND", Some("12345"))] {
            let request = server.client().request(method.parse().unwrap(), path);
            let request = request.header("x-more", "1").header("x-more", "2");
            let request = request.bearer_auth(key.expose());
            let length = body.map_or(0, str::len);
            let request = if let Some(body) = body { request.body(body) } else { request };
            let answer = server.client().send(request).await;
            let expected = format!("{method} {path} 2 acme Some({length})");
            assert_eq!((answer.status, &*answer.body), (200, &*expected));
            assert_is_request_id(&answer);
        }
    }
    assert_missing(&server.client().get_without_key("/tower").await);
    let elsewhere = server.client().get("/towers", key.expose()).await;
    assert_eq!((elsewhere.status, &*elsewhere.body), (404, ""));
}

#[tokio::test]
async fn the_response_is_sent_as_the_service_made_it() {
    async fn answer() -> Response {
        let mut headers = HeaderMap::new();
        headers.append("x-more", "1".parse().unwrap());
        headers.append("x-more", "2".parse().unwrap());
        (StatusCode::IM_A_TEAPOT, headers, "short and stout").into_response()
    }
    async fn length() -> Response {
        ([(CONTENT_LENGTH, "12345")], Body::empty()).into_response()
    }
    let keys = bigspin().await;
    let router = Router::new()
        .route("/tower/teapot", get(answer))
        .route("/tower/length", any(length))
        .route("/tower/nothing", get(StatusCode::NO_CONTENT));
    let server = serve(&keys, router);
    let key = keys.key("projects-read").await;
    let client = server.client();
    let teapot = client.get("/tower/teapot", key.expose()).await;
    assert_eq!((teapot.status, &*teapot.body), (418, "short and stout"));
    assert_eq!(teapot.headers.get_all("x-more").iter().collect::<Vec<_>>(), ["1", "2"]);
    for (path, length) in [("/tower/teapot", "15"), ("/tower/length", "12345")] {
        let head = client.request(Method::HEAD, path).bearer_auth(key.expose());
        let head = client.send(head).await;
        assert_eq!((head.header("content-length"), &*head.body), (Some(length), ""));
    }
    let nothing = client.get("/tower/nothing", key.expose()).await;
    assert_eq!(nothing.header_names(), ["x-request-id"]);
}

#[tokio::test]
async fn a_response_that_breaks_off_is_not_taken_for_the_whole() {
    async fn break_off() -> Body {
        let pieces = stream::iter([Ok("a piece"), Err("the test says so")]);
        Body::from_stream(pieces)
    }
    let keys = bigspin().await;
    let server = serve(&keys, Router::new().route("/tower", get(break_off)));
    let key = keys.key("projects-read").await;
    let request = server.client().request(Method::GET, "/tower").bearer_auth(key.expose());
    let whole = async { request.send().await?.bytes().await };
    assert!(whole.await.is_err());
}

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
        let mut refused = upload("/tower/refused").await;
        refused.headers.remove("connection");
        assert_lacks(&refused, "projects-write");
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
    let (sender, mut counts) = mpsc::unbounded_channel();
    let read = {
        let go_on = Arc::clone(&go_on);
        async move |body: Body| {
            go_on.notified().await;
            let mut pieces = body.into_data_stream();
            let mut length = 0;
            while let Some(piece) = pieces.next().await {
                length += piece.unwrap().len();
            }
            let _ = sender.send(length);
        }
    };
    let server = serve(&keys, Router::new().route("/tower", post(read)));
    let key = keys.key("projects-read").await;
    let mut connection = begin(&server, "/tower", key.expose()).await;
    let (done, mut is_done) = oneshot::channel();
    // More than all buffers on the way hold.
    let length = 4 * SIZE;
    let sending = tokio::spawn(async move {
        connection.write_all(format!("{length:x}\r\n").as_bytes()).await.unwrap();
        connection.write_all(&vec![b'x'; length]).await.unwrap();
        let _ = done.send(());
        connection.write_all(b"\r\n0\r\n\r\n").await.unwrap();
        connection
    });
    // Another request, which is not stopped by the first.
    assert_eq!(server.client().get("/tower", key.expose()).await.status, 405);
    assert!(is_done.try_recv().is_err());
    go_on.notify_one();
    assert_eq!(timeout(PATIENCE, counts.recv()).await.unwrap(), Some(length));
    assert!(is_done.await.is_ok());
    drop(sending.await.unwrap());
}
