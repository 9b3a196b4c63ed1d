//! Servers that hand over where a request comes from, and one that does not.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::net::SocketAddr;

use axum::routing::get;
use axum::{Extension, Router};
use keyward::dialect::Dialect;
use keyward::manage::NewKey;
use keyward::peer::TrustedProxies;
use keyward::tower::PeerAddr;
use keyward_tests::{Client, Keys, Logs, Server};
use reqwest::Method;
use tokio::net::TcpListener;

/// A key that works from this machine and from 203.0.113.0/24.
async fn key(keys: &Keys) -> String {
    let new =
        NewKey::new("acme", "local").with_networks("127.0.0.1 203.0.113.0/24".parse().unwrap());
    keys.manager.create(new).await.unwrap().key.expose().to_owned()
}

async fn status(client: &Client, key: &str, forwarded: &str) -> u16 {
    let request = client.request(Method::GET, "/").bearer_auth(key);
    client.send(request.header("x-forwarded-for", forwarded)).await.status
}

/// Serves as `axum::serve` does, without addresses.
async fn serve_without_addresses(router: Router) -> Client {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    Client::new(format!("http://{address}"))
}

fn routes() -> Router {
    Router::new().route("/", get(async || "ok"))
}

#[tokio::test]
async fn without_an_address_a_key_with_networks_is_refused_and_the_log_says_once_what_to_write() {
    let (logs, _guard) = Logs::of_thread();
    let keys = Keys::of(Dialect::standard()).await;
    let client = serve_without_addresses(routes().layer(keys.auth())).await;
    let (local, free) = (key(&keys).await, keys.key("a").await);
    for _ in 0..3 {
        let refused = client.get("/", &local).await;
        assert_eq!((refused.status, &refused.json()["code"]), (403, &"forbidden_network".into()));
        assert_eq!(client.get("/", free.expose()).await.status, 200);
    }
    let cure = "into_make_service_with_connect_info::<SocketAddr>()";
    assert_eq!(logs.text().matches(cure).count(), 1, "{}", logs.text());

    // A count of proxies needs none: whoever came is behind them.
    let auth = keys.auth().trusted_proxies(TrustedProxies::count(1));
    let client = serve_without_addresses(routes().layer(auth)).await;
    assert_eq!(status(&client, &local, "203.0.113.7").await, 200);
    assert_eq!(status(&client, &local, "198.51.100.9").await, 403);
}

#[tokio::test]
async fn an_address_that_the_application_sets_counts_before_that_of_the_socket() {
    let keys = Keys::of(Dialect::standard()).await;
    let key = key(&keys).await;
    for (address, expected) in [("203.0.113.7:1", 200), ("198.51.100.9:1", 403)] {
        let address: SocketAddr = address.parse().unwrap();
        let router = routes().layer(keys.auth()).layer(Extension(PeerAddr(address)));
        let server = Server::start(router).await;
        assert_eq!(server.client().get("/", &key).await.status, expected);
    }
    let server = Server::start(routes().layer(keys.auth())).await;
    assert_eq!(server.client().get("/", &key).await.status, 200, "it comes from this machine");
}

#[tokio::test]
async fn more_lines_than_are_looked_at_are_of_no_use_to_a_client() {
    let keys = Keys::of(Dialect::standard()).await;
    let key = key(&keys).await;
    let proxies = TrustedProxies::networks(["127.0.0.0/8"]).unwrap();
    let server = Server::start(routes().layer(keys.auth().trusted_proxies(proxies))).await;
    let client = server.client();
    for (last, expected) in [("203.0.113.7", 200), ("198.51.100.9", 403)] {
        let request = client.request(Method::GET, "/").bearer_auth(&key);
        let forged = (0..40).fold(request, |it, _| it.header("x-forwarded-for", "203.0.113.9"));
        assert_eq!(client.send(forged.header("x-forwarded-for", last)).await.status, expected);
    }
}

#[tokio::test]
async fn a_layer_inside_of_another_sees_the_same_address() {
    let keys = Keys::of(Dialect::standard()).await;
    let key = key(&keys).await;
    let auth = || keys.auth().trusted_proxies(TrustedProxies::count(1));
    let server = Server::start(routes().layer(auth()).layer(auth())).await;
    assert_eq!(status(&server.client(), &key, "203.0.113.7").await, 200);
    assert_eq!(status(&server.client(), &key, "198.51.100.9").await, 403);
}
