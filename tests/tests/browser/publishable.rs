//! A publishable key lives in pages of other origins.

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use keyward_tests::{Server, System, WebDriver};
use serde_json::{Value, json};

use crate::browser::{Browser, Look};

const PROGRAM: &str = env!("CARGO_BIN_EXE_scribe-sight-under-test");

/// What a page does, and what it gets to see of the answer.
const ASK: &str = "const [url, method, key, done] = arguments;
    fetch(url, {
        method,
        headers: {authorization: `Bearer ${key}`, 'content-type': 'application/json'},
        body: method === 'POST' ? JSON.stringify({filename: 'call.mp3'}) : undefined,
    }).then(
        async (answer) => done([answer.status, await answer.json(), answer.headers.get('x-request-id')]),
        (error) => done([0, String(error), null]))";

#[tokio::test(flavor = "multi_thread")]
async fn a_publishable_key_begins_an_upload_from_a_page_of_another_origin_and_does_nothing_else() {
    let system = System::start(PROGRAM, "/api/v1").await;
    let page = async || Html("<!doctype html><title>A page</title>");
    let other = Server::start(Router::new().route("/", get(page))).await;
    let driver = WebDriver::start();
    let browser = Browser::open(&driver, Look::Light, &format!("http://{}", other.address)).await;
    browser.goto("/").await;

    let api = format!("http://{}/api/v1", system.program.address);
    let key = system.program.key("publishable").to_owned();
    let ask = async |method: &str, path: &str| -> Value {
        let arguments = vec![json!(format!("{api}{path}")), json!(method), json!(key)];
        browser.client.execute_async(ASK, arguments).await.expect("an answer")
    };
    let project = system.words_after("project ")[0].to_owned();
    let upload = ask("POST", &format!("/projects/{project}/content/upload-url")).await;
    assert_eq!(upload[0], 201, "{upload}");
    assert!(upload[2].is_string(), "the page reads the request's id");
    for (method, path) in [
        ("GET", "/org".to_owned()),
        ("GET", "/projects".to_owned()),
        ("GET", format!("/projects/{project}/content")),
        ("POST", format!("/projects/{project}/content/x/analyze")),
        ("GET", "/api-keys".to_owned()),
        ("POST", "/api-keys".to_owned()),
        ("DELETE", "/api-keys/key_000000000000".to_owned()),
        ("GET", "/nothing".to_owned()),
    ] {
        let refused = ask(method, &path).await;
        assert_eq!(refused[0], 403, "{method} {path}: {refused}");
        assert_eq!(refused[1]["error"]["code"], "insufficient_permissions", "{method} {path}");
        assert!(refused[2].is_string(), "{method} {path}");
    }
}
