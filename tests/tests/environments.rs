//! Live keys and keys of the sandbox in front of one application.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::FromRef;
use axum::routing::{get, post};
use keyward::axum::{ApiKey, Environments, PerEnvironment};
use keyward::dialect::{Dialect, Environment, KindForm};
use keyward::manage::NewKey;
use keyward_tests::{Answer, Keys, Server};
use reqwest::Method;

/// What was written, in the order of writing.
type Notes = Arc<Mutex<Vec<String>>>;

#[derive(Clone)]
struct Application {
    notes: Environments<Notes>,
}

impl FromRef<Application> for Environments<Notes> {
    fn from_ref(application: &Application) -> Self {
        application.notes.clone()
    }
}

async fn write(PerEnvironment(notes): PerEnvironment<Notes>, note: String) {
    notes.lock().unwrap().push(note);
}

async fn read(notes: PerEnvironment<Notes>) -> String {
    notes.lock().unwrap().join(",")
}

async fn environment(key: ApiKey) -> String {
    format!("{:?}", key.environment())
}

#[tokio::test]
async fn what_keys_of_one_environment_write_those_of_the_other_do_not_see() {
    let kinds = [
        KindForm::new("live", "acme_live_"),
        KindForm::new("test", "acme_test_").with_environment(Environment::Sandbox),
    ];
    let dialect = Dialect::builder("acme").kinds(kinds).build().unwrap();
    let keys = Keys::of(dialect).await;
    let notes = Environments::new(Notes::default(), Notes::default());
    let router = Router::new()
        .route("/notes", post(write).get(read))
        .route("/environment", get(environment))
        .layer(keys.auth())
        .with_state(Application { notes });
    let server = Server::start(router).await;
    let client = server.client();
    let key = async |kind: &str| {
        let new = NewKey::new("acme", "a test's key").with_kind(kind);
        keys.manager.create(new).await.unwrap().key
    };
    let (live, test) = (key("live").await, key("test").await);
    let write = async |key: &str, note: &'static str| -> Answer {
        client.send(client.request(Method::POST, "/notes").bearer_auth(key).body(note)).await
    };

    assert_eq!(client.get("/environment", live.expose()).await.body, "Live");
    assert_eq!(client.get("/environment", test.expose()).await.body, "Sandbox");
    assert_eq!(write(test.expose(), "tried").await.status, 200);
    assert_eq!(client.get("/notes", live.expose()).await.body, "");
    assert_eq!(write(live.expose(), "meant").await.status, 200);
    // Other keys of the same kinds, so that it is the kind that decides.
    let (live, test) = (key("live").await, key("test").await);
    assert_eq!(client.get("/notes", live.expose()).await.body, "meant");
    assert_eq!(client.get("/notes", test.expose()).await.body, "tried");
    assert_eq!(client.get_without_key("/notes").await.status, 401);
}

#[tokio::test]
async fn who_has_no_key_sees_neither_half() {
    let keys = Keys::of(Dialect::bigspin()).await;
    let notes = Environments::new(Notes::default(), Notes::default());
    assert!(!format!("{notes:?}").contains("Mutex"), "not even when it is printed");
    let optional = Router::new()
        .route("/notes", get(read))
        .layer(keys.auth().optional())
        .with_state(notes.clone());
    let optional = Server::start(optional).await;
    keyward_tests::bigspin::assert_missing(&optional.client().get_without_key("/notes").await);
    let bare = Server::start(Router::new().route("/notes", get(read)).with_state(notes)).await;
    assert_eq!(bare.client().get("/notes", "any").await.status, 500, "there is no layer");
}
