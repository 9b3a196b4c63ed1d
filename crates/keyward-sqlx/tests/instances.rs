//! Whoever revokes waits for the processes that verify, and for none that is gone.

use std::time::Duration;

use keyward_core::dialect::Dialect;
use keyward_core::manage::{KeyManager, NewKey, Reach};
use keyward_core::store::{Changes, Instances, KeyLookup, Sign};
use keyward_core::verify::Verifier;
use keyward_sqlx::SqliteStore;
use sqlx::SqlitePool;
use sqlx::sqlite::SqliteConnectOptions;

#[tokio::test]
async fn processes_on_one_file_are_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db").display().to_string();
    let store = SqliteStore::open(&path).await.unwrap();
    let manager = KeyManager::builder(Dialect::bigspin(), store).open().await.unwrap();
    let mut verifiers = vec![];
    for name in ["web-1", "web-2"] {
        let store = SqliteStore::open(&path).await.unwrap();
        let verifier = Verifier::builder(Dialect::bigspin(), store).with_instance(name);
        verifiers.push(verifier.build().unwrap());
    }
    while verifiers.iter().any(|verifier| verifier.freshness().is_none()) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    for _ in 0..3 {
        let id = manager.create(NewKey::new("acme", "a key")).await.unwrap().record.id;
        let at_once = manager.revoke_and_wait(&id, Reach::Key, Duration::ZERO).await.unwrap();
        assert_eq!(at_once.pending.len(), 2, "{:?}", at_once.pending);
        let id = manager.create(NewKey::new("acme", "a key")).await.unwrap().record.id;
        let patience = Duration::from_secs(30);
        let waited = manager.revoke_and_wait(&id, Reach::Key, patience).await.unwrap();
        assert_eq!(waited.pending, [""; 0]);
    }
}

/// A process that was killed signs off nowhere.
#[tokio::test]
async fn an_instance_that_was_silent_for_its_bound_and_more_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db");
    let store = SqliteStore::open(path.to_str().unwrap()).await.unwrap();
    let manager = KeyManager::builder(Dialect::bigspin(), store.clone()).open().await.unwrap();
    let pool = SqlitePool::connect_with(SqliteConnectOptions::new().filename(&path)).await.unwrap();
    let hour = 3_600_000;
    for (id, name, silence) in
        [(1, "killed", hour + 31_000), (2, "silent", hour), (3, "forgotten", 26 * hour)]
    {
        let sql = "INSERT INTO keyward_instances (id, name, seq, bound, seen_at)
            VALUES (?, ?, 0, ?, CAST(unixepoch('subsec') * 1000 AS INTEGER) - ?)";
        let insert = sqlx::query(sql).bind(id).bind(name).bind(hour).bind(silence);
        insert.execute(&pool).await.unwrap();
    }
    let id = manager.create(NewKey::new("acme", "a key")).await.unwrap().record.id;
    let waited = manager.revoke_and_wait(&id, Reach::Key, Duration::ZERO).await.unwrap();
    assert_eq!(waited.pending, ["silent"]);

    let changes = store.feed().unwrap().changes_since(None).await.unwrap();
    let Changes::Lost { head } = changes else { panic!("nothing was known") };
    let bound = Duration::from_secs(5);
    let sign = Sign { id: 4, name: "new".to_owned(), position: head, bound };
    store.sign(&sign).await.unwrap();
    let signed = store.signed().await.unwrap().into_iter();
    let mut names: Vec<String> = signed.map(|instance| instance.name).collect();
    names.sort();
    assert_eq!(names, ["killed", "new", "silent"], "the oldest is forgotten");
}
