use std::fs::rename;

use keyward::dialect::Dialect;
use keyward::key::Grant;
use keyward::manage::{KeyManager, NewKey};
use keyward::store::SqliteStore;
use keyward_tests::Redis;

use crate::{SCRIBE_SIGHT, Watched};

const BREAKER: &str = "keyward_breaker_open{of=\"store\"}";
const PROJECTS: &str = "/projects";

#[tokio::test]
async fn an_outage_of_the_store_shows_while_it_lasts() {
    let watched = Watched::start(SCRIBE_SIGHT).await;
    let key = watched.program.key("read");
    let ready = watched
        .until("a polled store", |metrics| {
            metrics.samples.contains_key("keyward_freshness_seconds")
        })
        .await;
    assert!(ready.value("keyward_freshness_seconds") < 5.0);
    assert_eq!(ready.count(BREAKER), 0);
    assert_eq!(watched.client.get(PROJECTS, key).await.status, 200);
    let path = watched.folder.path().join("scribe-sight.db");
    let store = SqliteStore::open(path.to_str().unwrap()).await.unwrap();
    let manager = KeyManager::builder(Dialect::scribe_sight(), store.clone()).open().await.unwrap();
    let cold = manager.create(NewKey::new("acme", "cold").with_grant(Grant::All)).await.unwrap();
    store.close().await;

    let away = watched.folder.path().join("away.db");
    rename(&path, &away).unwrap();
    let down = watched.until("an outage", |metrics| metrics.count(BREAKER) == 1);
    let down = down.await;
    let age = down.value("keyward_freshness_seconds");
    watched.until("age", |metrics| metrics.value("keyward_freshness_seconds") > age).await;
    assert_eq!(watched.client.get(PROJECTS, cold.key.expose()).await.status, 503);
    assert_eq!(watched.metrics().await.outcome("unavailable"), 1);

    rename(&away, &path).unwrap();
    let up = watched
        .until("the end of the outage", |metrics| {
            metrics.count(BREAKER) == 0 && metrics.value("keyward_freshness_seconds") < 1.0
        })
        .await;
    assert_eq!(up.outcome("unavailable"), 1);
    assert_eq!(watched.client.get(PROJECTS, cold.key.expose()).await.status, 200);
}

#[tokio::test]
async fn requests_that_redis_does_not_count_show() {
    let redis = Redis::start();
    // Longer than a Redis takes that works.
    let arguments = ["--redis", &redis.url(), "--redis-timeout", "10s"];
    let watched = Watched::start_with(SCRIBE_SIGHT, &arguments).await;
    let key = watched.program.key("read");
    let alone = async || watched.metrics().await.count("keyward_counted_alone_total");
    assert_eq!(watched.client.get(PROJECTS, key).await.status, 200);
    assert_eq!(alone().await, 0);
    redis.kill();
    for counted in 1..=5 {
        assert_eq!(watched.client.get(PROJECTS, key).await.status, 200);
        assert_eq!(alone().await, counted);
    }
}
