use async_trait::async_trait;
use keyward_core::store::{Instance, Instances, Sign, StoreError};

use super::SqliteStore;
use super::error::store_error;
use crate::row;

/// One that has been silent for a day longer than its bound is forgotten.
const FORGET: &str = "\
    DELETE FROM keyward_instances
    WHERE seen_at + bound < CAST(unixepoch('subsec') * 1000 AS INTEGER) - 86400000";
const SIGN: &str = "\
    INSERT INTO keyward_instances (id, name, seq, bound, seen_at)
    SELECT ?1, ?2, seq, ?5, CAST(unixepoch('subsec') * 1000 AS INTEGER)
    FROM keyward_changes WHERE seq = ?3 AND mark = ?4
    ON CONFLICT (id) DO UPDATE
    SET seq = excluded.seq, bound = excluded.bound, seen_at = excluded.seen_at";

#[async_trait]
impl Instances for SqliteStore {
    async fn sign(&self, sign: &Sign) -> Result<bool, StoreError> {
        sqlx::query(FORGET).execute(&self.writer).await.map_err(store_error)?;
        let signed = sqlx::query(SIGN)
            .bind(sign.id.cast_signed())
            .bind(&sign.name)
            .bind(sign.position.seq.cast_signed())
            .bind(sign.position.mark.cast_signed())
            .bind(i64::try_from(sign.bound.as_millis()).unwrap_or(i64::MAX))
            .execute(&self.writer)
            .await
            .map_err(store_error)?;
        Ok(signed.rows_affected() > 0)
    }

    async fn sign_off(&self, id: u64) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM keyward_instances WHERE id = ?")
            .bind(id.cast_signed())
            .execute(&self.writer)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn await_all(&self) -> Result<u64, StoreError> {
        let awaited: i64 =
            sqlx::query_scalar("UPDATE keyward_store SET awaited = seq RETURNING awaited")
                .fetch_one(&self.writer)
                .await
                .map_err(store_error)?;
        self.table.wake_all();
        Ok(awaited.cast_unsigned())
    }

    async fn signed(&self) -> Result<Vec<Instance>, StoreError> {
        let rows = sqlx::query(
            "SELECT name, seq, bound,
                max(CAST(unixepoch('subsec') * 1000 AS INTEGER) - seen_at, 0) AS silence
             FROM keyward_instances",
        )
        .fetch_all(&self.readers)
        .await
        .map_err(store_error)?;
        rows.iter().map(row::instance).collect()
    }
}
