//! What is counted at a hit. Many threads count at once, so each has a place of its own, and the
//! metrics learn the sum from time to time.

use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};

/// More than there are threads that serve requests, mostly. Threads that share a place count as
/// exactly, but wait for each other.
const PLACES: usize = 64;

/// Alone in what a processor fetches at once, with its neighbour.
#[repr(align(128))]
struct Place(AtomicU64);

static HITS: [Place; PLACES] = [const { Place(AtomicU64::new(0)) }; PLACES];

/// How many requests were let in that were no hits, less the hits that were not let in.
static OTHERWISE: AtomicI64 = AtomicI64::new(0);

thread_local! {
    static PLACE: usize = {
        static THREADS: AtomicUsize = AtomicUsize::new(0);
        THREADS.fetch_add(1, Ordering::Relaxed) % PLACES
    };
}

/// A request's key was in memory.
#[inline]
pub(crate) fn hit() {
    PLACE.with(|place| HITS[*place].0.fetch_add(1, Ordering::Relaxed));
}

/// A request was let in whose key was asked for.
pub(crate) fn let_in() {
    OTHERWISE.fetch_add(1, Ordering::Relaxed);
}

/// One that was counted as let in, or as a hit, is refused, or is counted twice.
#[cold]
pub(crate) fn not_let_in() {
    OTHERWISE.fetch_sub(1, Ordering::Relaxed);
}

/// The hits since the last time, and how many requests were let in.
pub(super) fn take() -> (u64, u64) {
    let hits = HITS.iter().map(|place| place.0.swap(0, Ordering::Relaxed)).sum();
    let otherwise = OTHERWISE.swap(0, Ordering::Relaxed);
    let let_in = i128::from(hits) + i128::from(otherwise);
    // A refusal may come long after its hit: it is taken from the next ones.
    let owed = i64::try_from(let_in.min(0)).unwrap_or_default();
    OTHERWISE.fetch_add(owed, Ordering::Relaxed);
    (hits, u64::try_from(let_in).unwrap_or_default())
}
