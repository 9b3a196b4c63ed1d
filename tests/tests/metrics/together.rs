use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::routing::get;
use keyward::admin::Metrics;
use keyward::axum::{ApiKey, ApiKeyAuth};
use keyward::dialect::Dialect;
use keyward::key::PlainKey;
use keyward::manage::{KeyManager, NewKey};
use keyward::store::MemoryStore;
use keyward::verify::Verifier;
use keyward_tests::{Outage, Server, Trouble};
use tokio::time::sleep;
use tower::ServiceExt;

use crate::exposition::Exposition;

const HITS: &str = "keyward_cache_hits_total";
const FRESHNESS: &str = "keyward_freshness_seconds";
const BREAKER: &str = "keyward_breaker_open{of=\"store\"}";

/// A verifier with a store that can fail, and a good key.
struct Half {
    outage: Outage,
    verifier: Verifier,
    key: PlainKey,
}

impl Half {
    async fn new() -> Self {
        let store = MemoryStore::new();
        let outage = Outage::before(store.clone());
        let manager = KeyManager::builder(Dialect::standard(), store).open().await.unwrap();
        let verifier = Verifier::builder(Dialect::standard(), outage.clone()).build().unwrap();
        let key = manager.create(NewKey::new("acme", "a test's key")).await.unwrap().key;
        Self { outage, verifier, key }
    }
}

async fn shown(metrics: &Metrics) -> Exposition {
    let answer = metrics.clone().oneshot(Request::new(Body::empty())).await.unwrap();
    let body = to_bytes(Body::new(answer.into_body()), usize::MAX).await.unwrap();
    Exposition::parse(std::str::from_utf8(&body).unwrap())
}

async fn until(metrics: &Metrics, what: &str, is_so: impl Fn(&Exposition) -> bool) -> Exposition {
    let begun = Instant::now();
    loop {
        let shown = shown(metrics).await;
        if is_so(&shown) {
            return shown;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{what}: {shown:#?}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// Alone in this program: it has the one recorder of the process.
#[tokio::test]
async fn the_verifiers_of_a_process_are_shown_together() {
    let metrics = Metrics::install().unwrap();
    let (one, other) = (Half::new().await, Half::new().await);
    until(&metrics, "both are polled", |shown| shown.value(FRESHNESS) < 5.0).await;

    // A layer inside another of the same verifier.
    let auth = ApiKeyAuth::new(one.verifier.clone());
    let nested = Router::new().route("/", get(async |_: ApiKey| ()));
    let nested = Server::start(nested.layer(auth.clone()).layer(auth)).await;
    let single = Router::new().route("/", get(async |_: ApiKey| ()));
    let single = Server::start(single.layer(ApiKeyAuth::new(other.verifier.clone()))).await;
    for _ in 0..7 {
        assert_eq!(nested.client().get("/", one.key.expose()).await.status, 200);
        assert_eq!(single.client().get("/", other.key.expose()).await.status, 200);
    }
    assert_eq!(single.client().get("/", one.key.expose()).await.status, 401);
    let counted = shown(&metrics).await;
    assert_eq!(counted.outcome("ok"), 14);
    assert_eq!(counted.outcome("unknown"), 1);
    assert_eq!(counted.count("keyward_cache_misses_total"), 3);
    // The inner layer looks at the cache as well.
    assert_eq!(counted.count(HITS), 6 + 7 + 6);

    other.outage.begin(Trouble::Fails);
    let down = until(&metrics, "one store is down", |shown| shown.count(BREAKER) == 1).await;
    let age = down.value(FRESHNESS);
    one.outage.polled().await;
    until(&metrics, "the oldest counts", |shown| shown.value(FRESHNESS) > age).await;
    one.outage.begin(Trouble::Fails);
    until(&metrics, "both are down", |shown| shown.count(BREAKER) == 2).await;
    one.outage.end();
    until(&metrics, "one is up", |shown| shown.count(BREAKER) == 1).await;
    other.verifier.shutdown().await;
    let alone = shown(&metrics).await;
    assert!(alone.value(FRESHNESS) < 5.0, "nobody waits for one that was shut down");
    assert_eq!(alone.count(BREAKER), 0);
    assert_eq!(alone.outcome("ok"), 14);
}
