use async_trait::async_trait;
use keyward_core::store::{Instance, Instances, Sign, StoreError};

use super::PostgresStore;
use super::error::store_error;
use super::lease::Lease;
use crate::row;

/// One that has been silent for a day longer than its bound is forgotten.
const FORGET: &str = "\
    DELETE FROM keyward_instances
    WHERE seen_at + bound < (extract(epoch FROM clock_timestamp()) * 1000)::bigint - 86400000";
const SIGN: &str = "\
    INSERT INTO keyward_instances (id, name, seq, bound, seen_at)
    SELECT $1, $2, seq, $5, (extract(epoch FROM clock_timestamp()) * 1000)::bigint
    FROM keyward_changes WHERE seq = $3 AND mark = $4
    ON CONFLICT (id) DO UPDATE
    SET seq = excluded.seq, bound = excluded.bound, seen_at = excluded.seen_at";
const SIGNED: &str = "\
    SELECT name, seq, bound,
        greatest((extract(epoch FROM clock_timestamp()) * 1000)::bigint - seen_at, 0) AS silence
    FROM keyward_instances";

#[async_trait]
impl Instances for PostgresStore {
    async fn sign(&self, sign: &Sign) -> Result<bool, StoreError> {
        let mut lease = Lease::of(&self.verifying).await?;
        sqlx::query(FORGET).execute(&mut *lease).await.map_err(store_error)?;
        let signed = sqlx::query(SIGN)
            .bind(sign.id.cast_signed())
            // PostgreSQL keeps no text with a zero in it.
            .bind(sign.name.replace('\0', ""))
            .bind(sign.position.seq.cast_signed())
            .bind(sign.position.mark.cast_signed())
            .bind(i64::try_from(sign.bound.as_millis()).unwrap_or(i64::MAX))
            .execute(&mut *lease)
            .await
            .map_err(store_error)?;
        lease.give_back();
        Ok(signed.rows_affected() > 0)
    }

    async fn sign_off(&self, id: u64) -> Result<(), StoreError> {
        let mut lease = Lease::of(&self.verifying).await?;
        sqlx::query("DELETE FROM keyward_instances WHERE id = $1")
            .bind(id.cast_signed())
            .execute(&mut *lease)
            .await
            .map_err(store_error)?;
        lease.give_back();
        Ok(())
    }

    async fn await_all(&self) -> Result<u64, StoreError> {
        let mut lease = Lease::of(&self.writers).await?;
        self.teller.start(&self.writers, &self.table);
        let sql = "UPDATE keyward_store SET awaited = seq RETURNING awaited";
        let awaited: i64 =
            sqlx::query_scalar(sql).fetch_one(&mut *lease).await.map_err(store_error)?;
        lease.give_back();
        self.table.wake_all();
        Ok(awaited.cast_unsigned())
    }

    async fn signed(&self) -> Result<Vec<Instance>, StoreError> {
        let mut lease = Lease::of(&self.readers).await?;
        let rows = sqlx::query(SIGNED).fetch_all(&mut *lease).await.map_err(store_error)?;
        lease.give_back();
        rows.iter().map(row::instance).collect()
    }
}
