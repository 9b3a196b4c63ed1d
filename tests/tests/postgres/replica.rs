//! A replica that lags behind makes keyward slow, never wrong.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use keyward::clock::Timestamp;
use keyward::dialect::Dialect;
use keyward::key::{Grant, KeyDigest, KeyId, KeyRecord};
use keyward::manage::{KeyManager, NewKey, Reach};
use keyward::store::{
    Answers, ChangeFeed, KeyLookup, Position, PostgresStore, StoreError, StoreErrorKind,
};
use keyward::verify::{RejectionKind, Verifier};
use keyward_tests::Postgres;
use sqlx::{PgPool, Row};

use crate::support::{Bearer, head, name_of, pool, soon};

/// Somebody's own lookups, which ask a replica by mistake; changes are the primary's.
struct Mistaken {
    replica: PgPool,
    primary: PostgresStore,
}

#[async_trait]
impl KeyLookup for Mistaken {
    async fn lookup(&self, digest: &KeyDigest) -> Result<Option<KeyRecord>, StoreError> {
        Ok(self.lookup_many(&[*digest]).await?.records.remove(0))
    }

    async fn lookup_many(&self, digests: &[KeyDigest]) -> Result<Answers, StoreError> {
        let mut answers = Answers { records: Vec::new(), as_of: None };
        let mut snapshot = self.replica.begin().await.map_err(StoreError::unavailable)?;
        let repeatable = sqlx::query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
        repeatable.execute(&mut *snapshot).await.map_err(StoreError::unavailable)?;
        for digest in digests {
            let row =
                sqlx::query("SELECT id, kind, revoked_at FROM keyward_keys WHERE digest = $1")
                    .bind(digest.as_bytes().as_slice())
                    .fetch_optional(&mut *snapshot)
                    .await
                    .map_err(StoreError::unavailable)?;
            answers.records.push(row.map(|row| {
                let (id, kind) = (row.get::<&str, _>("id"), row.get::<&str, _>("kind"));
                let mut record =
                    KeyRecord::new(KeyId::new(id), "acme", kind).with_grant(Grant::All);
                let revoked_at: Option<i64> = row.get("revoked_at");
                record.revoked_at = revoked_at.map(Timestamp::from_millis);
                record
            }));
        }
        let head = "SELECT seq, mark FROM keyward_store JOIN keyward_changes USING (seq)";
        let (seq, mark): (i64, i64) = sqlx::query_as(head)
            .fetch_one(&mut *snapshot)
            .await
            .map_err(StoreError::unavailable)?;
        answers.as_of = Some(Position { seq: seq.cast_unsigned(), mark: mark.cast_unsigned() });
        Ok(answers)
    }

    fn feed(&self) -> Option<Arc<dyn ChangeFeed>> {
        self.primary.feed()
    }
}

async fn kind(verifier: &Verifier, key: &str) -> Option<RejectionKind> {
    verifier.verify(&Bearer::of(key)).await.err().map(|rejection| rejection.kind())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_lags_behind_makes_lookups_slow_and_never_wrong() {
    let server = Postgres::start();
    let url = server.database();
    let store = PostgresStore::open(&url).await.unwrap();
    let manager = KeyManager::builder(Dialect::bigspin(), store.clone()).open().await.unwrap();
    let key = async |name: &str| {
        manager.create(NewKey::new("acme", name).with_grant(Grant::All)).await.unwrap()
    };
    let (old, revoked) = (key("old").await, key("revoked").await);
    let replica = server.replica();
    replica.sql(name_of(&url), "SELECT pg_wal_replay_pause()");
    let paused = soon("the replica is paused");
    let state = "SELECT pg_get_wal_replay_pause_state()";
    while !paused(replica.sql(name_of(&url), state) == "paused").await {}

    let mistaken = Mistaken {
        replica: pool(&replica.url(name_of(&url))).await,
        primary: PostgresStore::open(&url).await.unwrap(),
    };
    let verifier = Verifier::builder(Dialect::bigspin(), mistaken)
        .with_max_staleness(Duration::from_secs(1))
        .with_lookup_timeout(Duration::from_millis(500))
        .build()
        .unwrap();
    assert_eq!(kind(&verifier, old.key.expose()).await, None);
    assert_eq!(kind(&verifier, revoked.key.expose()).await, None);

    manager.revoke(&revoked.record.id, Reach::Key).await.unwrap();
    let new = key("new").await;
    let bound = tokio::time::Instant::now() + Duration::from_secs(1);
    tokio::time::sleep_until(bound).await;
    for _ in 0..3 {
        // It cannot say, and does not say what was.
        assert_eq!(kind(&verifier, revoked.key.expose()).await, Some(RejectionKind::Unavailable));
        assert_eq!(kind(&verifier, new.key.expose()).await, Some(RejectionKind::Unavailable));
        assert_eq!(kind(&verifier, old.key.expose()).await, None, "nothing changed about it");
    }

    replica.sql(name_of(&url), "SELECT pg_wal_replay_resume()");
    let caught_up = soon("the replica has caught up");
    while !caught_up(kind(&verifier, new.key.expose()).await.is_none()).await {}
    assert_eq!(kind(&verifier, revoked.key.expose()).await, Some(RejectionKind::Revoked));
    verifier.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_a_replica_is_refused_also_when_it_becomes_one() {
    let server = Postgres::start();
    let url = server.database();
    let store = PostgresStore::open(&url).await.unwrap();
    let first = head(&store).await;
    let replica = server.replica();
    let of_replica = replica.url(name_of(&url));
    for error in [
        PostgresStore::open(&of_replica).await.unwrap_err(),
        PostgresStore::with_pool(pool(&of_replica).await).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    }
    let error = PostgresStore::open(&of_replica).await.unwrap_err().to_string();
    assert!(error.contains("is a replica, give the URL of the primary"), "{error}");

    // As after a failover: the address is a replica's now.
    server.stop();
    server.demote();
    let feed = store.feed().unwrap();
    for error in [
        feed.changes_since(Some(first)).await.unwrap_err(),
        feed.changes_since(None).await.unwrap_err(),
        store.lookup_many(&[]).await.unwrap_err(),
    ] {
        assert!(error.to_string().contains("is a replica"), "{error:?}");
    }
}
