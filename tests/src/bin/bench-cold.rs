//! Verifies keys that no cache knows yet against PostgreSQL, for `cargo xtask bench --cold`.

#[path = "../../../crates/xtask/src/bench/spread.rs"]
mod spread;

use std::error::Error;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use keyward::clock::Timestamp;
use keyward::dialect::Dialect;
use keyward::key::{Grant, KeyDigest, KeyRecord, Peppers};
use keyward::store::{KeyLookup, KeyStore, PostgresStore, StoreError, Write};
use keyward::verify::{HeaderValues, RequestHead, Verifier};
use keyward_tests::Postgres;
use tokio::task::JoinSet;

use self::spread::Spread;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const KEYS: usize = 100_000;
/// So many requests wait for their verdict at one time.
const REQUESTS: usize = 1_024;
const ROUNDS: usize = 5;
/// At least how many times as fast many digests in one query are.
const BAR: f64 = 5.0;

/// The same store, asked for one key at a time.
struct OneByOne(PostgresStore);

#[async_trait]
impl KeyLookup for OneByOne {
    async fn lookup(
        &self,
        digest: &KeyDigest,
    ) -> std::result::Result<Option<KeyRecord>, StoreError> {
        self.0.lookup(digest).await
    }
}

/// A request with this value of `Authorization`.
struct Head<'a>(&'a str);

impl RequestHead for Head<'_> {
    fn header(&self, name: &str) -> HeaderValues<'_> {
        HeaderValues::of((name == "authorization").then_some(self.0.as_bytes()))
    }

    fn query(&self) -> Option<&str> {
        None
    }
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let server = Postgres::start();
    let store = PostgresStore::open(server.database()).await?;
    let heads: Arc<[String]> = fill(&store).await?.into();
    server.sql("postgres", "CHECKPOINT");

    println!(
        "{KEYS} different keys in PostgreSQL, verified by a process that knows none of them yet, \
         {REQUESTS} requests at a time; keys per second, median (quartiles) of {ROUNDS} rounds\n"
    );
    let [mut many, mut one, mut ratios] = [const { Vec::new() }; 3];
    for _ in 0..ROUNDS {
        let batched = rate(store.clone(), &heads).await?;
        let single = rate(OneByOne(store.clone()), &heads).await?;
        many.push(batched);
        one.push(single);
        ratios.push(batched / single);
    }
    println!("  {:<36}{:.0}", "one query for many digests", Spread::of(many));
    println!("  {:<36}{:.0}", "one query per miss", Spread::of(one));
    let ratio = Spread::of(ratios);
    let holds = ratio.median >= BAR;
    let verdict = if holds { "holds" } else { "DOES NOT HOLD" };
    println!("  {:<36}{ratio:.2}  bar {BAR} {verdict}", "many / one");
    store.close().await;
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Makes the keys, and says what their requests send.
async fn fill(store: &PostgresStore) -> Result<Vec<String>> {
    let dialect = Dialect::standard();
    let kind = dialect.kind_id("live").ok_or("the dialect has no such kind")?;
    let now = Timestamp::from_millis(1_767_225_600_000);
    let mut heads = Vec::with_capacity(KEYS);
    let mut writes = Vec::new();
    for number in 1..=KEYS {
        let key = dialect.issue(kind)?;
        let record = KeyRecord::new(dialect.new_key_id(now), "acme", "live")
            .with_name(format!("integration {number:>8}"))
            .with_grant(Grant::Only("projects-read projects-write".parse()?));
        let digest = Peppers::none().digest(&key);
        heads.push(format!("Bearer {}", key.expose()));
        writes.push(Write::Insert { digest, record: Box::new(record) });
        if writes.len() == 1_000 || number == KEYS {
            store.commit(std::mem::take(&mut writes)).await?;
            eprint!("\r{number} of {KEYS} keys");
        }
    }
    eprintln!();
    io::stderr().flush()?;
    Ok(heads)
}

/// How many keys a second a new verifier learns from a store.
async fn rate(lookup: impl KeyLookup, heads: &Arc<[String]>) -> Result<f64> {
    let verifier = Verifier::builder(Dialect::standard(), lookup).build()?;
    let started = Instant::now();
    let mut requests = JoinSet::new();
    for first in 0..REQUESTS {
        let (verifier, heads) = (verifier.clone(), Arc::clone(heads));
        requests.spawn(async move {
            let mut admitted = 0;
            for head in heads.iter().skip(first).step_by(REQUESTS) {
                admitted += usize::from(verifier.verify(&Head(head)).await.is_ok());
            }
            admitted
        });
    }
    let admitted: usize = requests.join_all().await.into_iter().sum();
    let seconds = started.elapsed().as_secs_f64();
    verifier.shutdown().await;
    if admitted != KEYS {
        return Err(format!("{admitted} of {KEYS} keys were let in").into());
    }
    #[expect(clippy::cast_precision_loss, reason = "a hundred thousand is exact")]
    Ok(KEYS as f64 / seconds)
}
