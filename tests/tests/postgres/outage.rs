//! A server that hangs, and comes back.

use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::get;
use keyward::axum::ApiKeyAuth;
use keyward::dialect::Dialect;
use keyward::manage::{KeyManager, NewKey};
use keyward::store::{KeyLookup, KeyStore, PostgresStore, StoreErrorKind};
use keyward::verify::{Health, Verifier};
use keyward_tests::{Postgres, Server};
use rustix::process::{Pid, Signal, kill_process};
use tokio::time::{sleep, timeout};

use crate::support::{digest, id, insert, knows, name_of};

/// As when the network is cut without a word: what is connected hears nothing more, what connects
/// anew is served. More questions are given up than there are connections.
#[tokio::test(flavor = "multi_thread")]
async fn questions_that_are_given_up_take_no_connection_from_others() {
    let server = Postgres::start();
    let url = server.database();
    let store = PostgresStore::open(&url).await.unwrap();
    store.commit(vec![insert(1)]).await.unwrap();
    let connections = format!(
        "SELECT pid FROM pg_stat_activity
         WHERE backend_type = 'client backend' AND datname = '{}'",
        name_of(&url)
    );
    for _ in 0..20 {
        assert!(knows(&store, 1).await);
        for pid in server.sql("postgres", &connections).lines() {
            let pid = Pid::from_raw(pid.parse().unwrap()).unwrap();
            kill_process(pid, Signal::STOP).unwrap();
        }
        let asked = timeout(Duration::from_millis(20), store.lookup(&digest(1))).await;
        assert!(asked.is_err(), "nobody answers");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_to_a_server_that_hangs_ends_and_is_answered_when_it_goes_on() {
    let server = Postgres::start();
    let store = PostgresStore::open(server.database()).await.unwrap();
    store.commit(vec![insert(1)]).await.unwrap();
    assert!(knows(&store, 1).await);
    server.pause();
    let (digest, id) = (digest(1), id(1));
    let (by_digest, by_id) = tokio::join!(store.lookup(&digest), store.get(&id));
    for error in [by_digest.unwrap_err(), by_id.unwrap_err()] {
        assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    }
    server.resume();
    assert!(knows(&store, 1).await);
    store.commit(vec![insert(2)]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_down_is_unavailable_until_it_is_back() {
    let server = Postgres::start();
    let store = PostgresStore::open(server.database()).await.unwrap();
    store.commit(vec![insert(1)]).await.unwrap();
    server.stop();
    let error = store.lookup(&digest(1)).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    let error = store.commit(vec![insert(2)]).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    server.restart();
    assert!(knows(&store, 1).await);
    store.commit(vec![insert(2)]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_starts_while_its_store_is_down_says_so_and_serves_when_that_is_up() {
    let server = Postgres::start();
    let url = server.database();
    server.stop();
    let store = PostgresStore::connect_lazy(&url).unwrap();
    let verifier = Verifier::builder(Dialect::standard(), store.clone()).build().unwrap();
    let router = Router::new().route("/", get(async || ()));
    let service = Server::start(router.layer(ApiKeyAuth::new(verifier.clone()))).await;
    let client = service.client();

    let dialect = Dialect::standard();
    let kind = dialect.kind_id(dialect.kinds()[0].name()).unwrap();
    let key = dialect.issue(kind).unwrap();
    assert_eq!(client.get("/", key.expose()).await.status, 503);
    assert_eq!(client.get("/", "junk").await.status, 401);
    assert_eq!(verifier.health(), Health::Starting);
    assert!(!verifier.health().is_ready(), "{}", verifier.health());

    server.restart();
    let deadline = Instant::now() + Duration::from_secs(30);
    while verifier.health() != Health::Ready {
        assert!(Instant::now() < deadline, "{}", verifier.health());
        sleep(Duration::from_millis(20)).await;
    }
    // The tables are there as well.
    let manager = KeyManager::builder(Dialect::standard(), store).open().await.unwrap();
    let issued = manager.create(NewKey::new("acme", "after the outage")).await.unwrap();
    assert_eq!(client.get("/", issued.key.expose()).await.status, 200);
    assert_eq!(client.get("/", key.expose()).await.status, 401);
}

#[test]
fn a_lazy_store_wants_a_runtime_and_a_url() {
    assert!(PostgresStore::connect_lazy("postgres://127.0.0.1/keys").is_err());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _inside = runtime.enter();
    assert!(PostgresStore::connect_lazy("postgres://127.0.0.1/keys").is_ok());
    let error = PostgresStore::connect_lazy("postgres://keyward:hunter2@127.0.0.1:many/keys");
    let error = error.unwrap_err().to_string();
    assert!(error.contains("port") && !error.contains("hunter2"), "{error}");
}
