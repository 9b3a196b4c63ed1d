//! A file that is deleted or replaced while it is open.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::{Path, PathBuf};

use keyward_core::key::{KeyDigest, KeyId, KeyRecord, StoredDigest};
use keyward_core::store::{
    Changes, KeyLookup, KeyStore, Position, StoreError, StoreErrorKind, Write,
};
use keyward_sqlx::SqliteStore;

async fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(path.display().to_string()).await.unwrap()
}

fn digest(number: u64) -> KeyDigest {
    KeyDigest::sha256(&number.to_le_bytes())
}

async fn insert(store: &SqliteStore, number: u64) -> Result<(), StoreError> {
    let record = KeyRecord::new(KeyId::new(format!("key_{number}")), "acme", "secret");
    let digest = StoredDigest::new(digest(number), None);
    store.commit(vec![Write::Insert { digest, record: Box::new(record) }]).await
}

async fn knows(store: &SqliteStore, number: u64) -> bool {
    store.lookup(&digest(number)).await.unwrap().is_some()
}

async fn poll(store: &SqliteStore, position: Option<Position>) -> Changes {
    store.feed().unwrap().changes_since(position).await.unwrap()
}

/// Moves a store's files, those beside the database too.
fn rename(from: &Path, to: &Path) {
    let beside = |path: &Path, end| PathBuf::from(format!("{}{end}", path.display()));
    for end in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(beside(to, end));
        let _ = fs::rename(beside(from, end), beside(to, end));
    }
}

#[tokio::test]
async fn a_file_that_took_the_place_of_another_is_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let (path, backup) = (folder.path().join("keys.db"), folder.path().join("backup.db"));
    let restored = open(&backup).await;
    insert(&restored, 2).await.unwrap();
    restored.close().await;

    let store = open(&path).await;
    insert(&store, 1).await.unwrap();
    assert!(knows(&store, 1).await);
    let Changes::Lost { head } = poll(&store, None).await else { panic!("nothing was known") };

    rename(&backup, &path);
    assert!(matches!(poll(&store, Some(head)).await, Changes::Lost { .. }));
    assert!(knows(&store, 2).await && !knows(&store, 1).await);
    insert(&store, 3).await.unwrap();

    let other_process = open(&path).await;
    assert!(knows(&other_process, 3).await, "nothing is written where nobody reads it");
    insert(&other_process, 4).await.unwrap();
    assert!(knows(&store, 4).await);
}

#[tokio::test]
async fn a_file_that_is_gone_is_unavailable_until_it_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let (path, elsewhere) = (folder.path().join("keys.db"), folder.path().join("moved.db"));
    let store = open(&path).await;
    insert(&store, 1).await.unwrap();
    assert!(knows(&store, 1).await);

    rename(&path, &elsewhere);
    for _ in 0..2 {
        let error = store.lookup(&digest(1)).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Unavailable);
        let error = insert(&store, 2).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Unavailable);
        assert!(!path.exists(), "no empty store is made in its place");
    }

    rename(&elsewhere, &path);
    assert!(knows(&store, 1).await && !knows(&store, 2).await);
    insert(&store, 3).await.unwrap();
}
