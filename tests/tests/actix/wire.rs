//! HTTP/1.0, connections that go on, and those that become something else.

use actix_web::web::{Payload, get};
use actix_web::{App, HttpResponse};
use keyward::actix::{ApiKey, RequestId};
use keyward_tests::Raw;
use keyward_tests::bigspin::{assert_invalid, assert_is_request_id, assert_missing};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::server::Server;
use crate::{auth, bigspin};

/// Sends back what comes, as a websocket's server would frames.
async fn echo(_: ApiKey, _: RequestId, payload: Payload) -> HttpResponse {
    HttpResponse::SwitchingProtocols().upgrade("websocket").streaming(payload)
}

#[tokio::test]
async fn a_connection_goes_on_after_a_refusal() {
    let keys = bigspin().await;
    let key = keys.key("projects-read").await;
    let auth = auth(&keys);
    let server = Server::start(move || {
        App::new().wrap(auth.clone()).route("/", get().to(async |_: ApiKey| "hello"))
    });
    let mut connection = Raw::connect(server.address).await;
    let bearer = format!("authorization: bearer  {}\r\n", key.expose());
    for _ in 0..3 {
        connection.send(b"GET / HTTP/1.1\r\nhost: test\r\n\r\n").await;
        assert_missing(&connection.answer().await);
        connection.send(b"GET / HTTP/1.1\r\nhost: test\r\nauthorization: Bearer x\r\n\r\n").await;
        assert_invalid(&connection.answer().await);
        connection.send(format!("GET / HTTP/1.1\r\nhost: test\r\n{bearer}\r\n").as_bytes()).await;
        let answer = connection.answer().await;
        assert_eq!((answer.status, &*answer.body), (200, "hello"));
    }
    // All at once.
    connection.send(&b"GET / HTTP/1.1\r\nhost: test\r\n\r\n".repeat(5)).await;
    for _ in 0..5 {
        assert_missing(&connection.answer().await);
    }
}

#[tokio::test]
async fn http_1_0_is_answered_alike() {
    let keys = bigspin().await;
    let key = keys.key("projects-read").await;
    let auth = auth(&keys);
    let server = Server::start(move || {
        App::new().wrap(auth.clone()).route("/", get().to(async |_: ApiKey| "hello"))
    });
    let mut connection = Raw::connect(server.address).await;
    connection.send(b"GET / HTTP/1.0\r\n\r\n").await;
    let mut refused = connection.answer().await;
    refused.headers.remove("connection");
    assert_missing(&refused);
    assert!(connection.is_closed().await);

    let mut connection = Raw::connect(server.address).await;
    let request = format!("GET / HTTP/1.0\r\nauthorization: Bearer {}\r\n\r\n", key.expose());
    connection.send(request.as_bytes()).await;
    let answer = connection.answer().await;
    assert_eq!((answer.status, &*answer.body), (200, "hello"));
    assert_is_request_id(&answer);
}

#[tokio::test]
async fn a_websocket_opens_for_a_key_that_is_let_in() {
    let keys = bigspin().await;
    let key = keys.key("projects-read").await;
    let auth = auth(&keys);
    let server = Server::start(move || App::new().wrap(auth.clone()).route("/", get().to(echo)));
    let handshake = |authorization: &str| {
        format!(
            "GET / HTTP/1.1\r\nhost: test\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             {authorization}\r\n"
        )
    };
    let mut refused = Raw::connect(server.address).await;
    refused.send(handshake("").as_bytes()).await;
    let mut refused = refused.answer().await;
    refused.headers.remove("connection");
    assert_missing(&refused);

    let mut socket = TcpStream::connect(server.address).await.unwrap();
    let bearer = format!("authorization: Bearer {}\r\n", key.expose());
    socket.write_all(handshake(&bearer).as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(socket.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    assert!(head.contains("x-request-id: "), "{head}");
    for frame in [b"ping".as_slice(), b"pong!"] {
        socket.write_all(frame).await.unwrap();
        let mut back = vec![0; frame.len()];
        socket.read_exact(&mut back).await.unwrap();
        assert_eq!(back, frame);
    }
}
