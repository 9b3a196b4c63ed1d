use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Standing;
use crate::clock::{Now, Timestamp};

/// Nanoseconds in what windows are measured in.
const TICK: u64 = 10_000_000;
/// A minute.
const LENGTH: u64 = 6_000;
/// 268 million requests in a minute are more than a process verifies. The bits above are ticks of
/// the elapsed clock: 21 years of a running machine.
const COUNT_BITS: u32 = 28;
const MOST: u64 = (1 << COUNT_BITS) - 1;

/// A minute that starts with its first request: when that was, and how many there have been.
#[derive(Debug, Default)]
pub(crate) struct Window(AtomicU64);

impl Window {
    /// Counts a request, if there is room for one more.
    pub(crate) fn admit(&self, limit: NonZeroU32, now: Now) -> Result<Standing, Standing> {
        let tick = now.elapsed / TICK;
        let most = u64::from(limit.get()).min(MOST);
        let mut seen = self.0.load(Ordering::Relaxed);
        loop {
            let (start, count) =
                if is_running(seen, tick) { (seen >> COUNT_BITS, seen & MOST) } else { (tick, 0) };
            if count >= most {
                return Err(standing(limit, count, start, now));
            }
            let next = (start << COUNT_BITS) | (count + 1);
            match self.0.compare_exchange_weak(seen, next, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return Ok(standing(limit, count + 1, start, now)),
                Err(other) => seen = other,
            }
        }
    }

    /// Whether there is no room for one more, and until when.
    pub(crate) fn full(&self, limit: NonZeroU32, now: Now) -> Option<Standing> {
        let seen = self.0.load(Ordering::Relaxed);
        let (start, count) = (seen >> COUNT_BITS, seen & MOST);
        let is_full = count >= u64::from(limit.get()).min(MOST);
        (is_full && is_running(seen, now.elapsed / TICK))
            .then(|| standing(limit, count, start, now))
    }

    pub(super) fn is_running(&self, now: Now) -> bool {
        is_running(self.0.load(Ordering::Relaxed), now.elapsed / TICK)
    }
}

/// A window that began after this request read the clock, on another thread, is running.
fn is_running(window: u64, tick: u64) -> bool {
    window & MOST != 0 && tick < (window >> COUNT_BITS) + LENGTH
}

fn standing(limit: NonZeroU32, count: u64, start: u64, now: Now) -> Standing {
    let requests = u32::try_from(count).unwrap_or(u32::MAX);
    let left = ((start + LENGTH) * (TICK / 1_000_000)).saturating_sub(now.elapsed / 1_000_000);
    let end = now.timestamp.as_millis().saturating_add_unsigned(left);
    Standing::new(limit, requests, left, Timestamp::from_millis(end))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::thread;

    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn limit(requests: u32) -> NonZeroU32 {
        NonZeroU32::new(requests).unwrap()
    }

    /// So long after the machine was started, which was in the year 2026.
    fn at(nanos: u64) -> Now {
        let millis = 1_767_693_600_000 + i64::try_from(nanos / 1_000_000).unwrap();
        Now { elapsed: nanos, timestamp: Timestamp::from_millis(millis) }
    }

    #[test]
    fn a_window_starts_at_its_first_request_and_admits_its_limit() {
        let window = Window::default();
        let first = window.admit(limit(2), at(7 * SECOND)).unwrap();
        assert_eq!((first.limit().get(), first.remaining()), (2, 1));
        assert_eq!((first.resets_in(), first.resets_at()), (60, 1_767_693_667));
        let second = window.admit(limit(2), at(60 * SECOND)).unwrap();
        assert_eq!((second.remaining(), second.resets_in()), (0, 7));
        let refused = window.admit(limit(2), at(67 * SECOND - 1)).unwrap_err();
        assert_eq!((refused.remaining(), refused.resets_in()), (0, 1));
        assert_eq!(refused.resets_at(), 1_767_693_667);
        let next = window.admit(limit(2), at(67 * SECOND)).unwrap();
        assert_eq!((next.remaining(), next.resets_at()), (1, 1_767_693_727));
    }

    #[test]
    fn whoever_waits_as_long_as_is_said_is_admitted() {
        for start in [1, 9_999_999, 123_456_789, SECOND - 1] {
            for after in [0, 1, 999_999, 5_000_001, SECOND, 59 * SECOND + 999_999_999] {
                let window = Window::default();
                assert!(window.admit(limit(1), at(start)).is_ok());
                let Err(refused) = window.admit(limit(1), at(start + after)) else {
                    // Ticks end up to 10 ms early, which nobody is told.
                    assert!(start % TICK + after >= 60 * SECOND);
                    continue;
                };
                let later = start + after + u64::from(refused.resets_in()) * SECOND;
                assert!(window.admit(limit(1), at(later)).is_ok(), "{start} {after}");
            }
        }
    }

    #[test]
    fn a_limit_that_changes_counts_at_once_and_forgives_nothing() {
        let window = Window::default();
        for _ in 0..4 {
            assert!(window.admit(limit(5), at(SECOND)).is_ok());
        }
        assert_eq!(window.admit(limit(3), at(SECOND)).unwrap_err().remaining(), 0);
        assert_eq!(window.admit(limit(6), at(SECOND)).unwrap().remaining(), 1);
    }

    #[test]
    fn a_clock_read_before_the_window_began_is_within_it() {
        let window = Window::default();
        assert!(window.admit(limit(2), at(5 * SECOND)).is_ok());
        assert_eq!(window.admit(limit(2), at(4 * SECOND)).unwrap().resets_in(), 60);
        assert!(window.admit(limit(2), at(64 * SECOND)).is_err());
    }

    #[test]
    fn threads_that_meet_at_the_end_of_a_window_share_the_next_one() {
        let window = Window::default();
        let admitted = AtomicUsize::new(0);
        for minute in 1..50 {
            admitted.store(0, Ordering::SeqCst);
            thread::scope(|threads| {
                for thread in 0..8 {
                    let (window, admitted) = (&window, &admitted);
                    threads.spawn(move || {
                        for request in 0..100 {
                            let now = at(minute * 61 * SECOND + (thread * 100 + request) * 1_000);
                            let counted = window.admit(limit(100), now).is_ok();
                            admitted.fetch_add(counted.into(), Ordering::SeqCst);
                        }
                    });
                }
            });
            assert_eq!(admitted.load(Ordering::SeqCst), 100);
        }
    }
}
