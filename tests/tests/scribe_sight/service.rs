use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use keyward::clock::{Clock, TestClock, Timestamp};
use keyward::dialect::Dialect;
use keyward::manage::{Issued, KeyManager, NewKey};
use keyward::store::SqliteStore;
use keyward_tests::scribe_sight::id_in;
use keyward_tests::{Answer, Program, System};
use reqwest::Method;
use serde_json::Value;

use crate::PROGRAM;

pub(crate) const BASE: &str = "/api/v1";
pub(crate) const KEYS: &str = "/api-keys";

/// The program with its demo keys, whose store is a file.
pub(crate) async fn start() -> System {
    in_store("sqlite://scribe-sight.db").await
}

/// The same with a store in memory.
pub(crate) async fn start_in_memory() -> System {
    in_store("memory:").await
}

async fn in_store(store: &str) -> System {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(PROGRAM, folder.path(), &["--store", store]).await;
    System { client: program.client(BASE), program, folder }
}

/// Manages the program's keys from another process, as an operator does.
pub(crate) async fn operator(folder: &Path, clock: Arc<dyn Clock>) -> KeyManager {
    let store = SqliteStore::open(folder.join("scribe-sight.db").to_str().unwrap()).await.unwrap();
    let manager = KeyManager::builder(Dialect::scribe_sight(), store).with_clock(clock);
    manager.open().await.unwrap()
}

/// A key whose time is over.
pub(crate) async fn expired(folder: &Path) -> Issued {
    let then = Timestamp::from_millis(1_000_000_000_000);
    let manager = operator(folder, Arc::new(TestClock::at(then))).await;
    let new = NewKey::new("org_acme", "made long ago");
    manager.create(new.with_expires_at(then.plus(Duration::from_secs(1)))).await.unwrap()
}

/// The record of a key that was just made, its secret in it.
pub(crate) async fn made(system: &System, label: &str, body: &Value) -> Value {
    let answer = system.post(label, KEYS, body).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.json()["data"].clone()
}

/// The id of the key of a label, as the key itself sees it.
pub(crate) async fn id_of(system: &System, label: &str) -> String {
    let list = system.get(label, &format!("{KEYS}?limit=100")).await.json();
    id_in(&list, system.program.key(label))
}

pub(crate) async fn revoke(system: &System, label: &str, id: &str) -> Answer {
    system.ask(label, Method::DELETE, &format!("{KEYS}/{id}"), None).await
}

/// A text of an answer's JSON.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}
