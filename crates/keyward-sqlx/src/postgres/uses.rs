use std::ops::Range;

use async_trait::async_trait;
use keyward_core::clock::Timestamp;
use keyward_core::key::KeyId;
use keyward_core::store::{Flush, StoreError, Use, UseStore};
use keyward_core::usage::UsePoint;
use sqlx::{Connection, PgConnection};

use super::error::{is_transient, store_error};
use super::lease::Lease;
use super::{PostgresStore, ask, is_text};
use crate::row;

/// As for a commit, but for the disk: what is lost with the power is an interval of counts.
const BEGIN: &str = "\
    BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
    SET LOCAL statement_timeout = '10s';
    SET LOCAL lock_timeout = '5s';
    SET LOCAL idle_in_transaction_session_timeout = '10s'";

/// Nothing, for a flush that is there already.
const NUMBER: &str = "\
    INSERT INTO keyward_recorders AS recorder (id, number, at) VALUES ($1, $2, $3)
    ON CONFLICT (id) DO UPDATE SET number = excluded.number, at = excluded.at
    WHERE recorder.number < excluded.number";

/// In the order of their ids, as everybody does who writes down uses: so nobody waits in a circle.
const LOCK: &str = "\
    SELECT id FROM keyward_keys WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE";
const LAST_USE: &str = "\
    UPDATE keyward_keys AS key SET last_used_at = used.at
    FROM (
        SELECT id, max(at) AS at FROM unnest($1::text[], $2::bigint[]) AS used (id, at) GROUP BY id
    ) AS used
    WHERE key.id = used.id AND coalesce(key.last_used_at < used.at, used.at IS NOT NULL)";
const COUNT: &str = "\
    INSERT INTO keyward_uses AS uses
        (id, hour, requests, scope_refused, limited, expired, revoked)
    SELECT used.*
    FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
                $7::bigint[]) AS used (id)
    WHERE EXISTS (SELECT FROM keyward_keys AS key WHERE key.id = used.id)
    ON CONFLICT (id, hour) DO UPDATE SET
        requests = uses.requests + excluded.requests,
        scope_refused = uses.scope_refused + excluded.scope_refused,
        limited = uses.limited + excluded.limited,
        expired = uses.expired + excluded.expired,
        revoked = uses.revoked + excluded.revoked";

/// So many rows are forgotten at once.
const PRUNED: i64 = 10_000;
const PRUNE: &str = "\
    DELETE FROM keyward_uses WHERE (id, hour) IN (
        SELECT id, hour FROM keyward_uses WHERE hour < $1 ORDER BY hour LIMIT $2
        FOR UPDATE SKIP LOCKED
    )";

#[async_trait]
impl UseStore for PostgresStore {
    async fn record(&self, flush: &Flush) -> Result<(), StoreError> {
        let mut lease = Lease::of(&self.writers).await?;
        let done = transact(&mut lease, flush).await;
        // Whoever was given up for another one's sake comes again, and the connection is sound.
        if done.as_ref().err().is_none_or(is_transient) {
            lease.give_back();
        }
        done
    }

    async fn usage(
        &self,
        id: &KeyId,
        hours: Range<Timestamp>,
    ) -> Result<Vec<UsePoint>, StoreError> {
        if !is_text(id.as_str()) {
            return Ok(Vec::new());
        }
        let sql = "SELECT * FROM keyward_uses WHERE id = $1 AND hour >= $2 AND hour < $3
                   ORDER BY hour";
        ask(|| async {
            let mut lease = Lease::of(&self.readers).await?;
            let rows = sqlx::query(sql)
                .bind(id.as_str())
                .bind(hours.start.as_millis())
                .bind(hours.end.as_millis())
                .fetch_all(&mut *lease)
                .await
                .map_err(store_error)?;
            lease.give_back();
            rows.iter().map(row::use_point).collect()
        })
        .await
    }

    async fn prune(&self, before: Timestamp) -> Result<bool, StoreError> {
        let mut lease = Lease::of(&self.writers).await?;
        let pruned = sqlx::query(PRUNE)
            .bind(before.as_millis())
            .bind(PRUNED)
            .execute(&mut *lease)
            .await
            .map_err(store_error)?;
        sqlx::query("DELETE FROM keyward_recorders WHERE at < $1")
            .bind(before.as_millis())
            .execute(&mut *lease)
            .await
            .map_err(store_error)?;
        lease.give_back();
        Ok(pruned.rows_affected() == PRUNED.unsigned_abs())
    }
}

async fn transact(connection: &mut PgConnection, flush: &Flush) -> Result<(), StoreError> {
    let uses = &flush.uses;
    let ids: Vec<&str> = uses.iter().map(|it| it.id.as_str()).collect();
    let column = |read: fn(&Use) -> u64| -> Vec<i64> {
        uses.iter().map(|it| read(it).cast_signed()).collect()
    };
    let mut transaction = connection.begin_with(BEGIN).await.map_err(store_error)?;
    let numbered = sqlx::query(NUMBER)
        .bind(flush.recorder.cast_signed())
        .bind(flush.number.cast_signed())
        .bind(flush.at.as_millis())
        .execute(&mut *transaction)
        .await
        .map_err(store_error)?;
    if numbered.rows_affected() > 0 {
        let lock = sqlx::query(LOCK).bind(&ids).execute(&mut *transaction);
        lock.await.map_err(store_error)?;
        sqlx::query(LAST_USE)
            .bind(&ids)
            .bind(millis(uses, |it| it.last_used_at))
            .execute(&mut *transaction)
            .await
            .map_err(store_error)?;
        sqlx::query(COUNT)
            .bind(&ids)
            .bind(millis(uses, |it| Some(it.hour)))
            .bind(column(|it| it.counts.requests))
            .bind(column(|it| it.counts.scope_refused))
            .bind(column(|it| it.counts.limited))
            .bind(column(|it| it.counts.expired))
            .bind(column(|it| it.counts.revoked))
            .execute(&mut *transaction)
            .await
            .map_err(store_error)?;
    }
    transaction.commit().await.map_err(store_error)
}

fn millis(uses: &[Use], instant: fn(&Use) -> Option<Timestamp>) -> Vec<Option<i64>> {
    uses.iter().map(|it| instant(it).map(Timestamp::as_millis)).collect()
}
