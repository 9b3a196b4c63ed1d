//! Keys managed in a real database: parallel rotations, and acts that fail half-way.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::error::Error;
use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use keyward_core::clock::Timestamp;
use keyward_core::dialect::Dialect;
use keyward_core::key::{Creator, KeyId, KeyRecord, Peppers, PlainKey};
use keyward_core::manage::{
    KeyManager, KeyUpdate, ListKeys, ManageError, ManageErrorKind, NewKey, Reach, Rotate, Status,
};
use keyward_core::store::{Changes, Flush, KeyLookup, KeyStore, Position, Use, UseStore, Write};
use keyward_core::usage::Counts;
use keyward_sqlx::SqliteStore;
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use tempfile::TempDir;
use tokio::task::JoinSet;

const PARALLEL: usize = 100;

struct Setting {
    folder: TempDir,
    store: SqliteStore,
    manager: KeyManager,
}

impl Setting {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.db").display().to_string();
        let store = SqliteStore::open(path).await.unwrap();
        let manager = KeyManager::builder(Dialect::bigspin(), store.clone()).open().await.unwrap();
        Self { folder, store, manager }
    }

    async fn create(&self) -> KeyRecord {
        self.manager.create(NewKey::new("acme", "a key")).await.unwrap().record
    }

    async fn keys(&self, status: Status) -> Vec<KeyRecord> {
        self.manager.list(&ListKeys::new().with_status(status)).await.unwrap().keys
    }

    async fn head(&self) -> Position {
        match self.store.feed().unwrap().changes_since(None).await.unwrap() {
            Changes::Lost { head } | Changes::Since { head, .. } => head,
        }
    }

    /// Somebody else's connection to the same file.
    async fn pool(&self) -> SqlitePool {
        let options = SqliteConnectOptions::new()
            .filename(self.folder.path().join("keys.db"))
            .busy_timeout(Duration::from_secs(30));
        SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_hundred_parallel_rotations_one_wins() {
    let it = Setting::new().await;
    let id = it.create().await.id;
    let mut rotations = JoinSet::new();
    for _ in 0..PARALLEL {
        let (manager, id) = (it.manager.clone(), id.clone());
        rotations.spawn(async move { manager.rotate(&id, Rotate::now()).await });
    }
    let (won, lost): (Vec<_>, Vec<_>) =
        rotations.join_all().await.into_iter().partition(Result::is_ok);
    assert_eq!((won.len(), lost.len()), (1, PARALLEL - 1));
    let winner = won.into_iter().next().unwrap().unwrap();
    for error in lost {
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ManageErrorKind::Conflict);
        assert!(error.to_string().contains(winner.new.id.as_str()), "it names the successor");
    }
    assert_eq!(it.keys(Status::Active).await, [winner.new]);
    assert_eq!(it.keys(Status::Revoked).await, [winner.old]);
    assert_eq!(it.head().await.seq, 3, "created, then ended and created");
}

/// The database aborts at the last step of every act, and at the second half of a rotation.
#[tokio::test(flavor = "multi_thread")]
async fn an_act_that_fails_half_way_leaves_nothing() {
    let it = Setting::new().await;
    let pool = it.pool().await;
    let (parent, target) = (it.create().await, it.create().await.id);
    let by_parent = it.manager.acting_as(Creator::Key(parent.id));
    let (before, head) = (it.keys(Status::Any).await, it.head().await);

    // SQLite itself ends the transaction where it says ROLLBACK, as it does when the disk is full.
    let steps = ["UPDATE ON keyward_store", "INSERT ON keyward_changes"];
    for (last, how) in steps.into_iter().flat_map(|step| [(step, "ABORT"), (step, "ROLLBACK")]) {
        breaks_at(&pool, last, how).await;
        for manager in [&it.manager, &by_parent] {
            fails(manager.create(NewKey::new("acme", "new")).await);
            fails(manager.adopt(&legacy(), NewKey::new("acme", "new")).await);
            fails(manager.rotate(&target, Rotate::now()).await);
            fails(manager.update(&target, KeyUpdate::new().with_name("renamed")).await);
            fails(manager.revoke(&target, Reach::Descendants).await);
            fails(manager.delete(&target).await);
        }
        sqlx::raw_sql("DROP TRIGGER broken").execute(&pool).await.unwrap();
    }
    breaks_at(&pool, "INSERT ON keyward_keys", "ROLLBACK").await;
    fails(by_parent.rotate(&target, Rotate::now()).await);
    assert_eq!(it.keys(Status::Any).await, before);
    assert_eq!(it.head().await, head);

    sqlx::raw_sql("DROP TRIGGER broken").execute(&pool).await.unwrap();
    by_parent.rotate(&target, Rotate::now()).await.unwrap();
    assert_eq!(it.keys(Status::Active).await.len(), 2);
    assert_eq!(it.head().await.seq, head.seq + 2);
}

async fn breaks_at(pool: &SqlitePool, step: &str, how: &str) {
    let trigger = format!(
        "CREATE TRIGGER broken AFTER {step} BEGIN SELECT raise({how}, 'the disk is broken'); END"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(trigger)).execute(pool).await.unwrap();
}

fn fails<T: Debug>(done: Result<T, ManageError>) {
    let error = done.unwrap_err();
    assert_eq!(error.kind(), ManageErrorKind::Unavailable, "{error}");
    assert!(error.source().unwrap().source().unwrap().to_string().contains("the disk is broken"));
}

fn legacy() -> PlainKey {
    PlainKey::new("sk-prism-api03-0123456789abcdef".to_owned())
}

/// Flushes without end, each as large as a verifier's, of keys that nobody else touches.
async fn flush_without_end(store: SqliteStore, ids: Vec<KeyId>, done: Arc<AtomicU64>) {
    let at = Timestamp::from_millis(1_800_000_000_000);
    let row = |id: &KeyId| Use {
        id: id.clone(),
        last_used_at: Some(at),
        hour: at.start_of_hour(),
        counts: Counts { requests: 1, ..Counts::default() },
    };
    let uses: Vec<Use> = ids.iter().map(row).collect();
    for number in 1.. {
        store.record(&Flush { recorder: 7, number, at, uses: uses.clone() }).await.unwrap();
        done.store(number, Ordering::SeqCst);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revocation_has_its_turn_after_the_flush_that_is_running() {
    const ROWS: usize = 2_048;
    const ROUNDS: usize = 20;
    let setting = Setting::new().await;
    let ids: Vec<KeyId> = (0..ROWS).map(|number| KeyId::new(format!("key_{number}"))).collect();
    let insert = |id: &KeyId| Write::Insert {
        digest: Peppers::none().digest(&PlainKey::new(format!("sk-bigspin-api03-{id}"))),
        record: Box::new(KeyRecord::new(id.clone(), "acme", "secret")),
    };
    setting.store.commit(ids.iter().map(insert).collect()).await.unwrap();
    let flushes = Arc::new(AtomicU64::new(0));
    let flushing =
        tokio::spawn(flush_without_end(setting.store.clone(), ids, Arc::clone(&flushes)));

    let mut waited = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let key = setting.create().await;
        let before = flushes.load(Ordering::SeqCst);
        setting.manager.revoke(&key.id, Reach::Key).await.unwrap();
        waited.push(flushes.load(Ordering::SeqCst) - before);
    }
    assert!(!flushing.is_finished(), "they went on all the time");
    flushing.abort();
    waited.sort_unstable();
    // One that was running, and one that may begin before the revocation or end after it.
    assert!(waited[ROUNDS / 2] <= 2, "{waited:?}");
}
