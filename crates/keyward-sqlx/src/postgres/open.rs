use std::io;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use keyward_core::store::{ChangeTable, StoreError};
use sqlx::migrate::{Migrate, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, PgConnection, PgPool};
use tokio::runtime::Handle;
use tokio::time::timeout;

use super::PostgresStore;
use super::error::{cannot_open, not_a_url, store_error};
use super::listen::Listener;
use super::tell::Teller;
use crate::migrate::{TABLE, cause, migrator};

/// How long it may take to connect, and how long a question waits for a connection.
const WAIT: Duration = Duration::from_secs(5);
/// Two questions about keys, and the poll: all that a verifier has under way.
const VERIFYING: u32 = 3;
const READERS: u32 = 3;
/// They queue for the change counter, whose lock each holds while it commits.
const WRITERS: u32 = 4;
/// What the server gives up by itself, of what is not written: a write has its own limits.
const LIMITS: [(&str, &str); 3] = [
    ("statement_timeout", "10s"),
    ("lock_timeout", "10s"),
    ("idle_in_transaction_session_timeout", "10s"),
];
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "keys", include_str!("../../migrations/postgres/0001_keys.sql")),
    (2, "instances", include_str!("../../migrations/postgres/0002_instances.sql")),
    (3, "networks", include_str!("../../migrations/postgres/0003_networks.sql")),
    (4, "uses", include_str!("../../migrations/postgres/0004_uses.sql")),
    (5, "audit", include_str!("../../migrations/postgres/0005_audit.sql")),
];
/// Those who wait do so for all that came before.
const MIGRATION: &str = "\
    BEGIN; SET LOCAL statement_timeout = '60s'; SET LOCAL lock_timeout = '60s'";
/// Who migrates holds the advisory lock of this number: "keyward" in ASCII.
const MIGRATING: i64 = 0x006b_6579_7761_7264;

impl PostgresStore {
    /// Opens the database at `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, and makes the tables when
    /// there are none. What the URL leaves out comes from `PGHOST`, `PGPASSWORD` and their like.
    ///
    /// Opens at most ten connections, three of them for verification alone, so that it waits for no
    /// list; one more listens, and one tells others of changes. Give the URL of the server itself: a
    /// pooler between may not take `LISTEN` or prepared statements; with one,
    /// [`with_pool`](Self::with_pool) takes whatever connections work there, and the poll does
    /// without push.
    ///
    /// # Errors
    /// When the server cannot be reached, does not let this user in, or is a replica; the sentence
    /// names the server, the reason and the cure, and no password.
    pub async fn open(url: impl AsRef<str>) -> Result<Self, StoreError> {
        let options = PgConnectOptions::from_str(url.as_ref()).map_err(not_a_url)?.options(LIMITS);
        // By itself, because a pool would try again until its time is over, and not say why.
        prepare(&options).await.map_err(|error| cannot_open(&options, error))?;
        let pool = |size| PgPoolOptions::new().max_connections(size).acquire_timeout(WAIT);
        Ok(Self::connecting(&options, pool))
    }

    /// As [`open`](Self::open), but asks nothing of the server yet: for a service that is to start
    /// while its store is down. The first connection makes the tables.
    ///
    /// [`Verifier::health`](keyward_core::verify::Verifier::health) says `Starting` until the server
    /// has answered, and keys are refused with 503; the log says why. Must be called inside a tokio
    /// runtime. A [`KeyManager`](keyward_core::manage::KeyManager) opens once the server is there.
    ///
    /// # Errors
    /// When the URL is none of PostgreSQL, or there is no tokio runtime.
    pub fn connect_lazy(url: impl AsRef<str>) -> Result<Self, StoreError> {
        let options = PgConnectOptions::from_str(url.as_ref()).map_err(not_a_url)?.options(LIMITS);
        Handle::try_current().map_err(StoreError::unavailable)?;
        let pool = |size| {
            let pool = PgPoolOptions::new().max_connections(size).acquire_timeout(WAIT);
            pool.after_connect(|connection, _| Box::pin(migrate(connection)))
        };
        Ok(Self::connecting(&options, pool))
    }

    fn connecting(options: &PgConnectOptions, pool: impl Fn(u32) -> PgPoolOptions) -> Self {
        // A question asks no question before, whether the server is still there; a write does.
        let asking =
            |size| pool(size).test_before_acquire(false).connect_lazy_with(options.clone());
        let writers = pool(WRITERS).connect_lazy_with(options.clone());
        Self::over(asking(VERIFYING), asking(READERS), writers)
    }

    /// Keeps keys in an application's own database, in tables whose names begin with `keyward_`, in
    /// the first schema of the connections' `search_path`.
    ///
    /// The limits of a question are those of the pool; set its `acquire_timeout` and
    /// `statement_timeout`. It needs a connection for each commit under way and two or more for
    /// questions. None is set aside: while the application or a long list has them all, verification
    /// waits for one. Two other connections, made with the pool's options, listen and tell.
    ///
    /// # Errors
    /// When the tables cannot be made.
    pub async fn with_pool(pool: PgPool) -> Result<Self, StoreError> {
        let mut connection = pool.acquire().await.map_err(store_error)?;
        migrate(&mut connection).await.map_err(store_error)?;
        drop(connection);
        Ok(Self::over(pool.clone(), pool.clone(), pool))
    }

    fn over(verifying: PgPool, readers: PgPool, writers: PgPool) -> Self {
        let (listener, teller) = (Arc::new(Listener::default()), Arc::new(Teller::default()));
        Self { verifying, readers, writers, table: ChangeTable::new(), listener, teller }
    }
}

async fn prepare(options: &PgConnectOptions) -> Result<(), sqlx::Error> {
    let connection = timeout(WAIT, PgConnection::connect_with(options)).await;
    let mut connection = connection.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    let prepared = migrate(&mut connection).await;
    let closed = connection.close().await;
    prepared.and(closed)
}

/// Runs what was not run yet, one process after the other.
async fn migrate(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let migrator = migrator(MIGRATIONS);
    if is_current(&migrator, connection).await? {
        return Ok(());
    }
    let mut transaction = connection.begin_with(MIGRATION).await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)")
        .bind(MIGRATING)
        .execute(&mut *transaction)
        .await?;
    // What `run` calls. With `run` itself the compiler cannot see that this future is `Send`.
    migrator.run_direct(None, &mut *transaction, false).await.map_err(cause)?;
    transaction.commit().await
}

/// Whether nothing is to be done: then this user needs no right to make tables, and waits for nobody.
async fn is_current(
    migrator: &Migrator,
    connection: &mut PgConnection,
) -> Result<bool, sqlx::Error> {
    let can_be = "SELECT to_regclass($1) IS NOT NULL AND NOT pg_is_in_recovery()";
    if !sqlx::query_scalar(can_be).bind(TABLE).fetch_one(&mut *connection).await? {
        return Ok(false);
    }
    let applied = connection.list_applied_migrations(TABLE).await.map_err(cause)?;
    let applied = applied.iter().map(|it| (it.version, &it.checksum));
    Ok(applied.eq(migrator.iter().map(|it| (it.version, &it.checksum))))
}
