//! What is counted at a hit. Many threads count at once, so each has a place of its own, and the
//! metrics learn the sum from time to time.

use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};

/// Mostly more than there are threads that serve requests. Those that share a place count as exactly,
/// but wait for each other.
const PLACES: usize = 64;

/// The hits of this process.
static HITS: Hits = Hits::new();

struct Hits {
    places: [Place; PLACES],
    /// Requests that were let in and were no hits, less the hits that were not let in.
    otherwise: AtomicI64,
}

/// Alone in what a processor fetches at once, with its neighbour.
#[repr(align(128))]
struct Place(AtomicU64);

thread_local! {
    static PLACE: usize = {
        static THREADS: AtomicUsize = AtomicUsize::new(0);
        THREADS.fetch_add(1, Ordering::Relaxed) % PLACES
    };
}

/// A request's key was in memory.
#[inline]
pub(crate) fn hit() {
    HITS.hit();
}

/// A request was let in whose key was asked for.
pub(crate) fn let_in() {
    HITS.otherwise.fetch_add(1, Ordering::Relaxed);
}

/// A request that was counted as a hit, or as let in, is refused, or was counted before.
#[cold]
pub(crate) fn not_let_in() {
    HITS.otherwise.fetch_sub(1, Ordering::Relaxed);
}

/// The hits since the last time, and how many requests were let in.
pub(super) fn take() -> (u64, u64) {
    HITS.take()
}

impl Hits {
    const fn new() -> Self {
        let places = [const { Place(AtomicU64::new(0)) }; PLACES];
        Self { places, otherwise: AtomicI64::new(0) }
    }

    #[inline]
    fn hit(&self) {
        PLACE.with(|place| self.places[*place].0.fetch_add(1, Ordering::Relaxed));
    }

    fn take(&self) -> (u64, u64) {
        let hits = self.places.iter().map(|place| place.0.swap(0, Ordering::Relaxed)).sum();
        let otherwise = self.otherwise.swap(0, Ordering::Relaxed);
        if let Some(let_in) = u64::checked_add_signed(hits, otherwise) {
            return (hits, let_in);
        }
        // A refusal came long after its hit: it is taken from the next ones.
        self.otherwise.fetch_add(otherwise.saturating_add_unsigned(hits), Ordering::Relaxed);
        (hits, 0)
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn every_hit_of_every_thread_is_counted_once() {
        let hits = Hits::new();
        let mut taken = 0;
        thread::scope(|threads| {
            for _ in 0..2 * PLACES {
                threads.spawn(|| (0..1_000).for_each(|_| hits.hit()));
            }
            for _ in 0..100 {
                taken += hits.take().0;
            }
        });
        assert_eq!(taken + hits.take().0, 2 * PLACES as u64 * 1_000);
        assert_eq!(hits.take(), (0, 0));
    }

    #[test]
    fn a_refusal_after_its_hit_was_taken_comes_off_the_next() {
        let hits = Hits::new();
        hits.hit();
        assert_eq!(hits.take(), (1, 1));
        hits.otherwise.fetch_sub(2, Ordering::Relaxed);
        hits.hit();
        assert_eq!(hits.take(), (1, 0));
        assert_eq!(hits.take(), (0, 0));
        (0..3).for_each(|_| hits.hit());
        assert_eq!(hits.take(), (3, 2));
    }
}
