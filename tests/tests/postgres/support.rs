use std::time::{Duration, Instant};

use keyward::key::{KeyDigest, KeyId, KeyRecord, StoredDigest};
use keyward::store::{Changes, KeyLookup, KeyStore, Position, PostgresStore, Write};
use keyward::verify::{HeaderValues, RequestHead};
use keyward_tests::Postgres;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use tokio::time::sleep;

/// Longer than anything takes that a test waits for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) fn id(number: u64) -> KeyId {
    KeyId::new(format!("key_{number}"))
}

pub(crate) fn digest(number: u64) -> KeyDigest {
    KeyDigest::sha256(&number.to_le_bytes())
}

pub(crate) fn record(number: u64) -> KeyRecord {
    KeyRecord::new(id(number), "acme", "secret")
}

pub(crate) fn insert(number: u64) -> Write {
    insert_as(number, record(number))
}

pub(crate) fn insert_as(number: u64, record: KeyRecord) -> Write {
    Write::Insert { digest: StoredDigest::new(digest(number), None), record: Box::new(record) }
}

/// The next version of a record.
pub(crate) fn replace(record: &KeyRecord) -> Write {
    let mut next = record.clone();
    next.version += 1;
    Write::Replace { record: Box::new(next), expected: record.version }
}

pub(crate) async fn poll(store: &impl KeyStore, position: Option<Position>) -> Changes {
    store.feed().unwrap().changes_since(position).await.unwrap()
}

pub(crate) async fn head(store: &impl KeyStore) -> Position {
    match poll(store, None).await {
        Changes::Lost { head } => head,
        Changes::Since { .. } => panic!("no position was known"),
    }
}

pub(crate) async fn knows(store: &PostgresStore, number: u64) -> bool {
    store.lookup(&digest(number)).await.unwrap().is_some()
}

/// The name of the database of a URL.
pub(crate) fn name_of(url: &str) -> &str {
    url.rsplit('/').next().unwrap()
}

/// A pool as an application has it.
pub(crate) async fn pool(url: &str) -> PgPool {
    PgPoolOptions::new().max_connections(4).connect(url).await.unwrap()
}

/// How many connections to a database listen.
pub(crate) fn listeners(server: &Postgres, database: &str) -> String {
    let count = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = '{database}' AND query LIKE 'LISTEN%'"
    );
    server.sql("postgres", &count)
}

#[track_caller]
pub(crate) fn soon(what: &str) -> impl AsyncFn(bool) -> bool {
    let (began, what) = (Instant::now(), what.to_owned());
    async move |is_so| {
        assert!(is_so || began.elapsed() < PATIENCE, "not in time: {what}");
        if !is_so {
            sleep(Duration::from_millis(10)).await;
        }
        is_so
    }
}

/// A request with this key.
pub(crate) struct Bearer(String);

impl Bearer {
    pub(crate) fn of(key: &str) -> Self {
        Self(format!("Bearer {key}"))
    }
}

impl RequestHead for Bearer {
    fn header(&self, name: &str) -> HeaderValues<'_> {
        HeaderValues::of((name == "authorization").then_some(self.0.as_bytes()))
    }

    fn query(&self) -> Option<&str> {
        None
    }
}
