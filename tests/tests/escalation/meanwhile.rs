//! Something becomes of a key while it asks for another.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use keyward::audit::{AuditEntry, AuditQuery};
use keyward::axum::ApiKeyAuth;
use keyward::clock::{TestClock, Timestamp};
use keyward::dialect::Dialect;
use keyward::key::{Grant, KeyDigest, KeyId, KeyRecord, Resources};
use keyward::manage::{Issued, KeyManager, KeyUpdate, ListKeys, NewKey, Reach};
use keyward::store::{KeyLookup, KeyStore, ListQuery, MemoryStore, StoreError, Write};
use keyward::verify::Verifier;
use keyward_admin::{KeyAdmin, KeyGuard};
use keyward_tests::scribe_sight::{LACKS, OUT_OF_REACH, UNAUTHENTICATED, assert_refused};
use keyward_tests::{Answer, Client, Server};
use reqwest::Method;
use serde_json::json;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::stage::{KEYS, Stage};

const HOUR: Duration = Duration::from_hours(1);
const PATH: &str = "/api/v1/api-keys";

/// A store that keeps one commit waiting at a barrier, after all that the act has read.
#[derive(Clone)]
struct Held {
    store: MemoryStore,
    gate: Arc<Gate>,
}

struct Gate {
    closed: AtomicBool,
    reached: Barrier,
    opened: Barrier,
}

#[async_trait]
impl KeyLookup for Held {
    async fn lookup(&self, digest: &KeyDigest) -> Result<Option<KeyRecord>, StoreError> {
        self.store.lookup(digest).await
    }
}

#[async_trait]
impl KeyStore for Held {
    async fn claim(&self, dialect: &str) -> Result<(), StoreError> {
        self.store.claim(dialect).await
    }

    async fn dialect(&self) -> Result<Option<String>, StoreError> {
        self.store.dialect().await
    }

    async fn get(&self, id: &KeyId) -> Result<Option<KeyRecord>, StoreError> {
        self.store.get(id).await
    }

    async fn list(&self, query: &ListQuery) -> Result<Vec<KeyRecord>, StoreError> {
        self.store.list(query).await
    }

    async fn count(&self, query: &ListQuery) -> Result<u64, StoreError> {
        self.store.count(query).await
    }

    async fn audit(&self, query: &AuditQuery) -> Result<Vec<AuditEntry>, StoreError> {
        self.store.audit(query).await
    }

    async fn commit(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        if self.gate.closed.swap(false, Ordering::SeqCst) {
            self.gate.reached.wait().await;
            self.gate.opened.wait().await;
        }
        self.store.commit(writes).await
    }
}

struct Service {
    clock: Arc<TestClock>,
    /// Beside the barrier.
    manager: KeyManager,
    gate: Arc<Gate>,
    client: Client,
    _server: Server,
    actor: Issued,
    target: KeyRecord,
}

impl Service {
    async fn start() -> Self {
        let clock = Arc::new(TestClock::at(Timestamp::from_millis(1_800_000_000_000)));
        let store = MemoryStore::new();
        let gate = Arc::new(Gate {
            closed: AtomicBool::new(false),
            reached: Barrier::new(2),
            opened: Barrier::new(2),
        });
        let held = Held { store: store.clone(), gate: Arc::clone(&gate) };
        let manager = async |store| {
            KeyManager::builder(Dialect::scribe_sight(), store)
                .with_clock(clock.clone())
                .open()
                .await
        };
        let admin = KeyManager::builder(Dialect::scribe_sight(), held).with_clock(clock.clone());
        let admin = KeyAdmin::new(admin.open().await.unwrap(), KeyGuard).unwrap();
        let manager = manager(store.clone()).await.unwrap();
        let verifier = Verifier::builder(Dialect::scribe_sight(), store).with_clock(clock.clone());
        let routes: Router = admin.routes();
        let routes = routes.layer(ApiKeyAuth::new(verifier.build().unwrap()));
        let server = Server::start(routes).await;

        let end = Timestamp::from_millis(1_800_000_000_000).plus(HOUR);
        let actor = NewKey::new("acme", "actor").with_expires_at(end);
        let actor = manager.create(actor).await.unwrap();
        let target = NewKey::new("acme", "target").with_expires_at(end);
        let target = manager.create(target).await.unwrap().record;
        Self { clock, manager, gate, client: server.client(), _server: server, actor, target }
    }

    /// Sends a request, and lets something happen between what it read and what it writes.
    async fn while_it_asks(&self, method: Method, path: &str, body: &str, loss: Loss) -> Answer {
        self.gate.closed.store(true, Ordering::SeqCst);
        let request = self.client.request(method, path).bearer_auth(self.actor.key.expose());
        let request = request.header("content-type", "application/json").body(body.to_owned());
        let client = self.client.clone();
        let answer = tokio::spawn(async move { client.send(request).await });
        self.gate.reached.wait().await;
        self.befall(loss).await;
        self.gate.opened.wait().await;
        answer.await.unwrap()
    }

    async fn befall(&self, loss: Loss) {
        let (manager, id) = (&self.manager, &self.actor.record.id);
        let p1 = Resources::Only(vec!["p1".to_owned()]);
        let soon = self.manager.now().plus(HOUR / 2);
        let update = match loss {
            Loss::Revoked => return drop(manager.revoke(id, Reach::Key).await.unwrap()),
            Loss::Deleted => return manager.delete(id).await.unwrap(),
            Loss::Expired => return self.clock.advance(HOUR),
            Loss::ReadsAlone => KeyUpdate::new().with_grant(Grant::Only("read".parse().unwrap())),
            Loss::Restricted => KeyUpdate::new().with_resources(p1),
            Loss::EndsSooner => KeyUpdate::new().with_expires_at(Some(soon)),
        };
        manager.update(id, update).await.unwrap();
    }

    async fn children(&self) -> Vec<KeyRecord> {
        let all = self.manager.list(&ListKeys::new()).await.unwrap().keys;
        let grown = |key: &KeyRecord| key.id != self.actor.record.id && key.id != self.target.id;
        all.into_iter().filter(grown).collect()
    }
}

/// What becomes of the key that asks.
#[derive(Debug, Clone, Copy)]
enum Loss {
    Revoked,
    Deleted,
    Expired,
    ReadsAlone,
    Restricted,
    EndsSooner,
}

#[tokio::test]
async fn a_key_that_loses_what_it_gives_gives_nothing() {
    for (loss, body, status, expected) in [
        (Loss::Revoked, r#"{"name":"x"}"#, 401, UNAUTHENTICATED),
        (Loss::Deleted, r#"{"name":"x"}"#, 401, UNAUTHENTICATED),
        (Loss::ReadsAlone, r#"{"name":"x"}"#, 403, LACKS),
        (Loss::ReadsAlone, r#"{"name":"x","scopes":["write"]}"#, 403, LACKS),
        (Loss::Restricted, r#"{"name":"x","project_ids":null}"#, 403, OUT_OF_REACH),
        (Loss::Restricted, r#"{"name":"x","project_ids":["p1","p2"]}"#, 403, OUT_OF_REACH),
    ] {
        let service = Service::start().await;
        let answer = service.while_it_asks(Method::POST, PATH, body, loss).await;
        assert_refused(&answer, status, expected);
        assert_eq!(service.children().await, [], "{loss:?}");
    }
}

#[tokio::test]
async fn a_key_that_loses_something_gives_what_is_left() {
    let service = Service::start().await;
    let body = r#"{"name":"x"}"#;
    let answer = service.while_it_asks(Method::POST, PATH, body, Loss::Restricted).await;
    assert_eq!((answer.status, &answer.json()["data"]["project_ids"]), (201, &json!(["p1"])));

    let service = Service::start().await;
    let answer = service.while_it_asks(Method::POST, PATH, body, Loss::EndsSooner).await;
    assert_eq!(answer.status, 201);
    let soon = service.manager.now().plus(HOUR / 2);
    assert_eq!(service.children().await[0].expires_at, Some(soon));
}

#[tokio::test]
async fn a_key_that_expires_meanwhile_leaves_none_that_works() {
    let service = Service::start().await;
    let body = r#"{"name":"x"}"#;
    let answer = service.while_it_asks(Method::POST, PATH, body, Loss::Expired).await;
    assert_eq!(answer.status, 201, "it was good when it came");
    let child = answer.json()["data"]["key"].as_str().unwrap().to_owned();
    for key in [&*child, service.actor.key.expose()] {
        assert_refused(&service.client.get(PATH, key).await, 401, UNAUTHENTICATED);
    }
}

#[tokio::test]
async fn a_key_that_loses_its_right_revokes_no_other() {
    for (loss, status, expected) in [
        (Loss::Revoked, 401, UNAUTHENTICATED),
        (Loss::Deleted, 401, UNAUTHENTICATED),
        (Loss::ReadsAlone, 403, LACKS),
        (Loss::Restricted, 403, OUT_OF_REACH),
    ] {
        let service = Service::start().await;
        let path = format!("{PATH}/{}", service.target.id);
        let answer = service.while_it_asks(Method::DELETE, &path, "", loss).await;
        assert_refused(&answer, status, expected);
        let target = service.manager.get(&service.target.id).await.unwrap();
        assert_eq!(target, service.target, "{loss:?}");
    }
}

/// The same against the program, and without a hand in it.
#[tokio::test(flavor = "multi_thread")]
async fn no_key_is_made_through_one_whose_revocation_was_answered() {
    const MANY: usize = 8;
    let stage = Stage::start().await;
    for round in 0..5 {
        let body = json!({"name": format!("parent {round}"), "project_ids": ["proj_support"]});
        let parent = stage.system.post("secret", KEYS, &body).await.json()["data"].clone();
        let start = Arc::new(Barrier::new(MANY + 1));
        let mut asking = JoinSet::new();
        for _ in 0..MANY {
            let (client, start) = (stage.system.client.clone(), Arc::clone(&start));
            let key = parent["key"].as_str().unwrap().to_owned();
            asking.spawn(async move {
                start.wait().await;
                let mut made = Vec::new();
                // Until it is refused: this ends, because the key is revoked.
                loop {
                    let answer = client.post(KEYS, &key, &json!({"name": "child"})).await;
                    if answer.status != 201 {
                        assert_refused(&answer, 401, UNAUTHENTICATED);
                        return made;
                    }
                    made.push(answer.json()["data"]["id"].as_str().unwrap().to_owned());
                }
            });
        }
        start.wait().await;
        let path = format!("{KEYS}/{}", parent["id"].as_str().unwrap());
        let revoked = stage.system.ask("secret", Method::DELETE, &path, None).await;
        assert_eq!(revoked.status, 204);
        let late = json!({"name": "too late"});
        let late = stage.system.client.post(KEYS, parent["key"].as_str().unwrap(), &late).await;
        assert_refused(&late, 401, UNAUTHENTICATED);

        let mut made = asking.join_all().await.concat();
        let mut listed = Vec::new();
        for record in stage.list("secret").await["data"].as_array().unwrap() {
            if record["name"] == "child" {
                assert_eq!(record["project_ids"], json!(["proj_support"]));
                listed.push(record["id"].as_str().unwrap().to_owned());
            }
        }
        made.sort_unstable();
        listed.sort_unstable();
        assert_eq!(listed, made, "those that were answered, and no others");
        for id in made {
            let path = format!("{KEYS}/{id}");
            assert_eq!(stage.system.ask("secret", Method::DELETE, &path, None).await.status, 204);
        }
    }
}
