use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use keyward::dialect::Dialect;
use keyward::key::{KeyDigest, KeyRecord, StoredDigest};
use keyward::store::{KeyStore, MemoryStore, Write};
use keyward::verify::{RejectionKind, Verifier};
use moka::sync::Cache;
use sha2::{Digest, Sha256};
use tokio::runtime::Runtime;

use crate::Result;
use crate::fixture::{Head, Record, SCHEME, cached, heads, limited, record, runtime, verify_all};
use crate::round::{Draw, Order, Round};
use crate::samples::{Samples, holds};

/// So many things are measured.
const THINGS: usize = 11;
/// How often a round asks the store, which takes longer than the rest.
const COLD: usize = 200;
/// How many unknown keys are remembered as unknown.
const UNKNOWN: u32 = 1_000;

type Measure<'a> = &'a dyn Fn(&Round) -> f64;
type Bare<S> = Cache<[u8; 32], Arc<Record>, S>;

/// Measures in alternating short rounds, and prints a table.
pub(crate) fn run(keys: u32, order: Order, rounds: u32) -> Result<bool> {
    let runtime = runtime()?;
    let heads = heads(keys)?;
    let length = heads[0].len() - SCHEME.len();
    println!(
        "\n{keys} keys of {length} characters, {order:?}: nanoseconds, \
         median (quartiles) of {rounds} rounds"
    );
    let capacity = u64::from(keys.max(100_000));
    let limited = runtime.block_on(store(&heads, limited))?;
    let limited = runtime.block_on(verifier(limited, capacity, &heads))?;
    let store = runtime.block_on(store(&heads, record))?;
    let asking = runtime.block_on(verifier(store.other_process(), capacity, &heads[..1]))?;
    let verifier = runtime.block_on(verifier(store, capacity, &heads))?;
    let default = Cache::builder().max_capacity(capacity).build();
    let faster =
        Cache::builder().max_capacity(capacity).build_with_hasher(ahash::RandomState::new());
    // One more, since the keys of a round are still in the processor's cache from the one before.
    let joined =
        Cache::builder().max_capacity(capacity).build_with_hasher(ahash::RandomState::new());
    fill(&default, &heads);
    fill(&faster, &heads);
    fill(&joined, &heads);

    let hash = |head: &Vec<u8>| Sha256::digest(&head[SCHEME.len()..]);
    let things: [(&str, Measure<'_>); THINGS] = [
        ("SHA-256 of the key", &|round| {
            per(&round.heads, |head| {
                black_box(hash(black_box(head)));
            })
        }),
        ("bare moka get, default hasher", &|round| get(&default, round)),
        ("bare moka get, ahash", &|round| get(&faster, round)),
        ("clock read", &|round| {
            per(&round.heads, |_| {
                black_box(Instant::now());
            })
        }),
        ("warm verify", &|round| warm(&verifier, round)),
        ("warm verify, keys with a limit", &|round| warm(&limited, round)),
        ("hash, get and clock in one loop", &|round| {
            per(&round.heads, |head| {
                if let Some(record) = joined.get::<[u8; 32]>(&hash(black_box(head)).into()) {
                    black_box(record.has_expired(0));
                }
                black_box(Instant::now());
            })
        }),
        ("malformed key, refused", &|round| refuse(&verifier, &round.malformed)),
        ("a JWT, refused", &|round| refuse(&verifier, &round.foreign)),
        ("unknown key, negative cache", &|round| refuse(&verifier, round.unknown)),
        ("cold lookup, MemoryStore", &|round| ask_store(&runtime, &asking, round)),
    ];
    let mut samples: [Samples; THINGS] = Default::default();
    let unknown = self::heads(UNKNOWN)?;
    let mut draw = Draw::new(keys, order);
    for _ in 0..rounds {
        let round = Round::new(&heads, &unknown, &mut draw);
        runtime.block_on(async {
            verify_all(&verifier, round.unknown).await;
            verify_all(&limited, round.unknown).await;
        });
        for ((_, measure), samples) in things.iter().zip(&mut samples) {
            samples.push(measure(&round));
        }
        check(&verifier, &round)?;
        check(&limited, &round)?;
    }
    for ((name, _), samples) in things.iter().zip(&samples) {
        println!("  {name:<36}{:.1}", samples.summary());
    }
    Ok(judge(&samples))
}

/// Compares round for round: what slows a whole round is on both sides.
fn judge(samples: &[Samples; THINGS]) -> bool {
    let [sha, default, faster, clock, warm, limited, row, malformed, foreign, ..] = samples;
    let get = if default.median() < faster.median() { default } else { faster };
    let parts = sha.plus(get).plus(clock);
    println!("  {:<36}{:.3}", "warm verify / the three in one loop", warm.over(row).summary());
    let mut all = true;
    for (name, thing, base, bar) in [
        ("warm verify / (hash + get + clock)", warm, &parts, 1.25),
        ("the same, keys with a limit", limited, &parts, 1.25),
        ("malformed key / SHA-256", malformed, sha, 1.0),
        ("a JWT / SHA-256", foreign, sha, 1.0),
    ] {
        let ratio = thing.over(base).summary();
        let yes = ratio.median <= bar;
        all &= yes;
        println!("  {name:<36}{ratio:.3}  bar {bar:.2} {}", holds(yes));
    }
    all
}

/// A store with these keys. It keeps how they are used.
async fn store(heads: &[Vec<u8>], record: fn() -> KeyRecord) -> Result<MemoryStore> {
    let store = MemoryStore::new();
    for heads in heads.chunks(1_000) {
        let insert = |head: &Vec<u8>| Write::Insert {
            digest: StoredDigest::new(KeyDigest::sha256(&head[SCHEME.len()..]), None),
            record: Box::new(record()),
        };
        store.commit(heads.iter().map(insert).collect()).await?;
    }
    Ok(store)
}

/// A verifier that has these keys in its cache.
async fn verifier(store: MemoryStore, capacity: u64, heads: &[Vec<u8>]) -> Result<Verifier> {
    let verifier = Verifier::builder(Dialect::standard(), store)
        .with_cached_keys(capacity)
        // Writing the uses of a million keys and polling share this thread, one after the other.
        .with_max_staleness(Duration::from_mins(1))
        .build()?;
    // What was read before the first poll does not count after it.
    verify_all(&verifier, &heads[..1]).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let admitted = verify_all(&verifier, heads).await;
    if admitted == heads.len() { Ok(verifier) } else { Err("a key was refused".into()) }
}

fn fill<S: std::hash::BuildHasher + Clone + Send + Sync + 'static>(
    cache: &Bare<S>,
    heads: &[Vec<u8>],
) {
    for head in heads {
        cache.insert(Sha256::digest(&head[SCHEME.len()..]).into(), Record::shared());
    }
    cache.run_pending_tasks();
}

/// Nanoseconds for each.
fn per<T>(all: &[T], mut each: impl FnMut(&T)) -> f64 {
    let started = Instant::now();
    for one in all {
        each(one);
    }
    let taken = started.elapsed();
    taken.as_secs_f64() * 1e9 / count(all.len())
}

fn count(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::NAN, f64::from)
}

fn get<S: std::hash::BuildHasher + Clone + Send + Sync + 'static>(
    cache: &Bare<S>,
    round: &Round,
) -> f64 {
    per(&round.digests, |digest| {
        if let Some(record) = cache.get(black_box(digest)) {
            black_box(record.has_expired(0));
        }
    })
}

fn warm(verifier: &Verifier, round: &Round) -> f64 {
    per(&round.heads, |head| {
        if let Some(Ok(key)) = cached(verifier, black_box(head)) {
            black_box(key.expires_at());
        }
    })
}

fn refuse(verifier: &Verifier, heads: &[Vec<u8>]) -> f64 {
    per(heads, |head| {
        black_box(cached(verifier, black_box(head)).is_some_and(|verdict| verdict.is_err()));
    })
}

fn ask_store(runtime: &Runtime, verifier: &Verifier, round: &Round) -> f64 {
    let asked: Vec<_> = round.heads.iter().zip(&round.digests).take(COLD).collect();
    runtime.block_on(async {
        let started = Instant::now();
        for (head, digest) in &asked {
            // Costs a few nanoseconds, and is part of what is measured.
            verifier.forget(&KeyDigest::from_bytes(**digest));
            let _ = black_box(verifier.verify(&Head(head)).await);
        }
        started.elapsed().as_secs_f64() * 1e9 / count(asked.len())
    })
}

/// What was measured must be what the table says.
fn check(verifier: &Verifier, round: &Round) -> Result<()> {
    let kind =
        |head: &[u8]| cached(verifier, head).map(|verdict| verdict.err().map(|it| it.kind()));
    let refused = |head: &[u8], why| kind(head) == Some(Some(why));
    let right = round.heads.iter().all(|head| kind(head) == Some(None))
        && round.malformed.iter().all(|head| refused(head, RejectionKind::Malformed))
        && round.foreign.iter().all(|head| refused(head, RejectionKind::Malformed))
        && round.unknown.iter().all(|head| refused(head, RejectionKind::Unknown));
    if right { Ok(()) } else { Err("a key was not judged as this benchmark expects".into()) }
}
