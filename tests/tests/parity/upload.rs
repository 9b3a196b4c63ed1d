//! A client that is uploading 50 MB when it is refused receives the refusal, whole.

use std::net::SocketAddr;
use std::time::Duration;

use keyward_examples::{bind, serve};
use keyward_tests::Client;
use reqwest::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::api::Bigspin;
use crate::application::Setup;
use crate::on_axum;
use crate::stage::Stage;

const SIZE: usize = 50_000_000;
const PIECE: usize = 50_000;
/// A key of the stage, or none, and what comes of it.
const REFUSED: [(Option<&str>, u16); 5] = [
    (None, 401),
    (Some("too short"), 401),
    // The store is asked the first time, the cache the second.
    (Some("unknown"), 401),
    (Some("unknown"), 401),
    // Let in, and refused by the handler.
    (Some("nothing"), 403),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_writes_as_fast_as_it_can_receives_the_refusal_of_an_upload() {
    let stage = Stage::of::<Bigspin>().await;
    let servers = stage.serve::<Bigspin>(Setup::Plain).await;
    for server in &servers.listening {
        for (key, status) in REFUSED {
            let key = key.map(|name| stage.text(name).unwrap());
            for chunked in [false, true] {
                let answer = timeout(Duration::from_secs(30), upload(server.address, key, chunked));
                let answer = answer.await.expect("an answer in time");
                let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
                let place = format!("{}, chunked {chunked}: {answer}", server.adapter);
                assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{place}");
                let length = format!("content-length: {}", body.len());
                assert!(!body.is_empty() && head.contains(&length), "{place}");
            }
        }
    }
}

/// A client that is told so much of a connection as the system says, which may be that it broke
/// before it is what came over it: over HTTP/1 the server has to read on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_usual_client_receives_the_refusal_of_an_upload() {
    let stage = Stage::of::<Bigspin>().await;
    let listener = bind("127.0.0.1:0").await.unwrap();
    let program = listener.local_addr().unwrap();
    let app = on_axum::app::<Bigspin>(stage.verifier(Setup::Plain), Setup::Plain);
    let serving = tokio::spawn(async { serve(listener, app).await.is_ok() });
    let servers = stage.serve::<Bigspin>(Setup::Plain).await;
    let [axum, hyper, actix] = &servers.listening;

    let http1 = |address| Client::new(format!("http://{address}"));
    for (server, client) in [
        ("axum, HTTP/2", &axum.http2),
        ("hyper, HTTP/2", &hyper.http2),
        ("actix-web, HTTP/2", &actix.http2),
        ("axum, HTTP/1", &http1(axum.address)),
        ("hyper, HTTP/1", &http1(hyper.address)),
        ("a program, HTTP/1", &http1(program)),
        ("actix-web, HTTP/1", &http1(actix.address)),
    ] {
        for (key, status) in REFUSED {
            let request = client.request(Method::POST, "/upload").body(vec![b'x'; SIZE]);
            let request = match key {
                Some(name) => request.bearer_auth(stage.text(name).unwrap().escape_ascii()),
                None => request,
            };
            let answer = client.send(request).await;
            assert_eq!(answer.status, status, "{server}");
            assert!(answer.body.ends_with('}'), "{server}: {answer:?}");
        }
    }
    serving.abort();
}

/// Writes and reads at once, and goes on reading when nobody takes what it writes any more.
async fn upload(address: SocketAddr, key: Option<&[u8]>, chunked: bool) -> String {
    let (mut reader, mut writer) = TcpStream::connect(address).await.unwrap().into_split();
    let bearer = key.map(|key| format!("authorization: Bearer {}\r\n", key.escape_ascii()));
    let length = if chunked {
        "transfer-encoding: chunked".to_owned()
    } else {
        format!("content-length: {SIZE}")
    };
    let bearer = bearer.unwrap_or_default();
    let head = format!("POST /upload HTTP/1.1\r\nhost: test\r\n{bearer}{length}\r\n\r\n");
    let writing = tokio::spawn(async move {
        writer.write_all(head.as_bytes()).await?;
        let piece = vec![b'x'; PIECE];
        for _ in 0..SIZE / PIECE {
            if chunked {
                writer.write_all(format!("{PIECE:x}\r\n").as_bytes()).await?;
            }
            writer.write_all(&piece).await?;
            if chunked {
                writer.write_all(b"\r\n").await?;
            }
        }
        if chunked {
            writer.write_all(b"0\r\n\r\n").await?;
        }
        writer.shutdown().await
    });
    let mut answer = Vec::new();
    // After the whole answer it may be a reset that ends the connection.
    let _ = reader.read_to_end(&mut answer).await;
    let _ = writing.await.unwrap();
    String::from_utf8(answer).unwrap()
}
