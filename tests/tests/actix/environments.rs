//! Live keys and keys of the sandbox in front of one application.

use std::sync::{Arc, Mutex};

use actix_web::App;
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::web::{Data, get, resource};
use keyward::actix::{Environments, PerEnvironment};
use keyward::dialect::{Dialect, Environment, KindForm};
use keyward::manage::NewKey;
use keyward_tests::{Keys, Logs};
use reqwest::Method;

use crate::server::Server;
use crate::{auth, bigspin};

/// What was written, in the order of writing.
type Notes = Arc<Mutex<Vec<String>>>;

async fn write(PerEnvironment(notes): PerEnvironment<Notes>, note: String) -> &'static str {
    notes.lock().unwrap().push(note);
    "written"
}

async fn read(notes: PerEnvironment<Notes>) -> String {
    notes.lock().unwrap().join(",")
}

#[tokio::test]
async fn what_keys_of_one_environment_write_those_of_the_other_do_not_see() {
    let kinds = [
        KindForm::new("live", "acme_live_"),
        KindForm::new("test", "acme_test_").with_environment(Environment::Sandbox),
    ];
    let keys = Keys::of(Dialect::builder("acme").kinds(kinds).build().unwrap()).await;
    let notes = Data::new(Environments::new(Notes::default(), Notes::default()));
    let auth = auth(&keys);
    let server = Server::start(move || {
        let routes = resource("/notes").get(read).post(write);
        App::new().app_data(notes.clone()).wrap(auth.clone()).service(routes)
    });
    let client = server.client();
    let key = async |kind: &str| {
        let new = NewKey::new("acme", "a test's key").with_kind(kind);
        keys.manager.create(new).await.unwrap().key
    };
    let (live, test) = (key("live").await, key("test").await);
    for (key, note) in [(&test, "tried"), (&live, "meant")] {
        let request = client.request(Method::POST, "/notes").bearer_auth(key.expose()).body(note);
        assert_eq!(client.send(request).await.body, "written");
    }
    // Other keys of the same kinds, so that it is the kind that decides.
    let (live, test) = (key("live").await, key("test").await);
    assert_eq!(client.get("/notes", live.expose()).await.body, "meant");
    assert_eq!(client.get("/notes", test.expose()).await.body, "tried");
    assert_eq!(client.get_without_key("/notes").await.status, 401);
}

#[tokio::test]
async fn an_application_without_the_halves_answers_500_and_the_log_names_them() {
    let (logs, _guard) = Logs::of_thread();
    let keys = bigspin().await;
    let key = keys.key("projects-read").await;
    let auth = auth(&keys).optional();
    let app = init_service(App::new().wrap(auth).route("/", get().to(read))).await;
    let bearer = ("authorization", format!("Bearer {}", key.expose()));
    let with_key = TestRequest::get().insert_header(bearer).to_request();
    assert_eq!(call_service(&app, with_key).await.status(), 500);
    assert!(logs.text().contains("`.app_data(web::Data::new(Environments::new(live, sandbox)))`"));
    let without = TestRequest::get().to_request();
    assert_eq!(call_service(&app, without).await.status(), 401, "a stranger learns nothing");
}
