//! What Traefik's `ForwardAuth` sends, by its documentation: a GET at the configured address with the
//! client's headers, and the `X-Forwarded-` ones about its request. 2xx lets the request through with
//! the `authResponseHeaders`; all else goes to the client as it is.

use keyward_tests::{Answer, Served};
use reqwest::Method;
use serde_json::json;

use crate::{IDENTITY, KEYWARD};

const DOCUMENT: &str = include_str!("../../../docs/gateway.md");

async fn forward(served: &Served, key: &str, uri: &str) -> Answer {
    let request = served.client.request(Method::GET, "/auth?scopes=projects-read");
    let request = request
        .bearer_auth(key)
        .header("x-forwarded-method", "POST")
        .header("x-forwarded-proto", "https")
        .header("x-forwarded-host", "api.example.com")
        .header("x-forwarded-uri", uri)
        .header("x-forwarded-for", "192.0.2.7")
        .header("x-keyward-scopes", "projects-write");
    served.client.send(request).await
}

#[tokio::test]
async fn forward_auth_is_answered_by_the_address_alone() {
    let served = Served::start(KEYWARD, &[]).await;
    let (id, reader) = served.create(json!({"scopes": ["projects-read"]})).await;
    let (_, writer) = served.create(json!({"scopes": ["projects-write"]})).await;
    for uri in ["/projects", "/projects?scopes=projects-write", "/auth?scopes=projects-write"] {
        let passed = forward(&served, &reader, uri).await;
        assert_eq!((passed.status, passed.header("x-keyward-key-id")), (200, Some(&*id)));
        assert_eq!(passed.header("x-keyward-scopes"), Some("projects-read"));
        let refused = forward(&served, &writer, uri).await;
        assert_eq!(refused.status, 403);
        assert_eq!(refused.json()["code"], "insufficient_scope");
    }
    let refused = forward(&served, "junk", "/projects").await;
    assert_eq!(refused.status, 401);
    assert!(refused.header("www-authenticate").is_some());
}

#[test]
fn the_document_has_every_header_of_the_identity_copied() {
    let (_, traefik) = DOCUMENT.split_once("authResponseHeaders:\n").unwrap();
    let (traefik, _) = traefik.split_once("routers:").unwrap();
    for name in IDENTITY {
        assert!(traefik.to_ascii_lowercase().contains(&format!("- {name}\n")), "{name}");
    }
}
