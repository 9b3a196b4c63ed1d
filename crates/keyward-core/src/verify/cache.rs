//! The bounded maps of what the store said, and the rule by which it is still true.

use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use moka::sync::Cache as Map;

use super::identity::Identity;
use crate::clock::Now;
use crate::dialect::Dialect;
use crate::key::KeyDigest;
use crate::store::{ChangeTable, Stamp};
use crate::usage::Counters;

/// How long an unknown key is remembered as unknown; creating it ends that at once.
const ABSENT_FOR: Duration = Duration::from_secs(10);

/// What an answer of the store rests on.
#[derive(Debug, Clone, Copy)]
pub(super) enum Proof {
    /// The sequence of changes is the proof.
    Sequenced {
        /// The number in the answer's snapshot.
        as_of: u64,
        /// When the question was put, in the table's ticks.
        asked: u64,
    },
    /// The answer has no number: it counts until anything of its shard changes, or time is over.
    Unsequenced {
        /// The shard when the question was put.
        stamp: Stamp,
        /// When the question was put, on the elapsed clock.
        since: NonZeroU64,
    },
}

/// A key that the store knows, as it was at its proof.
#[derive(Debug)]
#[repr(C)]
pub(super) struct Known {
    pub(super) proof: Proof,
    pub(super) identity: Identity,
    pub(super) uses: Counters,
    pub(super) dialect: Dialect,
}

#[derive(Debug, Clone, Copy)]
struct Absent {
    proof: Proof,
    until: u64,
}

/// What the cache says of a digest.
#[derive(Debug)]
pub(super) enum Cached {
    Known(Arc<Known>),
    /// Too old to count, but not to stand in for a store that does not answer.
    Stale(Arc<Known>),
    /// A key that was known, of which nothing counts any more.
    Outdated,
    Absent,
    Nothing,
}

/// moka bounds memory and forgets; whether an entry counts is decided here, at every look.
#[derive(Debug)]
pub(super) struct Cache {
    known: Map<KeyDigest, Arc<Known>, ahash::RandomState>,
    absent: Map<KeyDigest, Absent, ahash::RandomState>,
    table: Arc<ChangeTable>,
    max_staleness: u64,
    /// How old knowledge may be to count: `max_staleness`, until the cache is retired.
    fresh_for: AtomicU64,
    /// How old an entry may be that stands in for a store that does not answer: as old as one that
    /// counts, or older.
    bound: u64,
}

impl Cache {
    pub(super) fn new(
        table: Arc<ChangeTable>,
        max_staleness: Duration,
        stale_if_error: Duration,
        known: u64,
        absent: u64,
    ) -> Self {
        // Seeded per process: a client that chooses keys cannot choose where they collide.
        let hasher = ahash::RandomState::new();
        Self {
            known: Map::builder().max_capacity(known).build_with_hasher(hasher.clone()),
            absent: Map::builder().max_capacity(absent).build_with_hasher(hasher),
            table,
            max_staleness: nanos(max_staleness),
            fresh_for: AtomicU64::new(nanos(max_staleness)),
            bound: nanos(max_staleness.saturating_add(stale_if_error)),
        }
    }

    pub(super) fn table(&self) -> &Arc<ChangeTable> {
        &self.table
    }

    pub(super) fn max_staleness(&self) -> Duration {
        Duration::from_nanos(self.max_staleness)
    }

    /// For how long a key may be accepted of whose end this process has not heard.
    pub(super) fn bound(&self) -> Duration {
        Duration::from_nanos(self.bound)
    }

    #[inline]
    pub(super) fn get(&self, digest: &KeyDigest, now: Now) -> Cached {
        match self.known.get(digest) {
            Some(known)
                if self.counts(digest, known.proof, now)
                    && !known.identity.is_outlived(now.timestamp) =>
            {
                Cached::Known(known)
            }
            known => self.get_else(digest, known, now),
        }
    }

    /// What is left when no known key counts. Apart, so that a hit does not pay for it.
    #[inline(never)]
    fn get_else(&self, digest: &KeyDigest, known: Option<Arc<Known>>, now: Now) -> Cached {
        let was_known = known.is_some();
        if let Some(known) = known
            && self.stands_in(digest, known.proof, now)
            && !known.identity.is_outlived(now.timestamp)
        {
            return Cached::Stale(known);
        }
        match self.absent.get(digest) {
            Some(absent)
                if now.elapsed < absent.until && self.counts(digest, absent.proof, now) =>
            {
                Cached::Absent
            }
            _ if was_known => Cached::Outdated,
            _ => Cached::Nothing,
        }
    }

    /// How many keys are known, about: moka counts now and then.
    pub(super) fn len(&self) -> u64 {
        self.known.entry_count()
    }

    pub(super) fn put(&self, digest: KeyDigest, known: Arc<Known>) {
        self.known.insert(digest, known);
    }

    /// What was known of a key stands in for nobody any more.
    pub(super) fn remove(&self, digest: &KeyDigest) {
        self.known.invalidate(digest);
    }

    pub(super) fn put_absent(&self, digest: KeyDigest, proof: Proof, now: Now) {
        let until = now.elapsed.saturating_add(nanos(ABSENT_FOR));
        self.absent.insert(digest, Absent { proof, until });
    }

    /// An entry counts while it is proved that nothing has changed since, or that at most
    /// `max_staleness` has passed without proof.
    pub(super) fn counts(&self, digest: &KeyDigest, proof: Proof, now: Now) -> bool {
        self.is_fresh(since(proof), now) && self.is_unchanged(digest, proof)
    }

    /// Whether an entry that does not count may be used while the store does not answer.
    fn stands_in(&self, digest: &KeyDigest, proof: Proof, now: Now) -> bool {
        self.bound > self.max_staleness
            && self.fresh_for.load(Ordering::Relaxed) != 0
            && self.is_within(self.bound, since(proof), now)
            && self.is_unchanged(digest, proof)
    }

    /// Whether nothing is known to have changed since the answer's question.
    pub(super) fn is_unchanged(&self, digest: &KeyDigest, proof: Proof) -> bool {
        match proof {
            Proof::Sequenced { as_of, asked } => self.table.accepts(digest, as_of, asked),
            Proof::Unsequenced { stamp, .. } => self.table.stamp(digest) == stamp,
        }
    }

    /// Whether what the store said at `since`, on the elapsed clock, may be relied on now: because
    /// that is not long ago, or because all changes until not long ago are known.
    pub(super) fn is_fresh(&self, since: u64, now: Now) -> bool {
        self.is_within(self.fresh_for.load(Ordering::Relaxed), since, now)
    }

    /// From now on nothing that was known before counts.
    pub(super) fn retire(&self) {
        self.fresh_for.store(0, Ordering::Relaxed);
    }

    fn is_within(&self, age: u64, since: u64, now: Now) -> bool {
        let proved_at = self.table.checked_at().max(since);
        // 0 is "never": before the first poll nothing cached counts.
        proved_at != 0 && now.elapsed.saturating_sub(proved_at) <= age
    }
}

/// What an answer counts from, whatever is known of changes.
fn since(proof: Proof) -> u64 {
    match proof {
        Proof::Sequenced { .. } => 0,
        Proof::Unsequenced { since, .. } => since.get(),
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
