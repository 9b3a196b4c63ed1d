use std::ops::Range;

use async_trait::async_trait;
use keyward_core::clock::Timestamp;
use keyward_core::key::KeyId;
use keyward_core::store::{Flush, StoreError, StoreErrorKind, Use, UseStore};
use keyward_core::usage::UsePoint;
use sqlx::{Connection, SqliteConnection};

use super::SqliteStore;
use super::error::store_error;
use crate::row;

/// Nothing, for a flush that is there already.
const NUMBER: &str = "\
    INSERT INTO keyward_recorders (id, number, at) VALUES (?1, ?2, ?3)
    ON CONFLICT (id) DO UPDATE SET number = excluded.number, at = excluded.at
    WHERE number < excluded.number";

/// One parameter however many keys there are: JSON, which is walked first, so that each key is looked
/// for in its index.
const LAST_USE: &str = "\
    UPDATE keyward_keys AS key SET last_used_at = used.at
    FROM (
        SELECT value ->> 0 AS id, max(value ->> 1) AS at FROM json_each(?1) GROUP BY value ->> 0
    ) AS used
    WHERE key.id = used.id AND coalesce(key.last_used_at < used.at, used.at IS NOT NULL)";
const COUNT: &str = "\
    INSERT INTO keyward_uses (id, hour, requests, scope_refused, limited, expired, revoked)
    SELECT key.id, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7
    FROM json_each(?1) CROSS JOIN keyward_keys AS key ON key.id = value ->> 0
    ON CONFLICT (id, hour) DO UPDATE SET
        requests = requests + excluded.requests,
        scope_refused = scope_refused + excluded.scope_refused,
        limited = limited + excluded.limited,
        expired = expired + excluded.expired,
        revoked = revoked + excluded.revoked";

/// So many rows are forgotten at once.
const PRUNED: i64 = 1_000;
const PRUNE: &str = "\
    DELETE FROM keyward_uses WHERE (id, hour) IN (
        SELECT id, hour FROM keyward_uses WHERE hour < ?1 ORDER BY hour LIMIT ?2
    )";

#[async_trait]
impl UseStore for SqliteStore {
    async fn record(&self, flush: &Flush) -> Result<(), StoreError> {
        let mut connection = self.writer.acquire().await.map_err(store_error)?;
        let done = transact(&mut connection, flush).await;
        if done.as_ref().is_err_and(|error| error.kind() == StoreErrorKind::Unavailable) {
            // As after a commit: sqlx does not see that SQLite has ended the transaction.
            let _ = connection.close().await;
        }
        done
    }

    async fn usage(
        &self,
        id: &KeyId,
        hours: Range<Timestamp>,
    ) -> Result<Vec<UsePoint>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM keyward_uses WHERE id = ? AND hour >= ? AND hour < ? ORDER BY hour",
        )
        .bind(id.as_str())
        .bind(hours.start.as_millis())
        .bind(hours.end.as_millis())
        .fetch_all(&self.readers)
        .await
        .map_err(store_error)?;
        rows.iter().map(row::use_point).collect()
    }

    async fn prune(&self, before: Timestamp) -> Result<bool, StoreError> {
        let pruned = sqlx::query(PRUNE)
            .bind(before.as_millis())
            .bind(PRUNED)
            .execute(&self.writer)
            .await
            .map_err(store_error)?;
        sqlx::query("DELETE FROM keyward_recorders WHERE at < ?")
            .bind(before.as_millis())
            .execute(&self.writer)
            .await
            .map_err(store_error)?;
        Ok(pruned.rows_affected() == PRUNED.unsigned_abs())
    }
}

async fn transact(connection: &mut SqliteConnection, flush: &Flush) -> Result<(), StoreError> {
    let uses = json(&flush.uses);
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(store_error)?;
    let numbered = sqlx::query(NUMBER)
        .bind(flush.recorder.cast_signed())
        .bind(flush.number.cast_signed())
        .bind(flush.at.as_millis())
        .execute(&mut *transaction)
        .await
        .map_err(store_error)?;
    if numbered.rows_affected() > 0 {
        for sql in [LAST_USE, COUNT] {
            let query = sqlx::query(sql).bind(&uses).execute(&mut *transaction);
            query.await.map_err(store_error)?;
        }
    }
    transaction.commit().await.map_err(store_error)
}

/// An array of rows, as the statements above read it.
fn json(uses: &[Use]) -> String {
    let row = |it: &Use| {
        let counts = it.counts;
        serde_json::json!([
            it.id.as_str(),
            it.last_used_at.map(Timestamp::as_millis),
            it.hour.as_millis(),
            counts.requests,
            counts.scope_refused,
            counts.limited,
            counts.expired,
            counts.revoked,
        ])
    };
    uses.iter().map(row).collect::<serde_json::Value>().to_string()
}
