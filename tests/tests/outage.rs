//! A store that is down never turns a good key into a bad one, and lets no bad one in.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::get;
use keyward::axum::{ApiKey, ApiKeyAuth};
use keyward::clock::{TestClock, Timestamp};
use keyward::dialect::Dialect;
use keyward::key::PlainKey;
use keyward::manage::{KeyManager, NewKey, Reach};
use keyward::store::MemoryStore;
use keyward::verify::Verifier;
use keyward_tests::bigspin::{assert_invalid, assert_missing, assert_unavailable};
use keyward_tests::{Answer, Outage, Server, Trouble};

const LOOKUP_TIMEOUT: Duration = Duration::from_millis(200);
const MAX_STALENESS: Duration = Duration::from_secs(5);
const TROUBLES: [Trouble; 3] = [Trouble::Fails, Trouble::Hangs, Trouble::Panics];

struct Service {
    outage: Outage,
    manager: KeyManager,
    clock: Arc<TestClock>,
    server: Server,
}

impl Service {
    async fn start() -> Self {
        let store = MemoryStore::new();
        let outage = Outage::before(store.clone());
        let clock = Arc::new(TestClock::at(Timestamp::from_millis(1_700_000_000_000)));
        let manager = KeyManager::builder(Dialect::bigspin(), store)
            .with_clock(Arc::<TestClock>::clone(&clock))
            .open()
            .await
            .unwrap();
        let verifier = Verifier::builder(Dialect::bigspin(), outage.clone())
            .with_clock(Arc::<TestClock>::clone(&clock))
            .with_lookup_timeout(LOOKUP_TIMEOUT)
            .with_max_staleness(MAX_STALENESS)
            .build()
            .unwrap();
        let routes = Router::new().route("/", get(|_: ApiKey| async {}));
        let server = Server::start(routes.layer(ApiKeyAuth::new(verifier))).await;
        Self { outage, manager, clock, server }
    }

    async fn key(&self) -> PlainKey {
        self.manager.create(NewKey::new("acme", "a test's key")).await.unwrap().key
    }

    async fn ask(&self, key: &PlainKey) -> Answer {
        let begun = Instant::now();
        let answer = self.server.client().get("/", key.expose()).await;
        assert!(begun.elapsed() < LOOKUP_TIMEOUT + Duration::from_secs(2), "{:?}", begun.elapsed());
        answer
    }

    /// The answer after an outage: a request may still join a question that was put during it.
    async fn ask_after_outage(&self, key: &PlainKey) -> Answer {
        let begun = Instant::now();
        loop {
            let answer = self.ask(key).await;
            if answer.status != 503 {
                return answer;
            }
            assert_unavailable(&answer);
            assert!(begun.elapsed() < Duration::from_secs(5), "the outage is over");
        }
    }

    /// Waits until the verifier has asked for changes, and suffered what ails the store.
    async fn polled(&self) {
        let polled = tokio::time::timeout(Duration::from_secs(5), self.outage.polled());
        polled.await.unwrap();
    }

    /// Asks until the key comes from the cache: the poll has proved that nothing changed.
    async fn warm(&self, key: &PlainKey) {
        let begun = Instant::now();
        loop {
            let before = self.outage.lookups();
            assert_eq!(self.ask_after_outage(key).await.status, 200);
            if self.outage.lookups() == before {
                return;
            }
            assert!(begun.elapsed() < Duration::from_secs(10), "the poll goes on");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

fn unknown() -> PlainKey {
    PlainKey::new(format!("sk-bigspin-api03-{}", "0".repeat(43)))
}

#[tokio::test]
async fn store_failure_is_never_a_401() {
    for trouble in TROUBLES {
        let service = Service::start().await;
        let key = service.key().await;
        service.outage.begin(trouble);
        for _ in 0..2 {
            assert_unavailable(&service.ask(&key).await);
            assert_unavailable(&service.ask(&unknown()).await);
        }
        service.outage.end();
        let answer = service.ask_after_outage(&key).await;
        assert_eq!(answer.status, 200, "{trouble:?} was not remembered");
        assert_invalid(&service.ask_after_outage(&unknown()).await);
    }
}

#[tokio::test]
async fn many_requests_during_an_outage_are_all_answered_in_time() {
    for trouble in TROUBLES {
        let service = Service::start().await;
        let mut keys = vec![];
        for _ in 0..50 {
            keys.push(service.key().await);
        }
        service.outage.begin(trouble);
        let client = service.server.client();
        let begun = Instant::now();
        let requests = keys.iter().map(|key| {
            let (client, key) = (client.clone(), key.expose().to_owned());
            tokio::spawn(async move { client.get("/", &key).await })
        });
        for request in requests.collect::<Vec<_>>() {
            assert_unavailable(&request.await.unwrap());
        }
        assert!(begun.elapsed() < Duration::from_secs(5), "{trouble:?}: {:?}", begun.elapsed());
        service.outage.end();
        for key in &keys {
            assert_eq!(service.ask_after_outage(key).await.status, 200);
        }
    }
}

#[tokio::test]
async fn what_needs_no_store_is_answered_as_ever() {
    let service = Service::start().await;
    service.outage.begin(Trouble::Hangs);
    let client = service.server.client();
    assert_missing(&client.get_without_key("/").await);
    assert_invalid(&client.get("/", "malformed").await);
    assert_eq!(service.outage.lookups(), 0);
}

#[tokio::test]
async fn cached_keys_work_while_they_are_fresh_and_no_longer() {
    for trouble in TROUBLES {
        let service = Service::start().await;
        let (key, cold) = (service.key().await, service.key().await);
        service.warm(&key).await;
        service.outage.begin(trouble);
        service.polled().await;
        service.clock.advance(MAX_STALENESS / 2);
        assert_eq!(service.ask(&key).await.status, 200);
        assert_unavailable(&service.ask(&cold).await);

        service.clock.advance(MAX_STALENESS);
        assert_unavailable(&service.ask(&key).await);

        service.outage.end();
        service.warm(&key).await;
        service.warm(&cold).await;
    }
}

#[tokio::test]
async fn a_key_that_was_revoked_here_stays_refused_through_an_outage() {
    for trouble in TROUBLES {
        let service = Service::start().await;
        let issued = service.manager.create(NewKey::new("acme", "revoked")).await.unwrap();
        service.warm(&issued.key).await;
        service.outage.begin(trouble);
        service.manager.revoke(&issued.record.id, Reach::Key).await.unwrap();
        // It is not in the cache any more, and the store cannot say: not let in, not called bad.
        assert_unavailable(&service.ask(&issued.key).await);
        service.outage.end();
        assert_invalid(&service.ask_after_outage(&issued.key).await);
    }
}
