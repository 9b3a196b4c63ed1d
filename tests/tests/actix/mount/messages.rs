//! What the service sees, and what is sent of its responses.

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Extension, Router};
use futures_util::stream;
use keyward::tower::{ApiKey, PeerAddr, RequestId};
use keyward_tests::bigspin::{assert_is_request_id, assert_missing};
use reqwest::{Method, Version};
use tokio::io::AsyncWriteExt;

use super::{SIZE, begin, read_until, serve};
use crate::bigspin;

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
async fn the_service_sees_where_the_request_comes_from() {
    async fn tell(Extension(PeerAddr(address)): Extension<PeerAddr>) -> String {
        address.ip().to_string()
    }
    let keys = bigspin().await;
    let server = serve(&keys, Router::new().route("/tower/peer", get(tell)));
    let key = keys.key("projects-read").await;
    assert_eq!(server.client().get("/tower/peer", key.expose()).await.body, "127.0.0.1");
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
