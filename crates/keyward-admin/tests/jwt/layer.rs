use axum::Router;
use axum::routing::get;
use keyward::axum::Caller;
use keyward::dialect::Dialect;
use keyward_admin::jwt::Claims;
use keyward_tests::{Answer, Keys, Server, bigspin};

use crate::support::{Issuer, LEAST_GAP, Serve, Signer, Stage};

async fn who(caller: Caller<Claims>) -> String {
    match caller {
        Caller::Key(key) => format!("the key {}", key.name()),
        Caller::Guard(person) => format!("the person {}", person.subject()),
    }
}

#[tokio::test]
async fn people_come_in_beside_keys_and_are_refused_in_the_dialects_words() {
    let signer = Signer::rs256("k1");
    let issuer = Issuer::of([signer.jwk()]).await;
    let stage = Stage::of(issuer.jwks());
    let keys = Keys::of(Dialect::bigspin()).await;
    let auth = keys.auth().or(stage.guard.clone());
    let server = Server::start(Router::new().route("/", get(who)).layer(auth)).await;
    let ask = async |credential: &str| -> Answer { server.client().get("/", credential).await };

    let key = keys.key("projects-read").await;
    assert_eq!(ask(key.expose()).await.body, "the key a test's key");
    assert_eq!(ask(&stage.token(&signer)).await.body, "the person user_1");
    bigspin::assert_invalid(&ask(&Signer::rs256("k1").sign(&stage.claims())).await);
    bigspin::assert_invalid(&ask("neither").await);
    bigspin::assert_missing(&server.client().get_without_key("/").await);

    issuer.serve(Serve::Status(500));
    stage.clock.advance(LEAST_GAP);
    bigspin::assert_unavailable(&ask(&Signer::rs256("k2").sign(&stage.claims())).await);
    assert_eq!(ask(&stage.token(&signer)).await.body, "the person user_1");
}
