//! A client that is uploading when it is refused receives the refusal.

use actix_web::App;
use actix_web::web::{Bytes, PayloadConfig, post};
use keyward::actix::RequireScope;
use keyward::scoped;
use keyward_tests::bigspin::{INVALID, MISSING, assert_invalid, assert_lacks, assert_missing};
use keyward_tests::{Answer, Keys, Raw};
use reqwest::{Method, RequestBuilder, Version};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::server::Server;
use crate::{auth, bigspin};

const SIZE: usize = 50_000_000;

#[scoped]
async fn upload(_: RequireScope<"projects-write">, body: Bytes) -> String {
    body.len().to_string()
}

fn serve(keys: &Keys) -> Server {
    let auth = auth(keys);
    Server::start(move || {
        App::new()
            .app_data(PayloadConfig::new(2 * SIZE))
            .wrap(auth.clone())
            .route("/", post().to(upload))
    })
}

/// Sends a head that announces 50 MB, and not one of them.
async fn announce(server: &Server, key: &str, more: &str) -> (Raw, Answer) {
    let mut connection = Raw::connect(server.address).await;
    let bearer = format!("authorization: Bearer {key}\r\n");
    let head = format!("POST / HTTP/1.1\r\nhost: test\r\n{bearer}{more}\r\n");
    connection.send(head.as_bytes()).await;
    let answer = connection.answer().await;
    (connection, answer)
}

#[tokio::test]
async fn refused_before_the_body_is_read() {
    let keys = bigspin().await;
    let server = serve(&keys);
    let read = keys.key("projects-read").await;
    let unknown = format!("sk-bigspin-api03-{}", "0".repeat(43));
    for length in ["content-length: 50000000\r\n", "transfer-encoding: chunked\r\n"] {
        let body = |answer: &Answer| (answer.status, answer.body.clone());
        let (_, missing) = announce(&server, "", length).await;
        assert_eq!(body(&missing), (401, MISSING.to_owned()));
        // The first time the store is asked, the second time the cache.
        for key in ["malformed", &unknown, &unknown] {
            let (_, invalid) = announce(&server, key, length).await;
            assert_eq!(body(&invalid), (401, INVALID.to_owned()));
        }
        let (_, lacking) = announce(&server, read.expose(), length).await;
        assert_eq!(lacking.status, 403);
    }
}

#[tokio::test]
async fn who_expects_100_is_let_go_on_and_then_refused() {
    let keys = bigspin().await;
    let server = serve(&keys);
    let more = "content-length: 5\r\nexpect: 100-continue\r\n";
    for (key, status) in [("malformed", 401), (keys.key("projects-write").await.expose(), 200)] {
        let (mut connection, go_on) = announce(&server, key, more).await;
        assert_eq!(go_on.status, 100, "actix-http says so before anybody is asked");
        connection.send(b"hello").await;
        assert_eq!(connection.answer().await.status, status);
    }
}

/// Sends all of a body before it reads a word.
async fn stubborn(server: &Server, key: &str, length: &str, body: &[u8]) -> String {
    let mut connection = TcpStream::connect(server.address).await.unwrap();
    let head =
        format!("POST / HTTP/1.1\r\nhost: test\r\nauthorization: Bearer {key}\r\n{length}\r\n");
    connection.write_all(head.as_bytes()).await.unwrap();
    connection.write_all(body).await.expect("nobody hangs up on who is uploading");
    connection.shutdown().await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.expect("an answer, and no reset");
    answer
}

#[tokio::test]
async fn who_reads_only_after_a_whole_upload_gets_the_refusal() {
    let keys = bigspin().await;
    let server = serve(&keys);
    let read = keys.key("projects-read").await;
    let plain = vec![b'x'; SIZE];
    let mut chunked = format!("{SIZE:x}\r\n").into_bytes();
    chunked.extend_from_slice(&plain);
    chunked.extend_from_slice(b"\r\n0\r\n\r\n");
    let length = format!("content-length: {SIZE}\r\n");
    for (length, body) in [(&*length, &plain), ("transfer-encoding: chunked\r\n", &chunked)] {
        for (key, status) in [("", 401), ("malformed", 401), (read.expose(), 403)] {
            let answer = stubborn(&server, key, length, body).await;
            assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
            assert!(answer.ends_with('}'), "whole: {answer}");
        }
    }
}

#[tokio::test]
async fn a_usual_client_gets_the_refusal_of_an_upload_and_goes_on() {
    let keys = bigspin().await;
    let server = serve(&keys);
    let client = server.client();
    let (read, write) = (keys.key("projects-read").await, keys.key("projects-write").await);
    let http2 = reqwest::Client::builder().no_proxy().http2_prior_knowledge().build().unwrap();
    let url = format!("http://{}/", server.address);
    let http1 = || client.request(Method::POST, "/");
    let http2 = || http2.post(&url).version(Version::HTTP_2);
    for post in [&http1 as &dyn Fn() -> RequestBuilder, &http2] {
        let upload = async |key: Option<&str>| {
            let request = post().body(vec![b'x'; SIZE]);
            let request = if let Some(key) = key { request.bearer_auth(key) } else { request };
            let mut answer = client.send(request).await;
            answer.headers.remove("connection");
            answer
        };
        assert_missing(&upload(None).await);
        assert_invalid(&upload(Some("malformed")).await);
        assert_lacks(&upload(Some(read.expose())).await, "projects-write");
        assert_eq!(upload(Some(write.expose())).await.body, SIZE.to_string());
    }
}
