//! Clients that take their time.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::future::pending;
use std::net::SocketAddr;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::middleware::from_fn;
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, HttpServer, web};
use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use futures_util::{StreamExt, stream};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use keyward::actix::{ApiKeyAuth, mount};
use keyward::dialect::Dialect;
use keyward_examples::actix::patience;
use keyward_examples::{HEAD, bind, clients, grpc, serve, serve_connections};
use keyward_tests::{Keys, Raw};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{interval, sleep, timeout};
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::Endpoint;
use tonic::{Code, Request};
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};
use tonic_health::server::health_reporter;
use tonic_prost::ProstCodec;

/// The clock is a test's: it jumps to the next timer when all tasks wait.
#[tokio::test(start_paused = true)]
async fn a_head_that_does_not_end_is_not_waited_for() {
    let listener = bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async { serve(listener, Router::new()).await.is_ok() });

    for (begun, more) in [("", ""), ("GET / HTTP/1.1\r\nhost: te", "x")] {
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(begun.as_bytes()).await.unwrap();
        let (mut reader, mut writer) = client.split();
        let mut seconds = interval(Duration::from_secs(1));
        let closed = timeout(Duration::from_mins(2), async {
            loop {
                tokio::select! {
                    _ = reader.read_u8() => break,
                    _ = seconds.tick() => {
                        if writer.write_all(more.as_bytes()).await.is_err() {
                            break;
                        }
                    }
                }
            }
        });
        assert!(closed.await.is_ok(), "still waited for after {begun:?}");
    }
    server.abort();
}

const HTTP2: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Whether a server closes the connection of a client that says this and no more.
async fn closes(address: SocketAddr, begun: &[u8]) -> bool {
    let mut client = TcpStream::connect(address).await.unwrap();
    client.write_all(begun).await.unwrap();
    let mut seconds = interval(Duration::from_secs(1));
    let mut answer = Vec::new();
    let closed = timeout(Duration::from_mins(2), async {
        loop {
            tokio::select! {
                _ = client.read_to_end(&mut answer) => break,
                _ = seconds.tick() => {}
            }
        }
    });
    closed.await.is_ok()
}

/// Whichever version of HTTP it would have been.
#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_begin_is_not_waited_for() {
    let listener = bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut http = auto::Builder::new(TokioExecutor::new());
    http.http1().timer(TokioTimer::new()).header_read_timeout(HEAD);
    http.http2().timer(TokioTimer::new()).keep_alive_interval(HEAD);
    let app = TowerToHyperService::new(Router::new());
    let server = tokio::spawn(async move {
        serve_connections(listener, |stream, _| {
            http.serve_connection(stream, app.clone()).into_owned()
        })
        .await
        .is_ok()
    });

    for begun in [b"" as &[u8], b"P", &HTTP2[..20], b"POST / HT", HTTP2] {
        assert!(closes(address, begun).await, "still waited for after {}", begun.escape_ascii());
    }
    let mut client = Raw::connect(address).await;
    client.send(b"GET / HT").await;
    client.send(b"TP/1.1\r\nhost: test\r\n\r\n").await;
    assert_eq!(client.answer().await.status, 404);
    server.abort();
}

#[tokio::test(start_paused = true)]
async fn tonic_waits_for_no_client_and_no_message_without_an_end() {
    let listener = bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (_, health) = health_reporter();
    let server = grpc::server().add_service(health);
    let server = tokio::spawn(server.serve_with_incoming(clients(listener)));

    for begun in [b"" as &[u8], b"P", &HTTP2[..20], HTTP2, &[HTTP2, b"\0\0"].concat()] {
        assert!(closes(address, begun).await, "still waited for after {}", begun.escape_ascii());
    }
    let channel = Endpoint::from_shared(format!("http://{address}")).unwrap();
    let mut client = Grpc::new(channel.connect().await.unwrap());
    client.ready().await.unwrap();
    let messages = Request::new(stream::pending::<HealthCheckRequest>());
    let path = PathAndQuery::from_static("/grpc.health.v1.Health/Check");
    let codec = ProstCodec::<_, HealthCheckResponse>::default();
    let call = timeout(Duration::from_mins(2), client.client_streaming(messages, path, codec));
    let refused = call.await.expect("given up").unwrap_err();
    assert_eq!((refused.code(), refused.message()), (Code::Cancelled, "Timeout expired"));
    server.abort();
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_end_is_given_up() {
    let listener = bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = Router::new().route("/", post(async |_: Bytes| "read"));
    let server = tokio::spawn(async { serve(listener, app).await.is_ok() });
    let mut client = TcpStream::connect(address).await.unwrap();
    let head = b"POST / HTTP/1.1\r\nhost: test\r\ncontent-length: 10\r\n\r\n{";
    client.write_all(head).await.unwrap();
    // In steps, at each of which it is looked for what has come meanwhile.
    let mut seconds = interval(Duration::from_secs(1));
    let answered = timeout(Duration::from_mins(2), async {
        loop {
            tokio::select! {
                readable = client.readable() => break readable.unwrap(),
                _ = seconds.tick() => {}
            }
        }
    });
    answered.await.expect("given up");
    let mut status = [0; 12];
    client.read_exact(&mut status).await.unwrap();
    assert_eq!(&status, b"HTTP/1.1 400");
    server.abort();

    // With actix-web, whose servers have clocks of their own.
    let route = web::post().to(async |_: Bytes| "read");
    let app = init_service(App::new().wrap(from_fn(patience)).route("/", route)).await;
    for (payload, status) in
        [(stream::pending().boxed_local(), 400), (stream::empty().boxed_local(), 200)]
    {
        let mut request = TestRequest::post().to_request();
        *request.payload() = Payload::Stream { payload };
        let answered = timeout(Duration::from_mins(2), call_service(&app, request));
        assert_eq!(answered.await.expect("given up").status(), status);
    }
}

#[tokio::test]
async fn a_body_that_comes_after_the_answer_ends_no_connection() {
    let listener = bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async { serve(listener, Router::new()).await.is_ok() });

    let mut client = Raw::connect(address).await;
    for _ in 0..3 {
        client.send(b"POST / HTTP/1.1\r\nhost: test\r\ncontent-length: 100000\r\n\r\n").await;
        assert_eq!(client.answer().await.status, 404);
        client.send(&vec![b'x'; 100_000]).await;
    }
    let waits =
        b"POST / HTTP/1.1\r\nhost: test\r\ncontent-length: 1\r\nexpect: 100-continue\r\n\r\n";
    client.send(waits).await;
    assert_eq!(client.answer().await.status, 404, "it is not asked for the body");
    assert!(client.is_closed().await);
    server.abort();
}

/// Sends a body in chunks that does not end, and says what came until the server closed.
async fn send_chunks(address: SocketAddr, path: &str, begun: &str, more: &str) -> String {
    let mut client = TcpStream::connect(address).await.unwrap();
    let head = format!("POST {path} HTTP/1.1\r\nhost: test\r\ntransfer-encoding: chunked\r\n\r\n");
    client.write_all(head.as_bytes()).await.unwrap();
    client.write_all(begun.as_bytes()).await.unwrap();
    let (mut reader, mut writer) = client.split();
    let go_on = async {
        while writer.write_all(more.as_bytes()).await.is_ok() {
            sleep(Duration::from_millis(5)).await;
        }
        pending::<()>().await;
    };
    let mut answer = Vec::new();
    let closed = timeout(Duration::from_secs(30), async {
        tokio::select! {
            _ = reader.read_to_end(&mut answer) => {}
            () = go_on => {}
        }
    });
    let closed = closed.await.is_ok();
    let answer = String::from_utf8(answer).unwrap();
    assert!(closed, "{path} is read on after {begun:?} {more:?} and {answer}");
    answer
}

#[tokio::test]
async fn actix_reads_no_body_in_chunks_without_an_end() {
    let auth = ApiKeyAuth::new(Keys::of(Dialect::bigspin()).await.verifier.clone());
    let server = HttpServer::new(move || {
        let patient = web::scope("/patient").wrap(from_fn(patience));
        let guarded = web::scope("/guarded").wrap(auth.clone());
        App::new().service(patient).service(guarded).service(mount("/mounted", Router::new()))
    })
    .workers(1)
    .disable_signals()
    // Of less than half a second, which is how exact its clock is, it may miss the end.
    .client_disconnect_timeout(Duration::from_secs(1))
    .bind("127.0.0.1:0")
    .unwrap();
    let address = server.addrs()[0];
    let server = server.run();
    let handle = server.handle();
    tokio::spawn(server);

    for (path, status) in [("/patient/", 404), ("/guarded/", 401), ("/mounted/", 404)] {
        for (begun, more) in [("5\r\nab", ""), ("", "5\r\nhello\r\n")] {
            let answer = send_chunks(address, path, begun, more).await;
            assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
            assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
        }
    }
    handle.stop(false).await;
}
