//! Programs show when keys were last used, write it down when they end, and lose an interval at most
//! when they are killed.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use keyward::clock::Timestamp;
use keyward::dialect::Dialect;
use keyward::manage::{KeyManager, ListKeys};
use keyward::store::{self, KeyStore};
use keyward_tests::System;
use rustix::process::Signal;
use serde_json::Value;
use tokio::time::{sleep, timeout};

const BIGSPIN: &str = env!("CARGO_BIN_EXE_bigspin-under-test");
const SCRIBE_SIGHT: &str = env!("CARGO_BIN_EXE_scribe-sight-under-test");
const SCRIBE_SIGHT_ACTIX: &str = env!("CARGO_BIN_EXE_scribe-sight-actix-under-test");
const ONEPIN: &str = env!("CARGO_BIN_EXE_onepin-under-test");

/// Waits until it is so: for an interval, and for a busy machine.
async fn within_an_interval(what: &str, is_so: impl AsyncFn() -> bool) {
    let waited = timeout(Duration::from_secs(30), async {
        while !is_so().await {
            sleep(Duration::from_millis(50)).await;
        }
    });
    assert!(waited.await.is_ok(), "{what}");
}

/// The record of a list whose field begins or ends the key.
fn record<'a>(list: &'a Value, field: &str, key: &str) -> &'a Value {
    let records = list["data"].as_array().unwrap();
    let is_of_key = |record: &&Value| key.contains(record[field].as_str().unwrap());
    records.iter().find(is_of_key).unwrap()
}

#[tokio::test]
async fn scribe_sight_shows_when_a_key_was_last_used() {
    for program in [SCRIBE_SIGHT, SCRIBE_SIGHT_ACTIX] {
        let system = System::start(program, "/api/v1").await;
        let key = system.program.key("read");
        let last_use = async || {
            let list = system.get("secret", "/api-keys").await.json();
            record(&list, "key_prefix", key)["last_used_at"].clone()
        };
        assert_eq!(last_use().await, Value::Null);
        assert_eq!(system.get("read", "/org").await.status, 200);
        within_an_interval("the key is shown as used", async || last_use().await.is_string()).await;
        let shown = last_use().await;
        assert_eq!(shown.as_str().unwrap().len(), "2026-01-06T14:30:00Z".len());
        assert!(Timestamp::from_rfc3339(shown.as_str().unwrap()).is_some());
    }
}

#[tokio::test]
async fn onepin_shows_when_a_key_was_last_used() {
    let system = System::start(ONEPIN, "/api/v1").await;
    let [operator] = system.words_after("operator ")[..] else { unreachable!("one operator") };
    let key = system.program.key("reader");
    let last_use = async || {
        let list = system.client.get("/api-keys", operator).await.json();
        record(&list, "key_suffix", key)["last_used_at"].clone()
    };
    assert_eq!(last_use().await, Value::Null);
    assert_eq!(system.get("reader", "/workflows").await.status, 200);
    within_an_interval("the key is shown as used", async || last_use().await.is_string()).await;
}

/// What the store of a program has.
struct Records {
    store: Arc<dyn KeyStore>,
    manager: KeyManager,
}

impl Records {
    async fn of(folder: &Path) -> Self {
        let url = format!("sqlite://{}", folder.join("bigspin.db").display());
        let store = store::open(&url).await.unwrap();
        let manager = KeyManager::builder(Dialect::bigspin(), Arc::clone(&store));
        Self { store, manager: manager.open().await.unwrap() }
    }

    /// How many requests were let pass, of all keys, and how many keys were used.
    async fn counts(&self) -> (u64, usize) {
        let ever = Timestamp::from_millis(0)..Timestamp::from_millis(i64::MAX);
        let (mut passed, mut used) = (0, 0);
        for record in self.manager.list(&ListKeys::new()).await.unwrap().keys {
            used += usize::from(record.last_used_at.is_some());
            for point in self.manager.usage(&record.id, ever.clone()).await.unwrap() {
                passed += point.counts.ok();
            }
        }
        (passed, used)
    }
}

#[tokio::test]
async fn a_program_that_is_told_to_end_writes_what_it_has_counted() {
    let system = System::start(BIGSPIN, "/public/api/v1").await;
    for _ in 0..7 {
        assert_eq!(system.get("read", "/projects").await.status, 200);
    }
    assert_eq!(system.get("write", "/projects").await.status, 403);
    let System { program, folder, .. } = system;
    program.signal(Signal::TERM);
    assert_eq!(program.end().await.code, Some(0));
    let records = Records::of(folder.path()).await;
    assert_eq!(records.counts().await, (7, 2), "a scope that is missing is no use that passed");
    records.store.close().await;
}

#[tokio::test]
async fn a_program_that_is_killed_loses_an_interval_at_most() {
    let system = System::start(BIGSPIN, "/public/api/v1").await;
    let records = Records::of(system.folder.path()).await;
    let mut sent = 0;
    for _ in 0..2 {
        for _ in 0..20 {
            assert_eq!(system.get("full", "/projects").await.status, 200);
            sent += 1;
        }
        within_an_interval("all are written", async || records.counts().await == (sent, 1)).await;
    }
    for _ in 0..20 {
        assert_eq!(system.get("full", "/projects").await.status, 200);
    }
    let System { program, folder, .. } = system;
    program.signal(Signal::KILL);
    assert_eq!(program.end().await.code, None);
    records.store.close().await;

    let records = Records::of(folder.path()).await;
    let (passed, _) = records.counts().await;
    assert!((sent..=sent + 20).contains(&passed), "{passed} of {sent} and 20 more");
    records.store.close().await;
}
