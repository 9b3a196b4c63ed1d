//! What recording the use of keys costs a store: a million requests, counted to the last. A program
//! of its own, because it looks at every statement of the process.

use std::fmt;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use keyward_core::dialect::Dialect;
use keyward_core::key::{Grant, KeyId, KeyRecord, Peppers, PlainKey};
use keyward_core::manage::{KeyManager, Reach};
use keyward_core::store::{KeyStore, Write};
use keyward_core::verify::{Check, HeaderValues, RequestHead, Verifier};
use keyward_sqlx::SqliteStore;
use sqlx::SqlitePool;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber, span};

const KEYS: usize = 10_000;
const ROUNDS: usize = 100;

/// What changes something, of all the statements that SQLite is given.
static STATEMENTS: AtomicUsize = AtomicUsize::new(0);
/// How many rows it changed.
static ROWS: AtomicU64 = AtomicU64::new(0);

/// Sees the statements that sqlx logs.
struct Statements;

#[derive(Default)]
struct Statement {
    writes_uses: bool,
    rows: u64,
}

impl Visit for Statement {
    fn record_str(&mut self, field: &Field, value: &str) {
        if matches!(field.name(), "summary" | "db.statement") {
            let writes = ["INSERT", "UPDATE", "DELETE", "REPLACE"];
            self.writes_uses |= writes.iter().any(|it| value.trim_start().starts_with(it));
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "rows_affected" {
            self.rows = value;
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}

impl Subscriber for Statements {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target() == "sqlx::query"
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut statement = Statement::default();
        event.record(&mut statement);
        if statement.writes_uses {
            STATEMENTS.fetch_add(1, Ordering::SeqCst);
            ROWS.fetch_add(statement.rows, Ordering::SeqCst);
        }
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

struct Head(String);

impl Head {
    fn of(key: &PlainKey) -> Self {
        Self(format!("Bearer {}", key.expose()))
    }
}

impl RequestHead for Head {
    fn header(&self, name: &str) -> HeaderValues<'_> {
        HeaderValues::of((name == "authorization").then_some(self.0.as_bytes()))
    }

    fn query(&self) -> Option<&str> {
        None
    }
}

fn id(number: usize) -> KeyId {
    KeyId::new(format!("key_{number}"))
}

fn insert((number, key): (usize, &PlainKey)) -> Write {
    let record = KeyRecord::new(id(number), "acme", "secret").with_grant(Grant::All);
    Write::Insert { digest: Peppers::none().digest(key), record: Box::new(record) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_million_requests_of_ten_thousand_keys_are_fifteen_statements() {
    tracing::subscriber::set_global_default(Statements).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db").display().to_string();
    let store = SqliteStore::open(&path).await.unwrap();
    let manager = KeyManager::builder(Dialect::bigspin(), store.clone()).open().await.unwrap();
    let keys: Vec<PlainKey> =
        (0..KEYS).map(|number| PlainKey::new(format!("sk-bigspin-api03-{number:043}"))).collect();
    store.commit(keys.iter().enumerate().map(insert).collect()).await.unwrap();
    let verifier = Verifier::builder(Dialect::bigspin(), store.clone())
        .with_max_staleness(Duration::from_hours(1))
        .with_use_interval(Duration::from_mins(10))
        .build()
        .unwrap();
    let heads: Vec<Head> = keys.iter().map(Head::of).collect();
    let before = STATEMENTS.load(Ordering::SeqCst);
    assert_ne!(before, 0, "creations are seen");
    for head in &heads {
        verifier.verify(head).await.unwrap();
    }
    thread::scope(|threads| {
        for quarter in heads.chunks(KEYS / 4) {
            let verifier = &verifier;
            threads.spawn(move || {
                for _ in 1..ROUNDS {
                    for head in quarter {
                        let Check::Done(verdict) = verifier.check(head) else {
                            panic!("the key is cached")
                        };
                        verdict.unwrap();
                    }
                }
            });
        }
    });
    assert_eq!(STATEMENTS.load(Ordering::SeqCst), before, "no request writes");

    ROWS.store(0, Ordering::SeqCst);
    verifier.shutdown().await;
    let statements = STATEMENTS.load(Ordering::SeqCst) - before;
    assert_eq!(statements, 15, "five flushes: number, last uses, counts");
    let rows = ROWS.load(Ordering::SeqCst);
    assert_eq!(rows, 2 * KEYS as u64 + 5, "a row of each key, twice");

    let counted = "SELECT sum(requests) FROM keyward_uses";
    let used = "SELECT count(*) FROM keyward_keys WHERE last_used_at IS NOT NULL";
    let pool = SqlitePool::connect(&format!("sqlite://{path}")).await.unwrap();
    for (sql, expected) in [(counted, KEYS * ROUNDS), (used, KEYS)] {
        let number: i64 = sqlx::query_scalar(sql).fetch_one(&pool).await.unwrap();
        assert_eq!(usize::try_from(number).unwrap(), expected, "{sql}");
    }
    pool.close().await;
    let revoked = manager.revoke(&id(0), Reach::Key).await.unwrap();
    assert!(revoked.last_used_at.is_some(), "a change keeps it");
    store.close().await;
}
