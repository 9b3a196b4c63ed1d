//! The store in SQLite keeps the contract of every store.

#![expect(clippy::unwrap_used, reason = "a test whose store does not open has failed")]

use keyward_core::key_store_conformance;
use keyward_sqlx::SqliteStore;

fn one_file() -> impl AsyncFn() -> SqliteStore {
    let folder = tempfile::tempdir().unwrap();
    async move || SqliteStore::open(folder.path().join("keys.db").to_str().unwrap()).await.unwrap()
}

key_store_conformance!(one_file());
