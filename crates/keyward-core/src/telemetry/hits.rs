//! What is counted at a hit. Each thread counts for itself, so that nobody waits for another, and the
//! metrics learn the sum from time to time.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The hits of this process.
static HITS: Hits = Hits::new();

struct Hits {
    threads: Mutex<Threads>,
    /// Requests that were let in and were no hits, less the hits that were not let in.
    otherwise: AtomicI64,
}

struct Threads {
    running: Vec<Arc<Thread>>,
    /// What threads had counted that have ended since.
    ended: u64,
    /// The sum, the last time.
    taken: u64,
}

/// What one thread has counted, since it began. Alone in what a processor fetches at once, with its
/// neighbour.
#[derive(Default)]
#[repr(align(128))]
struct Thread(AtomicU64);

thread_local! {
    static THREAD: Arc<Thread> = HITS.enter();
}

/// A request's key was in memory.
#[inline]
pub(crate) fn hit() {
    // A thread that is ending counts no more.
    let _ = THREAD.try_with(|thread| thread.hit());
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

impl Thread {
    /// Only its own thread adds to it: no other can come between.
    #[inline]
    fn hit(&self) {
        self.0.store(self.0.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }
}

impl Hits {
    const fn new() -> Self {
        let threads = Mutex::new(Threads { running: Vec::new(), ended: 0, taken: 0 });
        Self { threads, otherwise: AtomicI64::new(0) }
    }

    #[cold]
    fn enter(&self) -> Arc<Thread> {
        let thread = Arc::new(Thread::default());
        let mut threads = self.lock();
        threads.forget_ended();
        threads.running.push(Arc::clone(&thread));
        thread
    }

    fn take(&self) -> (u64, u64) {
        let hits = self.lock().take();
        let otherwise = self.otherwise.swap(0, Ordering::Relaxed);
        if let Some(let_in) = u64::checked_add_signed(hits, otherwise) {
            return (hits, let_in);
        }
        // A refusal came long after its hit: it is taken from the next ones.
        self.otherwise.fetch_add(otherwise.saturating_add_unsigned(hits), Ordering::Relaxed);
        (hits, 0)
    }

    fn lock(&self) -> MutexGuard<'_, Threads> {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Threads {
    fn take(&mut self) -> u64 {
        self.forget_ended();
        let running: u64 = self.running.iter().map(|it| it.0.load(Ordering::Relaxed)).sum();
        let sum = self.ended + running;
        sum - std::mem::replace(&mut self.taken, sum)
    }

    fn forget_ended(&mut self) {
        let ended = &mut self.ended;
        self.running.retain_mut(|thread| match Arc::get_mut(thread) {
            Some(thread) => {
                *ended += *thread.0.get_mut();
                false
            }
            None => true,
        });
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
            for _ in 0..100 {
                threads.spawn(|| {
                    let thread = hits.enter();
                    (0..1_000).for_each(|_| thread.hit());
                });
            }
            for _ in 0..100 {
                taken += hits.take().0;
            }
        });
        assert_eq!(taken + hits.take().0, 100_000);
        assert_eq!(hits.take(), (0, 0));
        assert!(hits.lock().running.is_empty(), "those that have ended are forgotten");
    }

    #[test]
    fn a_refusal_after_its_hit_was_taken_comes_off_the_next() {
        let hits = Hits::new();
        let thread = hits.enter();
        thread.hit();
        assert_eq!(hits.take(), (1, 1));
        hits.otherwise.fetch_sub(2, Ordering::Relaxed);
        thread.hit();
        assert_eq!(hits.take(), (1, 0));
        assert_eq!(hits.take(), (0, 0));
        (0..3).for_each(|_| thread.hit());
        assert_eq!(hits.take(), (3, 2));
    }
}
