//! Questions to the store: one at a time for each digest, many digests at once.

use std::collections::{HashMap, VecDeque};
use std::mem;
use std::num::NonZeroU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;
use tracing::{Instrument, debug_span};

use super::breaker::Breaker;
use super::cache::{Cache, Cached, Known, Proof};
use super::gauges::refresh_metrics;
use super::reader::Reader;
use crate::clock::{Clock, Now};
use crate::key::{KeyDigest, KeyRecord};
use crate::store::{Answers, KeyLookup, Stamp, StoreError};
use crate::telemetry;

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

/// An answer that a request waits for.
pub(super) struct Landing {
    pub(super) outcome: watch::Receiver<Option<Outcome>>,
    /// The question was under way already when the request joined it.
    pub(super) under_way: bool,
}

/// The questions under way. A question goes on when those who wait for it are gone.
#[derive(Clone)]
pub(super) struct Flights(Arc<Inner>);

struct Inner {
    lookup: Arc<dyn KeyLookup>,
    cache: Arc<Cache>,
    breaker: Arc<Breaker>,
    reader: Reader,
    clock: Arc<dyn Clock>,
    runtime: Handle,
    tasks: TaskTracker,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    flights: HashMap<KeyDigest, Flight>,
    queue: VecDeque<KeyDigest>,
    /// Since it was last empty, the queue has been full.
    overflows: bool,
    batches: usize,
}

struct Flight {
    landing: watch::Sender<Option<Outcome>>,
    /// `None` while it waits.
    asked: Option<Asked>,
}

/// The moment at which a question was put.
#[derive(Clone, Copy)]
struct Asked {
    /// What the digest's shard looked like.
    stamp: Stamp,
    /// On the elapsed clock.
    at: u64,
}

impl Flights {
    pub(super) fn new(
        lookup: Arc<dyn KeyLookup>,
        cache: Arc<Cache>,
        breaker: Arc<Breaker>,
        reader: Reader,
        clock: Arc<dyn Clock>,
        runtime: Handle,
        tasks: TaskTracker,
    ) -> Self {
        let state = Mutex::default();
        Self(Arc::new(Inner { lookup, cache, breaker, reader, clock, runtime, tasks, state }))
    }

    /// Joins the question about a digest, or puts one. `None` when the store does not answer, or too
    /// many wait already.
    ///
    /// A question that was put before the digest's shard last changed is not joined: its answer may
    /// not know of that change. Nor is one that was put too long ago to be trusted.
    pub(super) fn join(&self, digest: KeyDigest) -> Option<Landing> {
        let now = self.0.clock.now();
        let mut state = self.0.lock();
        if let Some(flight) = state.flights.get(&digest) {
            if flight.asked.is_none_or(|asked| self.0.still_counts(&digest, asked, now)) {
                let outcome = flight.landing.subscribe();
                return Some(Landing { outcome, under_way: flight.asked.is_some() });
            }
        } else if let Some(landed) = self.0.landed(&digest, now) {
            let (_, outcome) = watch::channel(Some(landed));
            return Some(Landing { outcome, under_way: false });
        }
        if !self.0.breaker.permits() {
            return None;
        }
        if state.queue.len() >= QUEUE {
            if !mem::replace(&mut state.overflows, true) {
                // Others need not wait until that is logged.
                drop(state);
                tracing::warn!(target: "keyward", "too many keys wait for the store");
            }
            return None;
        }
        let (landing, outcome) = watch::channel(None);
        state.flights.insert(digest, Flight { landing, asked: None });
        state.queue.push_back(digest);
        if state.batches < BATCHES {
            state.batches += 1;
            let inner = Arc::clone(&self.0);
            self.0.tasks.spawn_on(inner.ask_until_done(), &self.0.runtime);
        }
        Some(Landing { outcome, under_way: false })
    }
}

/// One question about many digests.
struct Batch {
    members: Vec<Member>,
    /// When it was put, in the table's ticks.
    asked: u64,
    /// When it was put, on the elapsed clock.
    started: u64,
}

struct Member {
    digest: KeyDigest,
    /// The digest's shard when the question was put.
    stamp: Stamp,
    landing: watch::Sender<Option<Outcome>>,
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn still_counts(&self, digest: &KeyDigest, asked: Asked, now: Now) -> bool {
        asked.stamp == self.cache.table().stamp(digest) && self.cache.is_fresh(asked.at, now)
    }

    /// The answer of a question that landed after the request had looked into the cache.
    fn landed(&self, digest: &KeyDigest, now: Now) -> Option<Outcome> {
        match self.cache.get(digest, now) {
            Cached::Known(known) => Some(Outcome::Known(known)),
            Cached::Absent => Some(Outcome::Absent),
            Cached::Stale(_) | Cached::Outdated | Cached::Nothing => None,
        }
    }

    async fn ask_until_done(self: Arc<Self>) {
        while let Some(batch) = self.take_batch() {
            let digests: Vec<KeyDigest> =
                batch.members.iter().map(|member| member.digest).collect();
            let (was_open, was_failing) = (self.breaker.is_open(), self.breaker.is_failing());
            let question = || self.lookup.lookup_many(&digests);
            let span = debug_span!(target: "keyward", "lookup", keys = digests.len());
            let asked = Instant::now();
            let answer = self.breaker.ask(self.breaker.limit(), question);
            let answer = answer.instrument(span.clone()).await;
            span.in_scope(|| {
                telemetry::looked_up(asked.elapsed(), answer.is_err());
                if let Err(error) = &answer {
                    log_failure(error, was_failing);
                }
            });
            if was_open && answer.is_ok() {
                // What is known is old: let the poll renew it before every key asks.
                self.cache.table().wake();
            }
            self.land(batch, answer);
            refresh_metrics();
        }
    }

    /// The next digests, or the end of this slot.
    fn take_batch(&self) -> Option<Batch> {
        let mut guard = self.lock();
        let state = &mut *guard;
        if !state.queue.is_empty() && !self.breaker.admit() {
            for digest in state.queue.drain(..) {
                if let Some(flight) = state.flights.remove(&digest) {
                    flight.landing.send_replace(Some(Outcome::Failed));
                }
            }
        }
        if state.queue.is_empty() {
            state.overflows = false;
            state.batches -= 1;
            return None;
        }
        let table = self.cache.table();
        let asked = table.tick();
        let started = self.clock.now().elapsed;
        let count = state.queue.len().min(BATCH);
        let members = state
            .queue
            .drain(..count)
            .filter_map(|digest| {
                let flight = state.flights.get_mut(&digest)?;
                let stamp = table.stamp(&digest);
                flight.asked = Some(Asked { stamp, at: started });
                Some(Member { digest, stamp, landing: flight.landing.clone() })
            })
            .collect();
        Some(Batch { members, asked, started })
    }

    fn land(&self, batch: Batch, answer: Result<Answers, StoreError>) {
        let Batch { members, asked, started } = batch;
        let since = NonZeroU64::new(started).unwrap_or(NonZeroU64::MIN);
        let answers: Vec<Answer> = match answer {
            Ok(Answers { records, as_of }) if records.len() == members.len() => {
                if let Some(as_of) = as_of {
                    self.cache.table().saw(as_of);
                }
                let read = |(member, record): (&Member, _)| {
                    let unsequenced = Proof::Unsequenced { stamp: member.stamp, since };
                    let proof =
                        as_of.map_or(unsequenced, |at| Proof::Sequenced { as_of: at.seq, asked });
                    self.read(&member.digest, record, proof)
                };
                members.iter().zip(records).map(read).collect()
            }
            Ok(_) => {
                tracing::error!(target: "keyward", "the lookup gave another number of answers than it was asked for");
                vec![Answer::Failed; members.len()]
            }
            Err(_) => vec![Answer::Failed; members.len()],
        };
        let mut state = self.lock();
        for (Member { digest, landing, .. }, answer) in members.into_iter().zip(answers) {
            // An answer to a question in whose place a newer one was put is not kept: what the newer
            // one finds ended would come back.
            if state.flights.get(&digest).is_some_and(|own| own.landing.same_channel(&landing)) {
                state.flights.remove(&digest);
                self.keep(digest, &answer);
            }
            landing.send_replace(Some(answer.into()));
        }
    }

    fn read(&self, digest: &KeyDigest, record: Option<KeyRecord>, proof: Proof) -> Answer {
        if !self.cache.is_unchanged(digest, proof) {
            return Answer::Stale;
        }
        let Some(record) = record else { return Answer::Absent(proof) };
        let id = record.id.clone();
        let Some(known) = self.reader.read(record, proof, self.clock.now()) else {
            tracing::error!(target: "keyward", key = %id, "the record's kind is not one of the dialect's");
            return Answer::Unreadable;
        };
        Answer::Known(known)
    }

    fn keep(&self, digest: KeyDigest, answer: &Answer) {
        match answer {
            Answer::Known(known) => self.cache.put(digest, Arc::clone(known)),
            Answer::Absent(proof) => {
                self.cache.remove(&digest);
                self.cache.put_absent(digest, *proof, self.clock.now());
            }
            Answer::Unreadable => self.cache.remove(&digest),
            Answer::Stale | Answer::Failed => {}
        }
    }
}

/// Once in an outage it is a warning: what failed before does not say more.
fn log_failure(error: &StoreError, again: bool) {
    let source = std::error::Error::source(error).map(ToString::to_string);
    if again {
        tracing::debug!(target: "keyward", %error, source, "lookup failed");
    } else {
        tracing::warn!(target: "keyward", %error, source, "lookup failed");
    }
}

/// What the store said of a digest.
#[derive(Clone)]
enum Answer {
    Known(Arc<Known>),
    Absent(Proof),
    /// There is a record that the dialect does not understand.
    Unreadable,
    /// What is older than what this process knows already.
    Stale,
    /// Nothing.
    Failed,
}

impl From<Answer> for Outcome {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Known(known) => Self::Known(known),
            Answer::Absent(_) => Self::Absent,
            Answer::Stale => Self::Stale,
            Answer::Unreadable | Answer::Failed => Self::Failed,
        }
    }
}
