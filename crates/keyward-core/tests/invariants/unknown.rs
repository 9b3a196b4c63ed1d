//! A key that nobody issued never passes, and one that was just made is let in at once.

use std::time::Duration;

use keyward_core::dialect::Dialect;
use keyward_core::manage::NewKey;
use keyward_core::store::MemoryStore;
use keyward_core::verify::{RejectionKind, Verifier};

use crate::support::stage::Stage;
use crate::support::{
    cached, create, eventually, manager, refusal, secret, unknown, verifier, warm,
};

#[tokio::test(flavor = "multi_thread")]
async fn unknown_key_never_passes() {
    let stage = Stage::new(MemoryStore::new());
    let manager = manager(stage.clone()).await;
    let verifier = verifier(stage.clone());
    let (_, good) = create(&manager).await;
    warm(&verifier, &good).await;

    let dialect = Dialect::bigspin();
    let kind = dialect.kind_id("secret").unwrap();
    for _ in 0..2_000 {
        let key = dialect.issue(kind).unwrap();
        assert_eq!(refusal(&verifier, key.expose()).await, Some(RejectionKind::Unknown));
        let questions = stage.questions();
        assert_eq!(refusal(&verifier, key.expose()).await, Some(RejectionKind::Unknown));
        assert_eq!(stage.questions(), questions, "remembered as unknown");
    }
    for last in b'a'..=b'z' {
        let mut near = good.clone();
        near.pop();
        near.push(last.into());
        if near != good {
            assert_eq!(refusal(&verifier, &near).await, Some(RejectionKind::Unknown));
        }
    }
    assert_eq!(refusal(&verifier, &good).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_creation_ends_what_was_remembered_as_unknown() {
    let stage = Stage::new(MemoryStore::new());
    let manager = manager(stage.clone()).await;
    let verifier = verifier(stage.clone());
    for number in 0..200 {
        let key = unknown(number);
        warm(&verifier, &key).await;
        assert_eq!(cached(&verifier, &key).unwrap().err(), Some(RejectionKind::Unknown));
        manager.adopt(&secret(&key), NewKey::new("acme", "adopted")).await.unwrap();
        assert_eq!(refusal(&verifier, &key).await, None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_creation_by_another_process_counts_within_max_staleness() {
    let store = MemoryStore::new();
    let elsewhere = manager(store.other_process()).await;
    let staleness = Duration::from_millis(400);
    let verifier =
        Verifier::builder(Dialect::bigspin(), store).with_max_staleness(staleness).build().unwrap();
    let key = unknown(1);
    warm(&verifier, &key).await;
    elsewhere.adopt(&secret(&key), NewKey::new("acme", "adopted")).await.unwrap();
    let created = std::time::Instant::now();
    eventually("the key is let in", async || refusal(&verifier, &key).await.is_none()).await;
    // Without the poll it would be ten seconds; the machine may be busy.
    assert!(created.elapsed() < staleness + Duration::from_secs(2), "{:?}", created.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_key_is_unknown_on_the_next_request() {
    let store = MemoryStore::new();
    let manager = manager(store.clone()).await;
    let verifier = verifier(store);
    for _ in 0..100 {
        let (record, key) = create(&manager).await;
        warm(&verifier, &key).await;
        assert_eq!(refusal(&verifier, &key).await, None);
        manager.delete(&record.id).await.unwrap();
        assert_eq!(refusal(&verifier, &key).await, Some(RejectionKind::Unknown));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_key_never_reaches_the_store() {
    let stage = Stage::new(MemoryStore::new());
    let verifier = verifier(stage.clone());
    let long = format!("sk-bigspin-api03-{}", "a".repeat(129));
    for junk in ["eyJhbGciOiJIUzI1NiJ9.e30.x", "sk-bigspin-api03-", "sk-bigspin-api03-a b", &long] {
        assert_eq!(refusal(&verifier, junk).await, Some(RejectionKind::Malformed), "{junk}");
    }
    assert_eq!(refusal(&verifier, "").await, Some(RejectionKind::Missing));
    assert_eq!(stage.questions(), 0);
}
