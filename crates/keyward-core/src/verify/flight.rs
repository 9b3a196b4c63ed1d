//! Questions to the store: one at a time for each digest, many digests at once.

use std::collections::{HashMap, VecDeque};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

use super::cache::{Cache, Known, Proof};
use super::identity::Identity;
use crate::clock::Clock;
use crate::dialect::Dialect;
use crate::key::{KeyDigest, KeyRecord};
use crate::store::{Answers, KeyLookup, Stamp, StoreError};

/// How many digests one question may hold.
const BATCH: usize = 512;
/// How many questions may be at the store at once.
const BATCHES: usize = 2;
/// How many digests may wait for their question.
const QUEUE: usize = 16_384;

/// What came of a question.
#[derive(Debug, Clone)]
pub(super) enum Outcome {
    Known(Arc<Known>),
    Absent,
    /// The answer was older than what this process knows already. Ask again.
    Stale,
    /// The store did not answer.
    Failed,
}

pub(super) type Landing = watch::Receiver<Option<Outcome>>;

/// The questions under way. A question goes on when those who wait for it are gone.
#[derive(Clone)]
pub(super) struct Flights(Arc<Inner>);

struct Inner {
    lookup: Arc<dyn KeyLookup>,
    cache: Arc<Cache>,
    dialect: Dialect,
    clock: Arc<dyn Clock>,
    limit: Duration,
    runtime: Handle,
    tasks: TaskTracker,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    flights: HashMap<KeyDigest, Flight>,
    queue: VecDeque<KeyDigest>,
    batches: usize,
}

struct Flight {
    landing: watch::Sender<Option<Outcome>>,
    /// The digest's shard when the question was put; `None` while it waits.
    asked: Option<Stamp>,
}

impl Flights {
    pub(super) fn new(
        lookup: Arc<dyn KeyLookup>,
        cache: Arc<Cache>,
        dialect: Dialect,
        clock: Arc<dyn Clock>,
        limit: Duration,
        runtime: Handle,
        tasks: TaskTracker,
    ) -> Self {
        let state = Mutex::default();
        Self(Arc::new(Inner { lookup, cache, dialect, clock, limit, runtime, tasks, state }))
    }

    /// Joins the question about a digest, or puts one. `None` when too many wait already.
    ///
    /// A question that was put before the digest's shard last changed is not joined: its answer may
    /// not know of that change.
    pub(super) fn join(&self, digest: KeyDigest) -> Option<Landing> {
        let mut state = self.0.lock();
        if let Some(flight) = state.flights.get(&digest) {
            let stamp = self.0.cache.table().stamp(&digest);
            if flight.asked.is_none_or(|asked| asked == stamp) {
                return Some(flight.landing.subscribe());
            }
        }
        if state.queue.len() >= QUEUE {
            return None;
        }
        let (landing, wait) = watch::channel(None);
        state.flights.insert(digest, Flight { landing, asked: None });
        state.queue.push_back(digest);
        if state.batches < BATCHES {
            state.batches += 1;
            let inner = Arc::clone(&self.0);
            self.0.tasks.spawn_on(inner.ask_until_done(), &self.0.runtime);
        }
        Some(wait)
    }
}

type Batch = Vec<(KeyDigest, watch::Sender<Option<Outcome>>)>;

impl Inner {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn ask_until_done(self: Arc<Self>) {
        while let Some((batch, asked)) = self.take_batch() {
            let digests: Vec<KeyDigest> = batch.iter().map(|(digest, _)| *digest).collect();
            let started = self.clock.now().elapsed;
            // A lookup that panics is somebody else's code; it must not take the slot with it.
            let question = AssertUnwindSafe(self.lookup.lookup_many(&digests)).catch_unwind();
            let answer = match timeout(self.limit, question).await {
                Ok(Ok(answer)) => answer,
                Ok(Err(_)) => Err(StoreError::unavailable("the lookup panicked")),
                Err(elapsed) => Err(StoreError::unavailable(elapsed)),
            };
            self.land(batch, answer, asked, started);
        }
    }

    /// The next digests, and the tick at which they are asked about.
    fn take_batch(&self) -> Option<(Batch, u64)> {
        let mut guard = self.lock();
        let state = &mut *guard;
        if state.queue.is_empty() {
            state.batches -= 1;
            return None;
        }
        let table = self.cache.table();
        let asked = table.tick();
        let count = state.queue.len().min(BATCH);
        let batch = state
            .queue
            .drain(..count)
            .filter_map(|digest| {
                let flight = state.flights.get_mut(&digest)?;
                flight.asked = Some(table.stamp(&digest));
                Some((digest, flight.landing.clone()))
            })
            .collect();
        Some((batch, asked))
    }

    fn land(&self, batch: Batch, answer: Result<Answers, StoreError>, asked: u64, started: u64) {
        let outcomes: Vec<Outcome> = match answer {
            Ok(Answers { records, as_of }) if records.len() == batch.len() => {
                let proof = Proof {
                    as_of: as_of.unwrap_or(u64::MAX),
                    asked,
                    trusted_since: if as_of.is_some() { 0 } else { started },
                };
                batch
                    .iter()
                    .zip(records)
                    .map(|((digest, _), record)| self.keep(*digest, record, proof))
                    .collect()
            }
            Ok(_) => {
                tracing::error!(target: "keyward", "the lookup gave another number of answers than it was asked for");
                vec![Outcome::Failed; batch.len()]
            }
            Err(error) => {
                let source = std::error::Error::source(&error).map(ToString::to_string);
                tracing::warn!(target: "keyward", %error, source, keys = batch.len(), "lookup failed");
                vec![Outcome::Failed; batch.len()]
            }
        };
        let mut state = self.lock();
        for ((digest, landing), outcome) in batch.into_iter().zip(outcomes) {
            if state.flights.get(&digest).is_some_and(|own| own.landing.same_channel(&landing)) {
                state.flights.remove(&digest);
            }
            landing.send_replace(Some(outcome));
        }
    }

    /// Puts an answer into the cache, unless it is too old to be used at all.
    fn keep(&self, digest: KeyDigest, record: Option<KeyRecord>, proof: Proof) -> Outcome {
        if !self.cache.table().accepts(&digest, proof.as_of, proof.asked) {
            return Outcome::Stale;
        }
        let Some(record) = record else {
            self.cache.put_absent(digest, proof, self.clock.now());
            return Outcome::Absent;
        };
        let id = record.id.clone();
        let identity =
            self.dialect.kind_id(&record.kind).and_then(|kind| Identity::new(record, kind));
        let Some(identity) = identity else {
            tracing::error!(target: "keyward", key = %id, "the record's kind is not one of the dialect's");
            return Outcome::Failed;
        };
        let dialect = self.dialect.clone();
        let known = Arc::new(Known { proof, identity, dialect });
        self.cache.put(digest, Arc::clone(&known));
        Outcome::Known(known)
    }
}
