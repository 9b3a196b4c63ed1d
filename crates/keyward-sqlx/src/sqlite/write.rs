use std::sync::Arc;

use keyward_core::audit::AuditEntry;
use keyward_core::key::{KeyDigest, KeyId, KeyRecord, StoredDigest};
use keyward_core::store::{ChangeTable, Mutation, Operation, StoreError, StoreErrorKind, Write};
use sqlx::{Connection, SqliteConnection};

use super::error::store_error;
use crate::audit::entry_columns;
use crate::row::{self, columns, creator_columns};

/// So many changes are kept.
const KEPT: i64 = 100_000;

struct Changed<'a> {
    id: &'a KeyId,
    digest: KeyDigest,
    operation: Operation,
}

/// Does all writes in one transaction, and raises the table before it returns.
pub(super) async fn transact(
    connection: &mut SqliteConnection,
    table: &Arc<ChangeTable>,
    writes: &[Write],
) -> Result<(), StoreError> {
    let mut mutation = table.mutation();
    // IMMEDIATE: a transaction that reads before it writes could otherwise not wait for its turn.
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(store_error)?;
    match apply(&mut transaction, writes, &mut mutation).await {
        Ok(seq) => {
            // An error here leaves open whether it happened: the guard is dropped as it is.
            transaction.commit().await.map_err(store_error)?;
            mutation.committed(seq);
            Ok(())
        }
        Err(error) => {
            // Without a COMMIT nothing happened, even if the rollback fails as well.
            mutation.rolled_back();
            match transaction.rollback().await {
                // Else the caller would go on with this connection.
                Err(failed) if error.kind() != StoreErrorKind::Unavailable => {
                    Err(store_error(failed))
                }
                _ => Err(error),
            }
        }
    }
}

/// Writes the keys, then their changes, and says the last number of the sequence.
async fn apply(
    connection: &mut SqliteConnection,
    writes: &[Write],
    mutation: &mut Mutation,
) -> Result<u64, StoreError> {
    let mut changes = Vec::with_capacity(writes.len());
    for write in writes {
        if let Some(change) = apply_one(connection, write).await? {
            mutation.touch(change.digest);
            changes.push(change);
        }
    }
    if changes.is_empty() { Ok(0) } else { number(connection, &changes).await }
}

async fn apply_one<'a>(
    connection: &mut SqliteConnection,
    write: &'a Write,
) -> Result<Option<Changed<'a>>, StoreError> {
    let (id, digest, operation) = match write {
        Write::Insert { digest, record } => {
            insert(connection, digest, record).await?;
            (&record.id, digest.digest, Operation::Created)
        }
        Write::Replace { record, expected } => {
            (&record.id, replace(connection, record, *expected).await?, Operation::Updated)
        }
        Write::Delete { id, expected } => {
            let sql = "DELETE FROM keyward_keys WHERE id = ? AND version = ? RETURNING digest";
            (id, expect(connection, sql, id, *expected).await?, Operation::Deleted)
        }
        Write::Audit(entry) => {
            append(connection, entry).await?;
            return Ok(None);
        }
        Write::Require { id, expected } => {
            let sql = "SELECT digest FROM keyward_keys WHERE id = ? AND version = ?";
            expect(connection, sql, id, *expected).await?;
            return Ok(None);
        }
    };
    Ok(Some(Changed { id, digest, operation }))
}

async fn insert(
    connection: &mut SqliteConnection,
    digest: &StoredDigest,
    record: &KeyRecord,
) -> Result<(), StoreError> {
    let sql = concat!(
        "INSERT INTO keyward_keys (",
        columns!(),
        ", digest, pepper)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    );
    row::bind(sqlx::query(sql), record)?
        .bind(digest.digest.as_bytes().as_slice())
        .bind(digest.pepper)
        .execute(connection)
        .await
        .map_err(store_error)?;
    Ok(())
}

async fn replace(
    connection: &mut SqliteConnection,
    record: &KeyRecord,
    expected: u64,
) -> Result<KeyDigest, StoreError> {
    let sql = concat!(
        "UPDATE keyward_keys SET (",
        columns!(),
        ") = (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,
              coalesce(max(last_used_at, ?17), last_used_at, ?17), ?18, ?19, ?20, ?21, ?22)
         WHERE id = ?23 AND version = ?24 RETURNING digest"
    );
    let row = row::bind(sqlx::query(sql), record)?
        .bind(record.id.as_str())
        .bind(expected.cast_signed())
        .fetch_optional(connection)
        .await
        .map_err(store_error)?;
    row::digest(&row.ok_or_else(StoreError::conflict)?)
}

/// Runs a statement about one version of one key, and says what that is stored under.
async fn expect(
    connection: &mut SqliteConnection,
    sql: &'static str,
    id: &KeyId,
    expected: u64,
) -> Result<KeyDigest, StoreError> {
    let row = sqlx::query(sql)
        .bind(id.as_str())
        .bind(expected.cast_signed())
        .fetch_optional(connection)
        .await
        .map_err(store_error)?;
    row::digest(&row.ok_or_else(StoreError::conflict)?)
}

/// Appends to the audit trail.
async fn append(connection: &mut SqliteConnection, entry: &AuditEntry) -> Result<(), StoreError> {
    let sql = concat!(
        "INSERT INTO keyward_audit (",
        entry_columns!(),
        ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    );
    let (actor_kind, actor) = entry.by.as_ref().map(creator_columns).unzip();
    sqlx::query(sql)
        .bind(entry.at.as_millis())
        .bind(entry.act.as_str())
        .bind(entry.key.as_str())
        .bind(entry.name.as_str())
        .bind(entry.workspace.as_str())
        .bind(actor_kind)
        .bind(actor)
        .bind(entry.origin.address.map(|address| address.to_string()))
        .bind(entry.origin.request_id.as_deref())
        .bind(entry.fields.join(" "))
        .bind(entry.counterpart.as_ref().map(KeyId::as_str))
        .execute(connection)
        .await
        .map_err(store_error)?;
    Ok(())
}

/// Gives each change the next number, forgets the oldest, and says the last number.
async fn number(
    connection: &mut SqliteConnection,
    changes: &[Changed<'_>],
) -> Result<u64, StoreError> {
    let count = i64::try_from(changes.len()).unwrap_or(i64::MAX);
    let last: i64 = sqlx::query_scalar("UPDATE keyward_store SET seq = seq + ? RETURNING seq")
        .bind(count)
        .fetch_one(&mut *connection)
        .await
        .map_err(store_error)?;
    for (seq, change) in (last - count + 1..).zip(changes) {
        let operation = match change.operation {
            Operation::Created => "created",
            Operation::Updated => "updated",
            Operation::Deleted => "deleted",
        };
        sqlx::query(
            "INSERT INTO keyward_changes (seq, mark, id, digest, operation)
             VALUES (?, random(), ?, ?, ?)",
        )
        .bind(seq)
        .bind(change.id.as_str())
        .bind(change.digest.as_bytes().as_slice())
        .bind(operation)
        .execute(&mut *connection)
        .await
        .map_err(store_error)?;
    }
    // One more than is counted: the position that the oldest one comes after.
    sqlx::query("DELETE FROM keyward_changes WHERE seq < ?")
        .bind(last - KEPT)
        .execute(connection)
        .await
        .map_err(store_error)?;
    Ok(last.cast_unsigned())
}
