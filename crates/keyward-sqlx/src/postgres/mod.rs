mod error;
mod feed;
mod instances;
mod lease;
mod listen;
mod lookup;
mod open;
mod tell;
mod uses;
mod write;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use keyward_core::audit::{AuditEntry, AuditQuery};
use keyward_core::key::{KeyDigest, KeyId, KeyRecord};
use keyward_core::store::{
    Answers, ChangeFeed, ChangeTable, Changes, Instances, KeyLookup, KeyStore, ListQuery, Position,
    StoreError, UseStore, Write,
};
use sqlx::PgPool;

use self::error::{is_lost, store_error};
use self::lease::Lease;
use self::listen::Listener;
use self::tell::Teller;
use crate::row::{columns, creator_columns};
use crate::{audit, list, row};

/// `lower` is ASCII's in this collation.
const IN_NAME: &str = "strpos(lower(name COLLATE \"C\"), ";

/// As many connections as may lead to a server that is gone before one leads to its successor.
const TRIES: u32 = 6;
/// How long a question may take in all: what it waits for a connection, and what the server gives it.
const LIMIT: Duration = Duration::from_secs(15);

/// Keys in a PostgreSQL database (13 or later), shared by the processes of many machines.
///
/// Clones share connections and what this process knows of changes. Two opens of one database are as
/// good as two processes: they hear of each other's changes by `NOTIFY`, and by polling when that is
/// lost. Works on Tokio.
///
/// The database has to be the primary: a server that is a replica is refused, also when it becomes
/// one later, because it may not know of a revocation yet. The newest 100,000 changes are kept; a
/// process that was cut off for longer than they reach back begins with an empty cache.
///
/// ```no_run
/// use keyward_core::key::{KeyDigest, KeyId, KeyRecord, StoredDigest};
/// use keyward_core::store::{KeyLookup, KeyStore, Write};
/// use keyward_sqlx::PostgresStore;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), keyward_core::store::StoreError> {
/// let store = PostgresStore::open("postgres://keyward:secret@db.example.com/keys").await?;
/// let digest = KeyDigest::sha256(b"kw_live_example");
/// let record = Box::new(KeyRecord::new(KeyId::new("key_1"), "acme", "secret"));
/// store.commit(vec![Write::Insert { digest: StoredDigest::new(digest, None), record }]).await?;
/// assert!(store.lookup(&digest).await?.is_some());
/// assert!(store.lookup(&KeyDigest::sha256(b"another key")).await?.is_none());
/// store.close().await;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct PostgresStore {
    /// For lookups, polls and signatures: what requests wait for.
    verifying: PgPool,
    /// For what people look at, which may take long.
    readers: PgPool,
    writers: PgPool,
    table: Arc<ChangeTable>,
    listener: Arc<Listener>,
    teller: Arc<Teller>,
}

impl PostgresStore {
    /// Closes all connections, those of an application's own pool included, and returns when every
    /// commit that had begun is done, and told to other processes. What is asked of the store later
    /// fails.
    pub async fn close(&self) {
        self.listener.stop();
        self.verifying.close().await;
        self.readers.close().await;
        self.writers.close().await;
        self.teller.stop().await;
    }
}

#[async_trait]
impl KeyLookup for PostgresStore {
    async fn lookup(&self, digest: &KeyDigest) -> Result<Option<KeyRecord>, StoreError> {
        let answers = self.lookup_many(&[*digest]).await?;
        Ok(answers.records.into_iter().next().flatten())
    }

    async fn lookup_many(&self, digests: &[KeyDigest]) -> Result<Answers, StoreError> {
        ask(|| async {
            let mut lease = Lease::of(&self.verifying).await?;
            let answers = lookup::lookup_many(&mut lease, digests).await?;
            lease.give_back();
            Ok(answers)
        })
        .await
    }

    fn feed(&self) -> Option<Arc<dyn ChangeFeed>> {
        Some(Arc::new(self.clone()))
    }

    fn uses(&self) -> Option<&dyn UseStore> {
        Some(self)
    }
}

#[async_trait]
impl ChangeFeed for PostgresStore {
    fn table(&self) -> &Arc<ChangeTable> {
        &self.table
    }

    async fn changes_since(&self, position: Option<Position>) -> Result<Changes, StoreError> {
        ask(|| async {
            let mut lease = Lease::of(&self.verifying).await?;
            // Whoever never polls, such as a program that makes one key, needs no push either.
            self.listener.start(&self.verifying, &self.table);
            let changes = feed::changes_since(&mut lease, position).await?;
            lease.give_back();
            Ok(changes)
        })
        .await
    }

    fn instances(&self) -> Option<&dyn Instances> {
        Some(self)
    }
}

#[async_trait]
impl KeyStore for PostgresStore {
    async fn claim(&self, dialect: &str) -> Result<(), StoreError> {
        let claimed: String = ask(|| async {
            let mut lease = Lease::of(&self.writers).await?;
            sqlx::query("UPDATE keyward_store SET dialect = $1 WHERE dialect IS NULL")
                .bind(dialect)
                .execute(&mut *lease)
                .await
                .map_err(store_error)?;
            let claimed = sqlx::query_scalar("SELECT dialect FROM keyward_store")
                .fetch_one(&mut *lease)
                .await
                .map_err(store_error)?;
            lease.give_back();
            Ok(claimed)
        })
        .await?;
        if claimed == dialect { Ok(()) } else { Err(StoreError::other_dialect(&claimed, dialect)) }
    }

    async fn dialect(&self) -> Result<Option<String>, StoreError> {
        ask(|| async {
            let mut lease = Lease::of(&self.readers).await?;
            let dialect = sqlx::query_scalar("SELECT dialect FROM keyward_store");
            let dialect = dialect.fetch_one(&mut *lease).await.map_err(store_error)?;
            lease.give_back();
            Ok(dialect)
        })
        .await
    }

    async fn get(&self, id: &KeyId) -> Result<Option<KeyRecord>, StoreError> {
        if !is_text(id.as_str()) {
            return Ok(None);
        }
        ask(|| async {
            let mut lease = Lease::of(&self.readers).await?;
            let sql = concat!("SELECT ", columns!(), " FROM keyward_keys WHERE id = $1");
            let row = sqlx::query(sql).bind(id.as_str()).fetch_optional(&mut *lease).await;
            let row = row.map_err(store_error)?;
            lease.give_back();
            row.as_ref().map(row::read).transpose()
        })
        .await
    }

    async fn list(&self, query: &ListQuery) -> Result<Vec<KeyRecord>, StoreError> {
        if !asks_for_text(query) {
            return Ok(Vec::new());
        }
        ask(|| async {
            let mut lease = Lease::of(&self.readers).await?;
            let rows = list::statement(query, IN_NAME).build().fetch_all(&mut *lease).await;
            let rows = rows.map_err(store_error)?;
            lease.give_back();
            rows.iter().map(row::read).collect()
        })
        .await
    }

    async fn count(&self, query: &ListQuery) -> Result<u64, StoreError> {
        if !asks_for_text(query) {
            return Ok(0);
        }
        ask(|| async {
            let mut lease = Lease::of(&self.readers).await?;
            let count = list::count(query, IN_NAME)
                .build_query_scalar::<i64>()
                .fetch_one(&mut *lease)
                .await;
            let count = count.map_err(store_error)?;
            lease.give_back();
            Ok(count.cast_unsigned())
        })
        .await
    }

    async fn audit(&self, query: &AuditQuery) -> Result<Vec<AuditEntry>, StoreError> {
        let key = query.key.as_ref().map(KeyId::as_str);
        if ![key, query.workspace.as_deref()].into_iter().flatten().all(is_text) {
            return Ok(Vec::new());
        }
        ask(|| async {
            let mut lease = Lease::of(&self.readers).await?;
            let rows = audit::statement(query).build().fetch_all(&mut *lease).await;
            let rows = rows.map_err(store_error)?;
            lease.give_back();
            rows.iter().map(audit::read).collect()
        })
        .await
    }

    async fn commit(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        // In a task of its own, because a COMMIT that was sent is done even if its caller is
        // dropped: the table has to be raised after it, not before.
        self.teller.start(&self.writers, &self.table);
        let store = self.clone();
        let task =
            tokio::spawn(async move { write::commit(&store.writers, &store.table, &writes).await });
        task.await.unwrap_or_else(|stopped| Err(StoreError::unavailable(stopped)))
    }

    async fn close(&self) {
        PostgresStore::close(self).await;
    }
}

/// Puts a question that changes nothing, which ends however the server hangs, and is put again when
/// the connection turns out to be one to a server that is gone.
async fn ask<T, F>(question: impl Fn() -> F) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    let answer = tokio::time::timeout(LIMIT, async {
        for _ in 0..TRIES {
            match question().await {
                Err(error) if is_lost(&error) => {}
                answer => return answer,
            }
        }
        question().await
    });
    answer.await.unwrap_or_else(|elapsed| Err(StoreError::unavailable(elapsed)))
}

/// PostgreSQL keeps no text with a zero in it, so none is found by one.
fn is_text(text: &str) -> bool {
    !text.contains('\0')
}

fn asks_for_text(query: &ListQuery) -> bool {
    // All of it by name, so that a text is not forgotten here.
    let ListQuery {
        workspace,
        created_by,
        rotated_to,
        kind,
        name,
        after,
        revoked: _,
        expired: _,
        oldest_first: _,
        skip: _,
        limit: _,
    } = query;
    let creator = created_by.as_ref().map(|creator| creator_columns(creator).1);
    let successor = rotated_to.as_ref().map(KeyId::as_str);
    let after = after.as_ref().map(|(_, id)| id.as_str());
    let texts = [workspace.as_deref(), creator, successor, kind.as_deref(), name.as_deref(), after];
    texts.into_iter().flatten().all(is_text)
}
