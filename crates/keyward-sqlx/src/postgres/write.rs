use std::sync::Arc;
use std::time::Duration;

use keyward_core::audit::AuditEntry;
use keyward_core::key::{KeyDigest, KeyId, KeyRecord, StoredDigest};
use keyward_core::store::{ChangeTable, Mutation, Operation, StoreError, StoreErrorKind, Write};
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection, PgPool};
use tokio::time::{sleep, timeout};

use super::error::{is_transient, store_error, was_given_up};
use super::lease::Lease;
use crate::row::{self, columns, creator_columns};

/// So many changes are kept at least,
const KEPT: i64 = 100_000;
/// and so many are forgotten together.
const PRUNED: i64 = 1_000;

/// How often a transaction is tried that is given up for another one's sake.
const TRIES: u32 = 5;
/// How long a commit may take in all.
const LIMIT: Duration = Duration::from_secs(30);

/// Whatever the application's connections are set to: what waits for a lock sees what the other one
/// did, a process that is suspended keeps nobody from writing for long, and what was acknowledged is
/// on the disk.
const BEGIN: &str = "\
    BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
    SET LOCAL statement_timeout = '10s';
    SET LOCAL lock_timeout = '10s';
    SET LOCAL idle_in_transaction_session_timeout = '10s';
    SELECT set_config('synchronous_commit', 'on', true)
    WHERE current_setting('synchronous_commit') = 'off'";

struct Changed<'a> {
    id: &'a KeyId,
    digest: KeyDigest,
    operation: Operation,
}

/// Does all writes or none, in bounded time.
pub(super) async fn commit(
    pool: &PgPool,
    table: &Arc<ChangeTable>,
    writes: &[Write],
) -> Result<(), StoreError> {
    let done = timeout(LIMIT, try_until_done(pool, table, writes)).await;
    done.unwrap_or_else(|elapsed| Err(StoreError::unavailable(elapsed)))
}

async fn try_until_done(
    pool: &PgPool,
    table: &Arc<ChangeTable>,
    writes: &[Write],
) -> Result<(), StoreError> {
    let mut tries = 1;
    loop {
        let mut lease = Lease::of(pool).await?;
        let done = transact(&mut lease, table, writes).await;
        match &done {
            Err(error) if is_transient(error) && tries < TRIES => {
                drop(lease);
                // They shall not meet again.
                sleep(Duration::from_millis(fastrand::u64(..=10 << tries))).await;
                tries += 1;
                continue;
            }
            Err(error) if error.kind() == StoreErrorKind::Unavailable => {}
            _ => lease.give_back(),
        }
        return done;
    }
}

/// Does all writes in one transaction, and raises the table before it returns.
async fn transact(
    connection: &mut PgConnection,
    table: &Arc<ChangeTable>,
    writes: &[Write],
) -> Result<(), StoreError> {
    let mut mutation = table.mutation();
    let mut transaction = connection.begin_with(BEGIN).await.map_err(store_error)?;
    match apply(&mut transaction, writes, &mut mutation).await {
        Ok(seq) => match transaction.commit().await {
            Ok(()) => {
                mutation.committed(seq);
                Ok(())
            }
            Err(error) => {
                // Another error leaves open whether it happened: the guard is dropped as it is.
                if was_given_up(&error) {
                    mutation.rolled_back();
                }
                Err(store_error(error))
            }
        },
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

/// Writes the keys, then their changes and the audit trail, and says the last number of the sequence.
async fn apply(
    connection: &mut PgConnection,
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
    let entries: Vec<&AuditEntry> = writes.iter().filter_map(audited).collect();
    if changes.is_empty() && entries.is_empty() {
        return Ok(0);
    }
    number(connection, &changes, &entries).await
}

async fn apply_one<'a>(
    connection: &mut PgConnection,
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
            let sql = "DELETE FROM keyward_keys WHERE id = $1 AND version = $2 RETURNING digest";
            (id, expect(connection, sql, id, *expected).await?, Operation::Deleted)
        }
        // Numbered with the changes, at the end.
        Write::Audit(_) => return Ok(None),
        Write::Require { id, expected } => {
            // The lock keeps the key as it is until the end of the transaction.
            let sql =
                "SELECT digest FROM keyward_keys WHERE id = $1 AND version = $2 FOR NO KEY UPDATE";
            expect(connection, sql, id, *expected).await?;
            return Ok(None);
        }
    };
    Ok(Some(Changed { id, digest, operation }))
}

fn audited(write: &Write) -> Option<&AuditEntry> {
    match write {
        Write::Audit(entry) => Some(entry),
        _ => None,
    }
}

async fn insert(
    connection: &mut PgConnection,
    digest: &StoredDigest,
    record: &KeyRecord,
) -> Result<(), StoreError> {
    let sql = concat!(
        "INSERT INTO keyward_keys (",
        columns!(),
        ", digest, pepper)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
                 $19, $20, $21, $22, $23, $24)"
    );
    row::bind(sqlx::query(sql), record)?
        .bind(digest.digest.as_bytes().as_slice())
        .bind(digest.pepper.map(i64::from))
        .execute(connection)
        .await
        .map_err(store_error)?;
    Ok(())
}

async fn replace(
    connection: &mut PgConnection,
    record: &KeyRecord,
    expected: u64,
) -> Result<KeyDigest, StoreError> {
    let sql = concat!(
        "UPDATE keyward_keys SET (",
        columns!(),
        ") = ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
              greatest(last_used_at, $17), $18, $19, $20, $21, $22)
         WHERE id = $23 AND version = $24 RETURNING digest"
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
    connection: &mut PgConnection,
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

/// Gives each change and each entry the next number, and says the last number.
///
/// One statement and the last one, because whoever has a number keeps all others from taking one.
const NUMBER: &str = "\
    WITH counter AS (
        UPDATE keyward_store SET seq = seq + cardinality($1::text[])
        RETURNING seq - cardinality($1::text[]) AS before, seq AS last
    ), recorded AS (
        INSERT INTO keyward_changes (seq, id, digest, operation)
        SELECT before + place, id, digest, operation
        FROM counter, unnest($1, $2::bytea[], $3::text[])
            WITH ORDINALITY AS change (id, digest, operation, place)
    ), audited AS (
        INSERT INTO keyward_audit (at, act, key_id, name, workspace, actor_kind, actor, address,
                                   request_id, fields, counterpart)
        SELECT at, act, key_id, name, workspace, actor_kind, actor, address, request_id, fields,
               counterpart
        FROM counter, jsonb_to_recordset($4::text::jsonb) AS entry (
            place bigint, at bigint, act text, key_id text, name text, workspace text,
            actor_kind text, actor text, address text, request_id text, fields text,
            counterpart text
        )
        ORDER BY place
    )
    SELECT last FROM counter";

async fn number(
    connection: &mut PgConnection,
    changes: &[Changed<'_>],
    entries: &[&AuditEntry],
) -> Result<u64, StoreError> {
    let ids: Vec<&str> = changes.iter().map(|change| change.id.as_str()).collect();
    let digests: Vec<&[u8]> =
        changes.iter().map(|change| change.digest.as_bytes().as_slice()).collect();
    let operation = |change: &Changed<'_>| match change.operation {
        Operation::Created => "created",
        Operation::Updated => "updated",
        Operation::Deleted => "deleted",
    };
    let operations: Vec<&str> = changes.iter().map(operation).collect();
    let last: i64 = sqlx::query_scalar(NUMBER)
        .bind(ids)
        .bind(digests)
        .bind(operations)
        .bind(recordset(entries))
        .fetch_one(&mut *connection)
        .await
        .map_err(store_error)?;
    let before = last.saturating_sub_unsigned(changes.len() as u64);
    if last / PRUNED > before / PRUNED {
        // One more than is counted: the position that the oldest one comes after.
        sqlx::query("DELETE FROM keyward_changes WHERE seq < $1")
            .bind(last - KEPT)
            .execute(connection)
            .await
            .map_err(store_error)?;
    }
    Ok(last.cast_unsigned())
}

/// The entries as JSON, by the names of their columns.
fn recordset(entries: &[&AuditEntry]) -> String {
    let rows = entries.iter().enumerate().map(|(place, entry)| {
        let (actor_kind, actor) = entry.by.as_ref().map(creator_columns).unzip();
        json!({
            "place": place,
            "at": entry.at.as_millis(),
            "act": entry.act.as_str(),
            "key_id": entry.key.as_str(),
            "name": entry.name,
            "workspace": entry.workspace,
            "actor_kind": actor_kind,
            "actor": actor,
            "address": entry.origin.address,
            "request_id": entry.origin.request_id,
            "fields": entry.fields.join(" "),
            "counterpart": entry.counterpart.as_ref().map(KeyId::as_str),
        })
    });
    Value::Array(rows.collect()).to_string()
}
