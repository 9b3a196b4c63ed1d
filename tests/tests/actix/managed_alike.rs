//! The management of keys answers in actix-web as it does in axum, byte for byte.

use std::sync::Arc;

use actix_web::App;
use async_trait::async_trait;
use axum::http::request::Parts;
use keyward::actix::{self, mount};
use keyward::axum::ApiKeyAuth;
use keyward::clock::{TestClock, Timestamp};
use keyward::dialect::Dialect;
use keyward::dialect::management::Operation;
use keyward::key::Creator;
use keyward::manage::{KeyManager, NewKey};
use keyward::store::MemoryStore;
use keyward::verify::{RejectionKind, Verifier};
use keyward_admin::{Admin, AdminGuard, Denied, KeyAdmin};
use keyward_tests::{Answer, Client};
use reqwest::header::HeaderMap;

use crate::server::Server;

/// Whoever says so is the operator of `acme`.
struct Operator;

#[async_trait]
impl AdminGuard for Operator {
    async fn admit(&self, head: &Parts, _: &Operation<'_>) -> Result<Admin, Denied> {
        match head.headers.get("x-operator") {
            Some(_) => Ok(Admin::new(Creator::Person("ada".to_owned())).within("acme")),
            None => Err(RejectionKind::Missing.into()),
        }
    }
}

/// The same keys, managed on both servers.
async fn stage(dialect: Dialect) -> (KeyAdmin, KeyManager, keyward_tests::Server, Server) {
    let clock = Arc::new(TestClock::at(Timestamp::from_millis(1_767_693_600_000)));
    let store = MemoryStore::new();
    let manager = KeyManager::builder(dialect.clone(), store.clone());
    let manager = manager.with_clock(Arc::<TestClock>::clone(&clock)).open().await.unwrap();
    let verifier = Verifier::builder(dialect, store).with_clock(clock).build().unwrap();
    let admin = KeyAdmin::new(manager.clone(), Operator).unwrap();

    let auth = ApiKeyAuth::new(verifier.clone()).optional().accept_request_id();
    let axum = keyward_tests::Server::start(admin.clone().routes().layer(auth)).await;
    let auth = actix::ApiKeyAuth::new(verifier).optional().accept_request_id();
    let mounted = admin.clone();
    let actix = Server::start(move || {
        App::new().service(mount(mounted.path(), mounted.clone())).wrap(auth.clone())
    });
    (admin, manager, axum, actix)
}

async fn ask(client: &Client, operator: bool, method: &str, path: &str, body: &str) -> Answer {
    let mut request = client
        .request(method.parse().unwrap(), path)
        .header("x-request-id", "the-same")
        .header("content-type", "application/json");
    if operator {
        request = request.header("x-operator", "ada");
    }
    client.send(request.body(body.to_owned())).await
}

fn less_the_servers_own(mut headers: HeaderMap) -> HeaderMap {
    for own in ["connection", "date"] {
        headers.remove(own);
    }
    headers
}

#[tokio::test]
async fn the_management_of_every_dialect_answers_as_in_axum() {
    for dialect in [
        Dialect::bigspin(),
        Dialect::scribe_sight(),
        Dialect::onepin(),
        Dialect::systemprompt(),
        Dialect::standard(),
    ] {
        let name = dialect.name().to_owned();
        let (admin, manager, axum, actix) = stage(dialect).await;
        let ids = [
            manager.create(NewKey::new("acme", "the first")).await.unwrap().record.id,
            manager.create(NewKey::new("acme", "the second")).await.unwrap().record.id,
        ];
        let large = format!("{{\"name\":\"{}\"}}", "a".repeat(1_000_000));
        let revoke = format!("/{}/revoke", ids[0]);
        let one = format!("/{}", ids[1]);
        let mut answered = 0;
        for (method, below, body) in [
            ("GET", "", ""),
            ("HEAD", "", ""),
            ("GET", "?limit=1", ""),
            ("GET", "?limit=0", ""),
            ("GET", "?limit=%FF&status=x", ""),
            ("GET", &one, ""),
            ("HEAD", &one, ""),
            ("PATCH", &one, r#"{"name":7}"#),
            ("PATCH", &one, r#"{"name":"renamed"}"#),
            ("POST", "", "{}"),
            ("POST", "", "{"),
            ("POST", "", "[1]"),
            ("POST", "", ""),
            ("POST", "", &large),
            ("POST", &revoke, ""),
            ("DELETE", "/nobody", ""),
            ("DELETE", "/%FF", ""),
            ("PUT", "", ""),
            ("OPTIONS", "", ""),
            ("GET", "/", ""),
            ("GET", "/a/b/c?q", ""),
        ] {
            let path = format!("{}{below}", admin.path());
            for operator in [true, false] {
                // What changes something changes nothing more when it is repeated.
                let first = ask(&axum.client(), operator, method, &path, body).await;
                let answer = ask(&actix.client(), operator, method, &path, body).await;
                let request = format!("{name}: {method} {path} {operator}");
                assert_eq!(
                    (answer.status, &*answer.body),
                    (first.status, &*first.body),
                    "{request}"
                );
                let headers = [answer, first].map(|answer| less_the_servers_own(answer.headers));
                assert_eq!(headers[0], headers[1], "{request}");
                assert_eq!(headers[0]["x-request-id"], "the-same");
                answered += 1;
            }
        }
        assert_eq!(answered, 42);
    }
}
