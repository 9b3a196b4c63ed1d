//! `/auth` by itself: its address says what a route asks for.

use keyward_tests::{Raw, Served, raw};
use reqwest::Method;
use serde_json::json;

use crate::{IDENTITY, KEYWARD};

#[tokio::test]
async fn every_method_is_answered_alike() {
    let served = Served::start(KEYWARD, &[]).await;
    let (id, key) = served.create(json!({"scopes": ["a"]})).await;
    for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "PROPFIND"] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let request = served.client.request(method.clone(), "/auth?scopes=a").bearer_auth(&key);
        let answer = served.client.send(request).await;
        assert_eq!((answer.status, &*answer.body), (200, ""), "{method}");
        assert_eq!(answer.header("x-keyward-key-id"), Some(&*id));
        let refused = served.client.request(method, "/auth?scopes=a").bearer_auth("junk");
        assert_eq!(served.client.send(refused).await.status, 401);
    }
}

#[tokio::test]
async fn of_several_scopes_and_resources_all_must_hold() {
    let served = Served::start(KEYWARD, &[]).await;
    let more = json!({"scopes": ["a", "b"], "resources": ["p1", "p2"]});
    let (_, key) = served.create(more).await;
    for (query, status) in [
        ("", 200),
        ("?scopes=a", 200),
        ("?scopes=a+b", 200),
        ("?scopes=a%20b", 200),
        ("?scopes=c+%7C+a", 200),
        ("?scopes=a&scopes=b", 200),
        ("?scopes=c", 403),
        ("?scopes=a+c", 403),
        ("?scopes=a&scopes=c", 403),
        ("?scopes=c&scopes=a", 403),
        ("?resource=p1", 200),
        ("?resource=p1&resource=p2", 200),
        ("?resource=p1&resource=p3", 403),
        ("?scopes=a&resource=p3", 403),
        // What cannot be asked for lets nobody pass.
        ("?scopes=", 400),
        ("?scopes", 400),
        ("?scopes=a+%7C", 400),
        ("?scopes=%22", 400),
        ("?scope=a", 400),
        ("?Scopes=a", 400),
    ] {
        let answer = served.client.get(&format!("/auth{query}"), &key).await;
        assert_eq!(answer.status, status, "{query}");
        assert_eq!(answer.header("x-keyward-key-id").is_some(), status == 200);
    }
}

#[tokio::test]
async fn what_a_client_claims_to_be_is_never_echoed() {
    let served = Served::start(KEYWARD, &[]).await;
    let (_, key) = served.create(json!({})).await;
    for path in ["/auth", "/auth/nginx", "/auth/envoy/a"] {
        for (key, status) in [(&*key, 200), ("junk", 401)] {
            let mut request = served.client.request(Method::GET, path).bearer_auth(key);
            for name in IDENTITY.into_iter().filter(|name| *name != "x-keyward-scopes") {
                request = request.header(name, "spoofed");
            }
            let request = request.header("x-request-id", "spoofed").header("ratelimit", "spoofed");
            let answer = served.client.send(request).await;
            assert_eq!(answer.status, status);
            let headers = format!("{:?}", answer.headers);
            assert!(!headers.contains("spoofed"), "{headers}");
        }
    }
}

#[tokio::test]
async fn a_refusal_for_nginx_is_told_by_its_note_alone() {
    let served = Served::start(KEYWARD, &[]).await;
    let (_, key) = served.create(json!({})).await;
    let first = served.client.get("/auth/nginx?scopes=a", &key).await;
    assert_eq!((first.status, &*first.body), (403, ""));
    assert_eq!(first.header("www-authenticate"), None);
    let note = first.header("x-keyward-refusal").unwrap();
    let request = served.client.request(Method::GET, "/auth/refusal");
    let second = served.client.send(request.header("x-keyward-refusal", note)).await;
    assert_eq!(second.status, 403);
    assert!(second.header("www-authenticate").unwrap().ends_with("scope=\"a\""));
    // To others no note is shown: it says more than a client may know.
    let plain = served.client.get("/auth?scopes=a", &key).await;
    assert_eq!(plain.header("x-keyward-refusal"), None);
}

#[tokio::test]
async fn a_note_that_somebody_made_up_is_a_refusal_all_the_same() {
    let served = Served::start(KEYWARD, &[]).await;
    for (note, status) in [
        ("", 503),
        ("kind=none", 503),
        ("scope=a", 503),
        ("kind=unknown", 401),
        ("kind=scope&scope=a%22%0d%0aset-cookie:%20a", 403),
        ("kind=rate_limited&retry_after=99999999999999&ratelimit=a%0d%0ab", 429),
        ("kind=rate_limited&retry_after=7&set-cookie=a&ratelimit=ok", 429),
        ("kind=missing&request_id=%3Cscript%3E", 401),
    ] {
        let header = format!("x-keyward-refusal: {note}");
        let answer = raw(served.program.address, "/auth/refusal", &[header.as_bytes()]).await;
        assert_eq!(answer.status, status, "{note}");
        assert!(answer.header("set-cookie").is_none());
        assert!(!answer.body.contains('<'), "{}", answer.body);
        assert!(!format!("{:?}", answer.headers).contains("set-cookie"), "{:?}", answer.headers);
    }
    let mut connection = Raw::connect(served.program.address).await;
    connection.send(b"GET /auth/refusal HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert_eq!(connection.answer().await.status, 503);
}
