//! What is read of a body that nobody wants, and that it ends.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::DefaultBodyLimit;
use axum::http::{Request, Version, request};
use axum::routing::post;
use futures_util::{StreamExt, stream};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use keyward::dialect::Dialect;
use keyward::tower::{ApiKeyAuth, DrainLayer};
use keyward_tests::{Keys, Raw, Server};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};
use tower::{Layer, service_fn};

/// Longer than anything takes that a test waits for.
const PATIENCE: Duration = Duration::from_secs(30);
const UPLOAD: usize = 50_000_000;
const CHUNK: usize = 50_000;

async fn keys() -> Keys {
    Keys::of(Dialect::bigspin()).await
}

/// Lets in who has a key, on `axum::serve`.
async fn serve(keys: &Keys, drain: DrainLayer) -> Server {
    let upload = post(async |body: Bytes| body.len().to_string());
    let app = Router::new().route("/", upload).layer(DefaultBodyLimit::disable());
    Server::start(app.layer(keys.auth()).layer(drain)).await
}

/// As `serve`, on hyper alone.
async fn serve_hyper(auth: ApiKeyAuth, drain: DrainLayer) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let inner = service_fn(async |_: Request<_>| {
        Ok::<_, Infallible>(hyper::Response::new(Full::from("let in")))
    });
    let service = TowerToHyperService::new(drain.layer(auth.layer(inner)));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = service.clone();
            tokio::spawn(async move {
                let http = Builder::new(TokioExecutor::new());
                http.serve_connection(TokioIo::new(stream), service).await.is_ok()
            });
        }
    });
    address
}

/// Says that so much is to come.
async fn announce(address: SocketAddr, more: &str) -> Raw {
    let mut connection = Raw::connect(address).await;
    let head = format!("POST / HTTP/1.1\r\nhost: test\r\n{more}\r\n\r\n");
    connection.send(head.as_bytes()).await;
    connection
}

/// Sends chunks until the connection breaks, and says how many bytes went.
async fn send_without_end(address: SocketAddr) -> usize {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = "POST / HTTP/1.1\r\nhost: test\r\ntransfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let chunk = format!("{CHUNK:x}\r\n{}\r\n", "x".repeat(CHUNK));
    let mut sent = 0;
    while stream.write_all(chunk.as_bytes()).await.is_ok() {
        sent += CHUNK;
    }
    sent
}

/// Waits until this runtime has no more tasks than these.
async fn until_tasks(most: usize) {
    let metrics = Handle::current().metrics();
    let end = async {
        while metrics.num_alive_tasks() > most {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, end).await.expect("tasks that end");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_reads_only_after_a_whole_upload_gets_the_refusal_and_goes_on() {
    let keys = keys().await;
    let axum = serve(&keys, DrainLayer::new()).await;
    let hyper = serve_hyper(keys.auth(), DrainLayer::new()).await;
    let unknown = format!("authorization: Bearer sk-bigspin-api03-{}\r\n", "0".repeat(43));
    for address in [axum.address, hyper] {
        for authorization in ["", "authorization: Bearer x\r\n", &unknown] {
            let mut connection =
                announce(address, &format!("{authorization}content-length: {UPLOAD}")).await;
            connection.send(&vec![b'x'; UPLOAD]).await;
            assert_eq!(connection.answer().await.status, 401);
            connection.send(b"GET / HTTP/1.1\r\nhost: test\r\n\r\n").await;
            assert_eq!(connection.answer().await.status, 401, "the next request");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_never_stops_is_cut_off_after_the_limit() {
    const LIMIT: usize = 10_000_000;
    let keys = keys().await;
    let server = serve(&keys, DrainLayer::new().with_limit(LIMIT)).await;
    let before = Handle::current().metrics().num_alive_tasks();
    let sent = timeout(PATIENCE, send_without_end(server.address)).await.expect("an end");
    assert!(sent >= LIMIT, "{sent} were sent");
    // Less than what both systems hold of what nobody reads.
    assert!(sent < LIMIT + 50_000_000, "{sent} were sent");
    until_tasks(before).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_sends_nothing_more_is_cut_off_in_time() {
    let keys = keys().await;
    let server = serve(&keys, DrainLayer::new().with_timeout(Duration::from_millis(300))).await;
    let before = Handle::current().metrics().num_alive_tasks();
    let mut connection = announce(server.address, "content-length: 10").await;
    assert_eq!(connection.answer().await.status, 401);
    assert!(connection.is_closed().await);
    until_tasks(before).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_more_than_so_many_at_once_nothing_is_read() {
    let keys = keys().await;
    let drain = DrainLayer::new().with_concurrency(1).with_timeout(PATIENCE * 10);
    let server = serve(&keys, drain).await;
    let mut first = announce(server.address, "content-length: 10").await;
    assert_eq!(first.answer().await.status, 401);
    let mut second = announce(server.address, "content-length: 10").await;
    assert_eq!(second.answer().await.status, 401);
    assert!(second.is_closed().await);

    first.send(b"0123456789GET / HTTP/1.1\r\nhost: test\r\n\r\n").await;
    assert_eq!(first.answer().await.status, 401, "its next request");
    let mut third = announce(server.address, "content-length: 10").await;
    assert_eq!(third.answer().await.status, 401);
    third.send(b"0123456789GET / HTTP/1.1\r\nhost: test\r\n\r\n").await;
    assert_eq!(third.answer().await.status, 401, "there is room again");
}

#[tokio::test]
async fn who_waits_to_be_asked_for_a_body_is_not_asked() {
    let keys = keys().await;
    let server = serve(&keys, DrainLayer::new()).await;
    let more = "content-length: 10\r\nexpect: 100-continue";
    let mut connection = announce(server.address, more).await;
    let answer = connection.answer().await;
    assert_eq!((answer.status, answer.header("connection")), (401, Some("close")));
    assert!(connection.is_closed().await);

    let mut connection = Raw::connect(server.address).await;
    let key = keys.key("projects-read").await;
    let head = format!(
        "POST / HTTP/1.1\r\nhost: test\r\nauthorization: Bearer {}\r\n{more}\r\n\r\n",
        key.expose()
    );
    connection.send(head.as_bytes()).await;
    assert_eq!(connection.answer().await.status, 100);
    connection.send(b"0123456789").await;
    let answer = connection.answer().await;
    assert_eq!((&*answer.body, answer.header("connection")), ("10", None), "it goes on");
}

/// A request whose body is of a length that nobody knows, and ends when the other is dropped.
fn begun(request: request::Builder) -> (Request<Body>, oneshot::Sender<()>) {
    let (end, ended) = oneshot::channel();
    let data = stream::iter(["all ", "of it"]).map(Ok::<_, Infallible>);
    let rest = stream::once(ended).filter_map(async |_| None);
    (request.body(Body::from_stream(data.chain(rest))).unwrap(), end)
}

#[tokio::test]
async fn no_task_begins_where_nothing_is_left_to_read() {
    let drain = DrainLayer::new();
    let tasks = || Handle::current().metrics().num_alive_tasks();
    let before = tasks();

    drop(drain.drain(Request::new(Body::empty())));
    let whole = drain.drain(Request::new(Body::from("all of it")));
    assert_eq!(whole.into_body().collect().await.unwrap().to_bytes(), "all of it");
    let (unmeasured, end) = begun(Request::builder());
    drop(end);
    let whole = drain.drain(unmeasured);
    assert_eq!(whole.into_body().collect().await.unwrap().to_bytes(), "all of it");
    let (http2, _end) = begun(Request::builder().version(Version::HTTP_2));
    drop(drain.drain(http2));
    let (awaited, _end) = begun(Request::builder().header("expect", "100-continue"));
    drop(drain.drain(awaited));
    assert_eq!(tasks(), before);

    let (left, end) = begun(Request::builder());
    // Two layers read it once.
    drop(drain.drain(drain.drain(left)));
    assert_eq!(tasks(), before + 1);
    drop(end);
    until_tasks(before).await;
    let (awaited, end) = begun(Request::builder().header("expect", "100-continue"));
    let mut asked_for = drain.drain(awaited).into_body();
    assert!(asked_for.frame().await.is_some());
    drop(asked_for);
    assert_eq!(tasks(), before + 1, "it comes now");
    drop(end);
    until_tasks(before).await;
}
