//! What is the file's own: opening, closing, damage, backups, what is written into it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::Duration;

use keyward_core::key::{Grant, KeyDigest, KeyId, KeyRecord, Peppers, PlainKey, StoredDigest};
use keyward_core::store::{
    Changes, KeyLookup, KeyStore, ListQuery, Position, StoreError, StoreErrorKind, Write,
};
use keyward_sqlx::SqliteStore;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{Connection, SqlitePool};
use tempfile::TempDir;
use tokio::task::JoinSet;

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

async fn open(folder: &TempDir) -> SqliteStore {
    SqliteStore::open(name_in(folder)).await.unwrap()
}

fn name_in(folder: &TempDir) -> String {
    folder.path().join("keys.db").display().to_string()
}

/// A pool as an application has it, in the same file.
async fn pool(folder: &TempDir) -> SqlitePool {
    let options = SqliteConnectOptions::new()
        .filename(folder.path().join("keys.db"))
        .create_if_missing(true)
        .busy_timeout(Duration::from_millis(50));
    SqlitePoolOptions::new().connect_with(options).await.unwrap()
}

fn id(number: u64) -> KeyId {
    KeyId::new(format!("key_{number}"))
}

fn digest(number: u64) -> KeyDigest {
    KeyDigest::sha256(&number.to_le_bytes())
}

fn insert(number: u64) -> Write {
    let record = KeyRecord::new(id(number), "acme", "secret");
    let digest = StoredDigest::new(digest(number), None);
    Write::Insert { digest, record: Box::new(record) }
}

async fn poll(store: &SqliteStore, position: Option<Position>) -> Changes {
    store.feed().unwrap().changes_since(position).await.unwrap()
}

async fn head(store: &SqliteStore) -> Position {
    match poll(store, None).await {
        Changes::Lost { head } => head,
        Changes::Since { .. } => panic!("no position was known"),
    }
}

async fn refusal(name: &str) -> StoreError {
    SqliteStore::open(name).await.err().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_who_open_one_new_file_at_one_time_have_one_store() {
    for _ in 0..5 {
        let folder = folder();
        let mut opening = JoinSet::new();
        for number in 0..10 {
            let name = name_in(&folder);
            opening.spawn(async move {
                let store = SqliteStore::open(name).await?;
                store.commit(vec![insert(number)]).await?;
                store.claim("standard").await
            });
        }
        for opened in opening.join_all().await {
            opened.unwrap();
        }
        let store = open(&folder).await;
        assert_eq!(head(&store).await.seq, 10);
        let query = ListQuery { limit: 100, ..ListQuery::default() };
        assert_eq!(store.list(&query).await.unwrap().len(), 10);
    }
}

#[tokio::test]
async fn a_new_file_that_another_process_is_writing_is_waited_for() {
    let folder = folder();
    let pool = pool(&folder).await;
    let mut writer = pool.acquire().await.unwrap();
    let writing = writer.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let release = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        writing.rollback().await.unwrap();
    };
    let (opened, ()) = tokio::join!(SqliteStore::open(name_in(&folder)), release);
    opened.unwrap();
}

#[tokio::test]
async fn what_was_stored_is_there_after_closing_and_opening_again() {
    let folder = folder();
    let store = open(&folder).await;
    store.claim("standard").await.unwrap();
    store.commit(vec![insert(1)]).await.unwrap();
    let before = head(&store).await;
    store.close().await;
    assert!(!folder.path().join("keys.db-wal").exists(), "closing writes the log into the file");

    let store = SqliteStore::open(format!("sqlite://{}", name_in(&folder))).await.unwrap();
    assert!(store.lookup(&digest(1)).await.unwrap().is_some());
    assert!(store.lookup(&digest(2)).await.unwrap().is_none());
    assert!(store.claim("bigspin").await.is_err());
    store.commit(vec![insert(2)]).await.unwrap();
    let Changes::Since { changes, .. } = poll(&store, Some(before)).await else {
        panic!("the sequence goes on where it was");
    };
    assert_eq!((changes.len(), changes[0].seq), (1, 2));
}

#[tokio::test]
async fn a_closed_store_is_unavailable() {
    let folder = folder();
    let store = open(&folder).await;
    store.close().await;
    for error in [
        store.lookup(&digest(1)).await.err(),
        store.lookup_many(&[digest(1)]).await.err(),
        store.commit(vec![insert(1)]).await.err(),
    ] {
        let error = error.unwrap();
        assert_eq!(error.kind(), StoreErrorKind::Unavailable);
        assert!(error.source().is_some());
    }
}

#[tokio::test]
async fn a_path_that_cannot_be_opened_is_named_with_the_reason_and_the_cure() {
    let folder = folder();
    let name = folder.path().join("missing/keys.db").display().to_string();
    for name in [name.clone(), format!("sqlite://{name}"), folder.path().display().to_string()] {
        let error = refusal(&name).await;
        assert_eq!(error.kind(), StoreErrorKind::Unavailable);
        assert_eq!(
            error.to_string(),
            format!(
                "the key store `{name}` cannot be opened (unable to open database file): give the \
                 path of a file in a folder that exists and that this program may write to"
            )
        );
    }
}

#[tokio::test]
async fn a_store_that_cannot_be_written_is_not_opened() {
    let folder = folder();
    open(&folder).await.close().await;
    let name = format!("sqlite://{}?mode=ro", name_in(&folder));
    let error = refusal(&name).await;
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    assert!(error.to_string().contains("readonly") && error.to_string().contains(&name));
    assert!(error.to_string().contains("this program may write to"), "{error}");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_left_as_it_is() {
    let folder = folder();
    let text = "a letter, longer than the header of a database\n".repeat(100);
    fs::write(folder.path().join("keys.db"), &text).unwrap();
    let error = refusal(&name_in(&folder)).await;
    assert_eq!(error.kind(), StoreErrorKind::Corrupt);
    let sentence = error.to_string();
    assert!(sentence.contains(&name_in(&folder)) && sentence.contains("not a database"));
    assert_eq!(fs::read_to_string(folder.path().join("keys.db")).unwrap(), text);
}

#[tokio::test]
async fn a_name_that_is_no_file_is_refused() {
    for name in ["", "sqlite://", ":memory:", "sqlite::memory:", "sqlite://x?mode=memory"] {
        let error = refusal(name).await;
        assert!(error.to_string().contains("use a MemoryStore"), "{name}: {error}");
    }
    let error = refusal("sqlite://keys.db?mode=fast").await;
    assert!(error.to_string().contains("mode"), "{error}");
}

#[tokio::test]
async fn a_store_of_a_newer_version_is_refused() {
    let folder = folder();
    open(&folder).await.close().await;
    let newer = "INSERT INTO keyward_migrations (version, description, success, checksum,
                 execution_time) VALUES (1000, 'of the future', true, x'00', 0)";
    sqlx::query(newer).execute(&pool(&folder).await).await.unwrap();
    let error = refusal(&name_in(&folder)).await;
    assert!(error.to_string().contains("another version of keyward"), "{error}");
}

#[tokio::test]
async fn a_store_of_the_first_version_is_brought_up_to_date() {
    let folder = folder();
    let store = open(&folder).await;
    store.commit(vec![insert(1)]).await.unwrap();
    store.close().await;
    let pool = pool(&folder).await;
    let schema = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name";
    let now: Vec<String> = sqlx::query_scalar(schema).fetch_all(&pool).await.unwrap();
    sqlx::raw_sql(
        "DELETE FROM keyward_migrations WHERE version > 1;
         ALTER TABLE keyward_keys DROP COLUMN networks;
         DROP TRIGGER keyward_uses_of_deleted;
         DROP TABLE keyward_uses;
         DROP TABLE keyward_recorders;
         DROP TABLE keyward_audit;
         DROP TABLE keyward_instances;
         ALTER TABLE keyward_store DROP COLUMN awaited;
         DROP INDEX keyward_keys_by_successor;
         DROP INDEX keyward_keys_by_workspace;
         CREATE INDEX keyward_keys_by_workspace ON keyward_keys (workspace, created_at, id);",
    )
    .execute(&pool)
    .await
    .unwrap();

    let store = open(&folder).await;
    assert!(store.lookup(&digest(1)).await.unwrap().is_some());
    let again: Vec<String> = sqlx::query_scalar(schema).fetch_all(&pool).await.unwrap();
    assert_eq!(again, now);
}

#[tokio::test]
async fn an_application_keeps_keys_beside_its_own_tables() {
    let folder = folder();
    let pool = pool(&folder).await;
    sqlx::query("CREATE TABLE keys (id INTEGER)").execute(&pool).await.unwrap();
    let store = SqliteStore::with_pool(pool.clone()).await.unwrap();
    store.commit(vec![insert(1)]).await.unwrap();
    let again = SqliteStore::with_pool(pool.clone()).await.unwrap();
    assert!(again.lookup(&digest(1)).await.unwrap().is_some());
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'keyward\\_%' ESCAPE '\\'",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert_eq!(tables, ["keys"]);
}

#[tokio::test]
async fn a_store_that_another_process_locks_is_unavailable_until_it_is_free() {
    let folder = folder();
    let pool = pool(&folder).await;
    let store = SqliteStore::with_pool(pool.clone()).await.unwrap();
    let mut other = pool.acquire().await.unwrap();
    let locked = other.begin_with("BEGIN EXCLUSIVE").await.unwrap();
    let error = store.commit(vec![insert(1)]).await.err().unwrap();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    assert_eq!(error.to_string(), "the key store cannot be reached");
    assert!(error.source().unwrap().to_string().contains("locked"));
    locked.rollback().await.unwrap();
    store.commit(vec![insert(1)]).await.unwrap();
    assert!(store.lookup(&digest(1)).await.unwrap().is_some());
}

#[tokio::test]
async fn a_damaged_row_is_an_error_and_never_a_key() {
    let folder = folder();
    let store = open(&folder).await;
    let pool = pool(&folder).await;
    let damages = [
        ("scopes", "access = 'only', scopes = 'read \"write\"'"),
        ("resources", "resources = '{}'"),
        ("rate_limit_per_min", "rate_limit_per_min = 0"),
        ("rate_limit_per_min", "rate_limit_per_min = -1"),
        ("metadata", "metadata = '[1]'"),
        ("networks", "networks = ''"),
        ("networks", "networks = '10.0.0.0/8 anywhere'"),
        ("name", "name = CAST(x'ff' AS TEXT)"),
    ];
    for (number, (column, damage)) in (0..).zip(damages) {
        store.commit(vec![insert(number)]).await.unwrap();
        let sql = sqlx::AssertSqlSafe(format!("UPDATE keyward_keys SET {damage} WHERE id = ?"));
        sqlx::query(sql).bind(id(number).as_str()).execute(&pool).await.unwrap();
        let everything = ListQuery { limit: 10, ..ListQuery::default() };
        for error in [
            store.lookup(&digest(number)).await.err(),
            store.lookup_many(&[digest(number)]).await.err(),
            store.get(&id(number)).await.err(),
            store.list(&everything).await.err(),
        ] {
            let error = error.unwrap();
            assert_eq!(error.kind(), StoreErrorKind::Corrupt, "{damage}");
            assert!(error.to_string().contains(column), "{damage}: {error}");
        }
        sqlx::query("DELETE FROM keyward_keys").execute(&pool).await.unwrap();
    }
}

#[tokio::test]
async fn a_restored_backup_is_another_history() {
    let folder = folder();
    let store = open(&folder).await;
    store.commit(vec![insert(1)]).await.unwrap();
    let backed_up = head(&store).await;
    store.close().await;
    let backup = fs::read(folder.path().join("keys.db")).unwrap();

    let store = open(&folder).await;
    store.commit(vec![insert(2)]).await.unwrap();
    let seen = head(&store).await;
    store.close().await;

    fs::write(folder.path().join("keys.db"), backup).unwrap();
    let store = open(&folder).await;
    assert!(matches!(poll(&store, Some(seen)).await, Changes::Lost { .. }));
    store.commit(vec![insert(3)]).await.unwrap();
    assert_eq!(head(&store).await.seq, seen.seq, "the numbers are the same again");
    assert!(matches!(poll(&store, Some(seen)).await, Changes::Lost { .. }));
    assert!(matches!(poll(&store, Some(backed_up)).await, Changes::Since { .. }));
}

#[tokio::test]
async fn a_position_is_lost_when_a_hundred_thousand_changes_came_after_it() {
    let folder = folder();
    let store = open(&folder).await;
    store.commit(vec![insert(1)]).await.unwrap();
    let first = head(&store).await;
    // As if nearly all of them had come.
    let skip = "UPDATE keyward_store SET seq = 100000";
    sqlx::query(skip).execute(&pool(&folder).await).await.unwrap();
    store.commit(vec![insert(2)]).await.unwrap();
    let Changes::Since { changes, .. } = poll(&store, Some(first)).await else {
        panic!("a hundred thousand changes are kept after it");
    };
    assert_eq!(changes[0].seq, 100_001);
    store.commit(vec![insert(3)]).await.unwrap();
    assert!(matches!(poll(&store, Some(first)).await, Changes::Lost { .. }));
}

#[tokio::test]
async fn the_file_holds_the_digest_of_a_key_and_nothing_else_of_it() {
    let folder = folder();
    let store = open(&folder).await;
    let secret = "V7nq2xW9pLr4TzKcYb8mDs";
    let key = PlainKey::new(format!("kw_live_{secret}"));
    let digest = Peppers::none().digest(&key);
    let mut record = KeyRecord::new(id(1), "acme", "secret").with_grant(Grant::All);
    record.mask = "kw_live_...".to_owned();
    store.commit(vec![Write::Insert { digest, record: Box::new(record) }]).await.unwrap();

    let stored = digest.digest;
    assert!(holds(folder.path(), stored.as_bytes()), "the log has the commit");
    assert!(!holds(folder.path(), secret.as_bytes()));
    store.close().await;
    assert!(holds(folder.path(), stored.as_bytes()), "the file has the commit");
    assert!(!holds(folder.path(), secret.as_bytes()));
}

/// Whether any file of a folder has these bytes in it.
fn holds(folder: &Path, bytes: &[u8]) -> bool {
    fs::read_dir(folder).unwrap().any(|file| {
        let content = fs::read(file.unwrap().path()).unwrap();
        content.windows(bytes.len()).any(|window| window == bytes)
    })
}
