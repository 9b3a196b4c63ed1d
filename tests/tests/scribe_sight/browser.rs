//! Publishable keys, and pages of other origins.

use keyward_tests::scribe_sight::{EXPOSED, assert_answers, assert_invalid, assert_lacks, invalid};
use keyward_tests::system::assert_refuses_bad_bodies;
use keyward_tests::{Answer, System};
use reqwest::Method;
use serde_json::json;

use super::service::{KEYS, start_in_memory, text};

const UPLOAD: &str = "/projects/proj_interviews/content/upload-url";
const ORIGIN: &str = "https://page.example";

async fn preflight(system: &System, path: &str, method: &str) -> Answer {
    let request = system.client.request(Method::OPTIONS, path).header("origin", ORIGIN);
    let request = request
        .header("access-control-request-method", method)
        .header("access-control-request-headers", "authorization,content-type");
    system.client.send(request).await
}

#[tokio::test]
async fn a_publishable_key_begins_uploads() {
    let system = start_in_memory().await;
    assert!(system.program.key("publishable").starts_with("pk_live_"));
    for project in ["proj_interviews", "proj_support"] {
        let upload = format!("/projects/{project}/content/upload-url");
        let answer = system.post("publishable", &upload, &json!({"filename": "call.mp3"})).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        let body = answer.json();
        assert!(text(&body["data"]["upload_url"]).contains(project));
        assert_eq!(body["meta"]["request_id"], answer.header("x-request-id").unwrap());
    }
    let wrong = system.post("publishable", UPLOAD, &json!({"filename": 7})).await;
    let reason = "must be a text of 1 to 255 characters";
    assert_answers(&wrong, 400, &invalid("filename", reason), &[]);
    assert_refuses_bad_bodies(&system, "publishable", UPLOAD).await;
}

#[tokio::test]
async fn a_publishable_key_does_nothing_else() {
    let system = start_in_memory().await;
    let one = &*format!("{KEYS}/key_nobody");
    for (method, path, scope) in [
        (Method::GET, "/org", "read"),
        (Method::GET, "/projects", "read"),
        (Method::GET, "/projects/proj_interviews/content", "read"),
        (Method::GET, "/projects/proj_nowhere/content", "read"),
        (Method::POST, "/projects/proj_interviews/content/x/analyze", "write"),
        (Method::GET, UPLOAD, "read"),
        (Method::PUT, UPLOAD, "read"),
        (Method::GET, "/nowhere", "read"),
        (Method::GET, KEYS, "read"),
        (Method::POST, KEYS, "write"),
        (Method::DELETE, one, "write"),
        (Method::GET, one, "read"),
        (Method::PATCH, one, "read"),
        (Method::PUT, KEYS, "read"),
        (Method::DELETE, KEYS, "read"),
        (Method::POST, "/api-keys/key_nobody/rotate", "read"),
        (Method::GET, "/api-keys/a/b", "read"),
        (Method::GET, "/api-keys/", "read"),
    ] {
        let answer = system.ask("publishable", method, path, Some(&json!({"name": "x"}))).await;
        assert_lacks(&answer, scope);
        assert_eq!(answer.header("allow"), None, "{path}");
    }
}

#[tokio::test]
async fn a_browser_asks_first_and_without_a_key() {
    let system = start_in_memory().await;
    for (path, method) in
        [(UPLOAD, "POST"), (KEYS, "POST"), ("/api-keys/x", "DELETE"), ("/x", "GET")]
    {
        let answer = preflight(&system, path, method).await;
        assert_eq!((answer.status, &*answer.body), (200, ""));
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        assert_eq!(answer.header("access-control-allow-methods"), Some("*"));
        let allowed = answer.header("access-control-allow-headers");
        assert_eq!(allowed, Some("authorization,content-type"));
        assert_eq!(answer.header("access-control-allow-credentials"), None);
        assert_eq!(answer.header("www-authenticate"), None);
    }
}

#[tokio::test]
async fn a_page_may_read_every_answer_and_its_headers() {
    let system = start_in_memory().await;
    let body = json!({"filename": "call.mp3"});
    let ask = async |method, path, key: &str| {
        let request = system.client.request(method, path).bearer_auth(key).json(&body);
        let answer = system.client.send(request.header("origin", ORIGIN)).await;
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        assert_eq!(answer.header("access-control-expose-headers"), Some(EXPOSED));
        assert!(answer.header("x-request-id").is_some());
        answer
    };
    let publishable = system.program.key("publishable");
    assert_eq!(ask(Method::POST, UPLOAD, publishable).await.status, 201);
    assert_lacks(&ask(Method::GET, "/org", publishable).await, "read");
    assert_lacks(&ask(Method::GET, KEYS, publishable).await, "read");
    assert_invalid(&ask(Method::POST, UPLOAD, "pk_live_0000000000000000").await);
    assert_eq!(ask(Method::GET, "/nowhere", system.program.key("secret")).await.status, 404);
}
