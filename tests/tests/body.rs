//! A refusal does not wait for the body, and does not ask for it.

use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use keyward::axum::RequireScope;
use keyward::dialect::Dialect;
use keyward::manage::{NewKey, Reach};
use keyward::scoped;
use keyward_examples::{bind, serve};
use keyward_tests::bigspin::{assert_invalid, assert_lacks, assert_missing};
use keyward_tests::{Answer, Keys, Raw, Server};

#[scoped]
async fn upload(_: RequireScope<"projects-write">, body: Bytes) -> String {
    body.len().to_string()
}

/// Sends a head that announces 50 MB, and not one of them.
async fn announce(server: &Server, authorization: &str, more: &str) -> (Raw, Answer) {
    let mut connection = Raw::connect(server.address).await;
    let head = format!("POST / HTTP/1.1\r\nhost: test\r\n{authorization}{more}\r\n");
    connection.send(head.as_bytes()).await;
    let answer = connection.answer().await;
    (connection, answer)
}

#[tokio::test]
async fn refused_before_the_body_is_read() {
    let keys = Keys::of(Dialect::bigspin()).await;
    let server = Server::start(Router::new().route("/", post(upload)).layer(keys.auth())).await;
    let bearer = |key: &str| format!("authorization: Bearer {key}\r\n");
    let revoked = keys.manager.create(NewKey::new("acme", "revoked")).await.unwrap();
    keys.manager.revoke(&revoked.record.id, Reach::Key).await.unwrap();
    let read = keys.key("projects-read").await;
    let unknown = format!("sk-bigspin-api03-{}", "0".repeat(43));

    for length in ["content-length: 50000000\r\n", "transfer-encoding: chunked\r\n"] {
        for expect in ["", "expect: 100-continue\r\n"] {
            let more = &format!("{length}{expect}");
            assert_missing(&announce(&server, "", more).await.1);
            for key in ["malformed", revoked.key.expose(), &unknown] {
                // The first time the store is asked, the second time the cache.
                for _ in 0..2 {
                    assert_invalid(&announce(&server, &bearer(key), more).await.1);
                }
            }
            let (_, lacking) = announce(&server, &bearer(read.expose()), more).await;
            assert_lacks(&lacking, "projects-write");
        }
    }
}

#[tokio::test]
async fn a_good_key_is_asked_for_the_body() {
    let keys = Keys::of(Dialect::bigspin()).await;
    let server = Server::start(Router::new().route("/", post(upload)).layer(keys.auth())).await;
    let write = keys.key("projects-write").await;
    let bearer = format!("authorization: Bearer {}\r\n", write.expose());
    let more = "content-length: 5\r\nexpect: 100-continue\r\n";
    let (mut connection, go_on) = announce(&server, &bearer, more).await;
    assert_eq!(go_on.status, 100);
    connection.send(b"hello").await;
    let answer = connection.answer().await;
    assert_eq!((answer.status, &*answer.body), (200, "5"));
}

#[tokio::test]
async fn a_connection_with_an_unread_body_is_closed() {
    let keys = Keys::of(Dialect::bigspin()).await;
    let server = Server::start(Router::new().route("/", post(upload)).layer(keys.auth())).await;
    let (mut connection, refused) = announce(&server, "", "content-length: 50000000\r\n").await;
    assert_eq!(refused.status, 401);
    assert!(connection.is_closed().await, "what follows is no request");
}

/// The programs read on: `axum::serve` alone hangs up on who is uploading, and whether the answer
/// arrives then is up to the client's system.
#[tokio::test]
async fn who_reads_only_after_a_whole_upload_gets_the_refusal_of_a_program() {
    const SIZE: usize = 50_000_000;
    let keys = Keys::of(Dialect::bigspin()).await;
    let listener = bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().route("/", post(upload)).layer(keys.auth());
    let server = tokio::spawn(async { serve(listener, router).await.is_ok() });
    let read = keys.key("projects-read").await;
    let body = vec![b'x'; SIZE];
    for (authorization, status) in [
        (String::new(), 401),
        ("authorization: Bearer x\r\n".to_owned(), 401),
        (format!("authorization: Bearer {}\r\n", read.expose()), 403),
    ] {
        let mut connection = Raw::connect(address).await;
        let head = format!(
            "POST / HTTP/1.1\r\nhost: test\r\n{authorization}content-length: {SIZE}\r\n\r\n"
        );
        connection.send(head.as_bytes()).await;
        connection.send(&body).await;
        assert_eq!(connection.answer().await.status, status);
        // And the next request is one.
        connection.send(b"GET / HTTP/1.1\r\nhost: test\r\n\r\n").await;
        assert_eq!(connection.answer().await.status, 401);
    }
    server.abort();
}
