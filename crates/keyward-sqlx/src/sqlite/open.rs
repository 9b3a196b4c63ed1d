use std::str::FromStr;
use std::time::{Duration, Instant};

use keyward_core::store::{ChangeTable, StoreError, StoreErrorKind};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, SqliteConnection, SqlitePool};

use super::SqliteStore;
use super::error::{cannot_open, is_busy, store_error};
use super::file::File;
use crate::migrate::{cause, migrator};

/// How long a write waits for its turn, after those of this process and of others. Each of them
/// waits for the disk, which can stall for seconds on a busy machine.
const WRITERS_WAIT: Duration = Duration::from_secs(30);
/// How long a read waits for a connection. It waits for no write.
const READERS_WAIT: Duration = Duration::from_secs(5);
const READERS: u32 = 4;
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "keys", include_str!("../../migrations/sqlite/0001_keys.sql")),
    (2, "pages", include_str!("../../migrations/sqlite/0002_pages.sql")),
    (3, "instances", include_str!("../../migrations/sqlite/0003_instances.sql")),
    (4, "networks", include_str!("../../migrations/sqlite/0004_networks.sql")),
    (5, "uses", include_str!("../../migrations/sqlite/0005_uses.sql")),
    (6, "audit", include_str!("../../migrations/sqlite/0006_audit.sql")),
];

impl SqliteStore {
    /// Opens the database at a path or `sqlite://PATH`, and makes it when there is none.
    ///
    /// # Errors
    /// [`StoreErrorKind::Unavailable`] when the file cannot be opened or made, and
    /// [`StoreErrorKind::Corrupt`] when it is no database; the sentence names the path, the reason
    /// and the cure. Keys in memory are a [`MemoryStore`](keyward_core::store::MemoryStore).
    pub async fn open(path_or_url: impl AsRef<str>) -> Result<Self, StoreError> {
        let name = path_or_url.as_ref();
        let options = options(name)?;
        connect(options).await.map_err(|error| cannot_open(name, error))
    }

    /// Keeps keys in an application's own database, in tables whose names begin with `keyward_`.
    ///
    /// The pool should be in WAL mode with `synchronous = FULL`, as [`open`](Self::open) has it.
    ///
    /// # Errors
    /// When the tables cannot be made.
    pub async fn with_pool(pool: SqlitePool) -> Result<Self, StoreError> {
        let mut connection = pool.acquire().await.map_err(store_error)?;
        migrate(&mut connection).await.map_err(store_error)?;
        Ok(Self { readers: pool.clone(), writer: pool, table: ChangeTable::new() })
    }
}

fn options(name: &str) -> Result<SqliteConnectOptions, StoreError> {
    let options = if name.starts_with("sqlite:") {
        SqliteConnectOptions::from_str(name).map_err(|error| cannot_open(name, error))?
    } else {
        SqliteConnectOptions::new().filename(name)
    };
    // SQLite takes an empty name for a private database that is gone when it is closed.
    let in_memory = name.contains(":memory:") || name.contains("mode=memory");
    if in_memory || options.get_filename().as_os_str().is_empty() {
        return Err(StoreError::new(
            StoreErrorKind::Unavailable,
            format!("`{name}` names no file: give the path of one, or use a MemoryStore"),
        ));
    }
    // FULL, because in WAL mode anything less survives a killed process but may lose the last
    // commits with the power, and a lost commit would be a revoked key that works again.
    Ok(options
        .create_if_missing(true)
        .busy_timeout(WRITERS_WAIT)
        .synchronous(SqliteSynchronous::Full))
}

/// One connection writes, so that writers of this process queue for it in order instead of
/// competing for SQLite's lock; in WAL mode readers wait for nobody.
async fn connect(options: SqliteConnectOptions) -> Result<SqliteStore, sqlx::Error> {
    let mut connection = SqliteConnection::connect_with(&options).await?;
    let prepared = prepare(&mut connection).await;
    let closed = connection.close().await;
    prepared.and(closed)?;
    // Whoever removed the file shall not find an empty one in its place.
    let options = options.create_if_missing(false);
    let file = File::at(options.get_filename());
    let pool = |size, wait| {
        let file = file.clone();
        let pool = SqlitePoolOptions::new().max_connections(size).acquire_timeout(wait);
        pool.test_before_acquire(false).before_acquire(move |_, connection| {
            let is_current = file.is_of(connection.age);
            Box::pin(async move { Ok(is_current) })
        })
    };
    let writer = pool(1, WRITERS_WAIT).connect_lazy_with(options.clone());
    let readers = pool(READERS, READERS_WAIT).connect_lazy_with(options.pragma("query_only", "ON"));
    Ok(SqliteStore { readers, writer, table: ChangeTable::new() })
}

async fn prepare(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    use_wal(connection).await?;
    migrate(connection).await
}

/// The file remembers the mode. While another process writes to a file that is not in WAL mode yet,
/// SQLite refuses the change at once, whatever the busy timeout.
async fn use_wal(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let deadline = Instant::now() + WRITERS_WAIT;
    loop {
        match sqlx::query("PRAGMA journal_mode = WAL").execute(&mut *connection).await {
            Err(error) if is_busy(&error) && Instant::now() < deadline => {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            done => return done.map(|_| ()),
        }
    }
}

/// Runs what was not run yet, one process after the other.
async fn migrate(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    // What `run` calls. With `run` itself the compiler cannot see that this future is `Send`.
    migrator(MIGRATIONS).run_direct(None, &mut *transaction, false).await.map_err(cause)?;
    // A file that cannot be written lets a transaction begin. It shall fail here, where its name and
    // the cure are told.
    sqlx::query("UPDATE keyward_store SET seq = seq").execute(&mut *transaction).await?;
    transaction.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_commit_waits_for_the_disk_and_readers_cannot_write() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.db").display().to_string();
        let store = SqliteStore::open(path).await.unwrap();
        let mode: String =
            sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&store.readers).await.unwrap();
        assert_eq!(mode, "wal");
        let synchronous: i64 =
            sqlx::query_scalar("PRAGMA synchronous").fetch_one(&store.writer).await.unwrap();
        assert_eq!(synchronous, 2, "FULL");
        let write = sqlx::query("UPDATE keyward_store SET seq = 7");
        assert!(write.execute(&store.readers).await.is_err());
    }
}
