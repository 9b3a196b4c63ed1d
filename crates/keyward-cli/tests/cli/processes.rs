//! The program beside others, on one store.

use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::get;
use keyward::axum::ApiKeyAuth;
use keyward::dialect::Dialect;
use keyward::store::SqliteStore;
use keyward::verify::Verifier;
use keyward_tests::Server;
use tokio::task::JoinSet;

use crate::support::{Desk, run};

#[tokio::test]
async fn many_at_once_make_as_many_keys_and_one_store() {
    let desk = Desk::new();
    let mut calls = JoinSet::new();
    for number in 0..8 {
        let name = format!("number {number}");
        // The first of them makes the store.
        calls.spawn(run(desk.command(&["create", "--name", &name]), ""));
    }
    for ended in calls.join_all().await {
        assert_eq!(ended.code, Some(0), "{ended:?}");
    }
    assert_eq!(desk.json(&["list"]).await.as_array().unwrap().len(), 8);
}

#[tokio::test]
async fn of_many_rotations_at_once_one_wins() {
    let desk = Desk::new();
    let (id, _) = desk.create(&["--name", "abc"]).await;
    let mut calls = JoinSet::new();
    for _ in 0..6 {
        calls.spawn(run(desk.command(&["rotate", &id, "--json"]), ""));
    }
    let mut codes: Vec<Option<i32>> =
        calls.join_all().await.into_iter().map(|ended| ended.code).collect();
    codes.sort_unstable();
    assert_eq!(codes, [Some(0), Some(1), Some(1), Some(1), Some(1), Some(1)]);
    assert_eq!(desk.json(&["list", "--status", "active"]).await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_server_refuses_a_key_within_max_staleness_after_the_program_revoked_it() {
    let desk = Desk::new();
    let (id, key) = desk.create(&["--name", "abc"]).await;
    let max_staleness = Duration::from_millis(500);
    let store = SqliteStore::open(desk.folder().join("keys.db").to_str().unwrap()).await.unwrap();
    let verifier = Verifier::builder(Dialect::bigspin(), store)
        .with_max_staleness(max_staleness)
        .build()
        .unwrap();
    let router = Router::new().route("/", get(|| async {})).layer(ApiKeyAuth::new(verifier));
    let server = Server::start(router).await;
    let client = server.client();
    assert_eq!(client.get("/", &key).await.status, 200);

    assert_eq!(desk.keys(&["revoke", &id]).await.code, Some(0));
    let revoked = Instant::now();
    loop {
        let asked = revoked.elapsed();
        match client.get("/", &key).await.status {
            401 => break,
            status => assert_eq!(status, 200),
        }
        assert!(asked < max_staleness, "let in {asked:?} after its revocation");
    }
    assert_eq!(desk.keys(&["reactivate", &id]).await.code, Some(0));
    let reactivated = Instant::now();
    while client.get("/", &key).await.status != 200 {
        assert!(reactivated.elapsed() < Duration::from_secs(10), "the change is never heard of");
    }
}
