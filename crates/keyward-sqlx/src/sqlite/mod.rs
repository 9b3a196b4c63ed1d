mod error;
mod feed;
mod file;
mod instances;
mod lookup;
mod open;
mod uses;
mod write;

use std::sync::Arc;

use async_trait::async_trait;
use keyward_core::audit::{AuditEntry, AuditQuery};
use keyward_core::key::{KeyDigest, KeyId, KeyRecord};
use keyward_core::store::{
    Answers, ChangeFeed, ChangeTable, Changes, Instances, KeyLookup, KeyStore, ListQuery, Position,
    StoreError, StoreErrorKind, UseStore, Write,
};
use sqlx::SqlitePool;

use self::error::store_error;
use crate::row::columns;
use crate::{audit, list, row};

/// `lower` is ASCII's here.
pub(crate) const IN_NAME: &str = "instr(lower(name), ";

/// Keys in a SQLite database: one file, shared by all processes of one machine.
///
/// Clones share connections and what this process knows of changes. Two opens of one file are as
/// good as two processes: they hear of each other's changes by polling. Works on Tokio.
///
/// The newest 100,000 changes are kept; a process that was cut off for longer than they reach back
/// begins with an empty cache.
///
/// A file that another one is moved over, such as a restored backup, is opened again by itself. Its
/// `-wal` and `-shm` belong to it: remove them with it.
///
/// ```
/// use keyward_core::key::{KeyDigest, KeyId, KeyRecord, StoredDigest};
/// use keyward_core::store::{KeyLookup, KeyStore, Write};
/// use keyward_sqlx::SqliteStore;
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("keyward.db").display().to_string();
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// let store = SqliteStore::open(path).await?;
/// let digest = KeyDigest::sha256(b"kw_live_example");
/// let record = Box::new(KeyRecord::new(KeyId::new("key_1"), "acme", "secret"));
/// store.commit(vec![Write::Insert { digest: StoredDigest::new(digest, None), record }]).await?;
/// assert!(store.lookup(&digest).await?.is_some());
/// assert!(store.lookup(&KeyDigest::sha256(b"another key")).await?.is_none());
/// store.close().await;
/// # Ok::<(), keyward_core::store::StoreError>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct SqliteStore {
    pub(crate) readers: SqlitePool,
    writer: SqlitePool,
    table: Arc<ChangeTable>,
}

impl SqliteStore {
    /// Closes all connections, those of an application's own pool included, and returns when every
    /// commit that had begun is done. What is asked of the store later fails.
    pub async fn close(&self) {
        // The writer last: only it may write the log back into the file.
        self.readers.close().await;
        self.writer.close().await;
    }
}

#[async_trait]
impl KeyLookup for SqliteStore {
    async fn lookup(&self, digest: &KeyDigest) -> Result<Option<KeyRecord>, StoreError> {
        sqlx::query(concat!("SELECT ", columns!(), " FROM keyward_keys WHERE digest = ?"))
            .bind(digest.as_bytes().as_slice())
            .fetch_optional(&self.readers)
            .await
            .map_err(store_error)?
            .map(|row| row::read(&row))
            .transpose()
    }

    async fn lookup_many(&self, digests: &[KeyDigest]) -> Result<Answers, StoreError> {
        lookup::lookup_many(&self.readers, digests).await
    }

    fn feed(&self) -> Option<Arc<dyn ChangeFeed>> {
        Some(Arc::new(self.clone()))
    }

    fn uses(&self) -> Option<&dyn UseStore> {
        Some(self)
    }
}

#[async_trait]
impl ChangeFeed for SqliteStore {
    fn table(&self) -> &Arc<ChangeTable> {
        &self.table
    }

    async fn changes_since(&self, position: Option<Position>) -> Result<Changes, StoreError> {
        feed::changes_since(&self.readers, position).await
    }

    fn instances(&self) -> Option<&dyn Instances> {
        Some(self)
    }
}

#[async_trait]
impl KeyStore for SqliteStore {
    async fn claim(&self, dialect: &str) -> Result<(), StoreError> {
        let claimed: String = sqlx::query_scalar(
            "UPDATE keyward_store SET dialect = coalesce(dialect, ?) RETURNING dialect",
        )
        .bind(dialect)
        .fetch_one(&self.writer)
        .await
        .map_err(store_error)?;
        if claimed == dialect { Ok(()) } else { Err(StoreError::other_dialect(&claimed, dialect)) }
    }

    async fn dialect(&self) -> Result<Option<String>, StoreError> {
        let dialect = sqlx::query_scalar("SELECT dialect FROM keyward_store");
        dialect.fetch_one(&self.readers).await.map_err(store_error)
    }

    async fn get(&self, id: &KeyId) -> Result<Option<KeyRecord>, StoreError> {
        sqlx::query(concat!("SELECT ", columns!(), " FROM keyward_keys WHERE id = ?"))
            .bind(id.as_str())
            .fetch_optional(&self.readers)
            .await
            .map_err(store_error)?
            .map(|row| row::read(&row))
            .transpose()
    }

    async fn list(&self, query: &ListQuery) -> Result<Vec<KeyRecord>, StoreError> {
        let rows = list::statement(query, IN_NAME)
            .build()
            .fetch_all(&self.readers)
            .await
            .map_err(store_error)?;
        rows.iter().map(row::read).collect()
    }

    async fn count(&self, query: &ListQuery) -> Result<u64, StoreError> {
        let count =
            list::count(query, IN_NAME).build_query_scalar::<i64>().fetch_one(&self.readers).await;
        Ok(count.map_err(store_error)?.cast_unsigned())
    }

    async fn audit(&self, query: &AuditQuery) -> Result<Vec<AuditEntry>, StoreError> {
        let rows = audit::statement(query).build().fetch_all(&self.readers).await;
        rows.map_err(store_error)?.iter().map(audit::read).collect()
    }

    async fn commit(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        // In a task of its own, because a COMMIT that was handed to the connection's thread is done
        // even if its caller is dropped: the table has to be raised after it, not before.
        let store = self.clone();
        let task = tokio::spawn(async move {
            let mut connection = store.writer.acquire().await.map_err(store_error)?;
            let done = write::transact(&mut connection, &store.table, &writes).await;
            if done.as_ref().is_err_and(|error| error.kind() == StoreErrorKind::Unavailable) {
                // SQLite ends the transaction by itself when, for instance, the disk is full; sqlx
                // does not see that, and could begin no other on this connection.
                let _ = connection.close().await;
            }
            done
        });
        task.await.unwrap_or_else(|stopped| Err(StoreError::unavailable(stopped)))
    }

    async fn close(&self) {
        SqliteStore::close(self).await;
    }
}
