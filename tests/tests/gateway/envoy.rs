//! What Envoy's `ext_authz` over HTTP sends, by its documentation: the client's method, path and query
//! below `path_prefix`, `content-length: 0`, `Authorization` and the headers that are allowed. 200
//! lets the request through; all else but a 5xx goes to the client as it is.

use keyward_tests::{Answer, Served};
use reqwest::Method;
use serde_json::json;

use crate::KEYWARD;

async fn check(served: &Served, key: &str, path: &str, scopes: &[&str]) -> Answer {
    let method = if path.len().is_multiple_of(2) { Method::POST } else { Method::GET };
    let request = served.client.request(method, &format!("/auth/envoy{path}"));
    let request = request.bearer_auth(key).header("content-length", "0");
    let request = scopes.iter().fold(request, |all, one| all.header("x-keyward-scopes", *one));
    served.client.send(request).await
}

#[tokio::test]
async fn path_and_query_are_the_clients_and_say_nothing() {
    let served = Served::start(KEYWARD, &[]).await;
    let (id, reader) = served.create(json!({"scopes": ["projects-read"]})).await;
    let (_, writer) = served.create(json!({"scopes": ["projects-write"]})).await;
    for path in [
        "",
        "/",
        "/projects",
        "/projects?scopes=projects-write",
        "/projects?x=1&scope=a",
        "/%FF/%2e%2e/auth?scopes=",
        "/auth?scopes=projects-write",
    ] {
        let passed = check(&served, &reader, path, &["projects-read"]).await;
        assert_eq!(passed.status, 200, "{path}");
        assert_eq!(passed.header("x-keyward-key-id"), Some(&*id));
        let refused = check(&served, &writer, path, &["projects-read"]).await;
        assert_eq!(refused.status, 403, "{path}");
    }
}

#[tokio::test]
async fn a_header_that_was_added_to_the_gateways_only_asks_for_more() {
    let served = Served::start(KEYWARD, &[]).await;
    let (_, writer) = served.create(json!({"scopes": ["projects-write"]})).await;
    let scopes = ["projects-write", "projects-read"];
    assert_eq!(check(&served, &writer, "/a", &scopes[..1]).await.status, 200);
    assert_eq!(check(&served, &writer, "/a", &scopes).await.status, 403);
    assert_eq!(
        check(&served, &writer, "/a", &["projects-read", "projects-write"]).await.status,
        403
    );
    assert_eq!(check(&served, &writer, "/a", &[""]).await.status, 400);
    assert_eq!(check(&served, "junk", "/a", &scopes).await.status, 401);
}
