use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::Meter;
use super::meter::Windows;
use crate::clock::Now;
use crate::dialect::Dialect;
use crate::key::{KeyId, KeyRecord};

/// How often idle keys are looked for, in nanoseconds: a minute.
const SWEEP_AFTER: u64 = 60_000_000_000;

/// The windows of the keys that have limits. Touched when a key comes into the cache, not at a hit.
///
/// A key leaves when nobody holds its windows and none is running. It holds twice the keys of the
/// cache and a few: beyond that a key that fell out of the cache loses its windows, and so begins
/// new ones.
#[derive(Debug)]
pub(crate) struct Table {
    capacity: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    windows: HashMap<KeyId, Arc<Windows>, ahash::RandomState>,
    swept: u64,
}

impl Table {
    /// For a cache of so many keys.
    pub(crate) fn new(cached_keys: u64) -> Self {
        let capacity = usize::try_from(cached_keys).unwrap_or(usize::MAX).saturating_mul(2);
        Self { capacity: capacity.max(1024), state: Mutex::default() }
    }

    /// What a key is counted by; `None` where neither it nor its dialect has a limit.
    pub(crate) fn meter(&self, record: &KeyRecord, dialect: &Dialect, now: Now) -> Option<Meter> {
        let per_minute = record.rate_limit_per_min.or(dialect.rate_limit_per_min());
        let named = dialect.named_limits().len();
        if per_minute.is_none() && named == 0 {
            return None;
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let full = state.windows.len() >= self.capacity;
        if full || now.elapsed.saturating_sub(state.swept) >= SWEEP_AFTER {
            state.swept = now.elapsed;
            state.windows.retain(|_, windows| is_held(windows) || windows.is_running(now));
            if state.windows.len() >= self.capacity {
                state.windows.retain(|_, windows| is_held(windows));
            }
        }
        let windows = if let Some(windows) = state.windows.get(&record.id) {
            Arc::clone(windows)
        } else {
            let windows = Arc::new(Windows::new(named));
            state.windows.insert(record.id.clone(), Arc::clone(&windows));
            windows
        };
        Some(Meter::new(per_minute, dialect.limit_style(), windows))
    }
}

/// Whether a key of the cache or a request has the windows. Under the lock nobody else gets them.
fn is_held(windows: &Arc<Windows>) -> bool {
    Arc::strong_count(windows) > 1
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;
    use crate::clock::Timestamp;

    const SECOND: u64 = 1_000_000_000;

    fn at(seconds: u64) -> Now {
        Now { elapsed: seconds * SECOND, timestamp: Timestamp::from_millis(0) }
    }

    fn record(id: &impl ToString) -> KeyRecord {
        let mut record = KeyRecord::new(KeyId::new(id.to_string()), "acme", "live");
        record.rate_limit_per_min = NonZeroU32::new(1);
        record
    }

    fn meter(table: &Table, id: &impl ToString, now: Now) -> Meter {
        table.meter(&record(id), &Dialect::standard(), now).unwrap()
    }

    fn admits(meter: &Meter, now: Now) -> bool {
        meter.admit(None, &Dialect::standard(), now).unwrap().is_ok()
    }

    fn len(table: &Table) -> usize {
        table.state.lock().unwrap().windows.len()
    }

    #[test]
    fn what_was_counted_outlives_whoever_held_it() {
        let table = Table::new(0);
        assert!(admits(&meter(&table, &"a", at(1)), at(1)));
        for seconds in [2, 59, 60] {
            assert!(!admits(&meter(&table, &"a", at(seconds)), at(seconds)));
        }
        assert!(admits(&meter(&table, &"b", at(60)), at(60)));
        assert!(admits(&meter(&table, &"a", at(61)), at(61)));
    }

    #[test]
    fn a_key_without_a_limit_is_not_in_the_table() {
        let table = Table::new(0);
        let record = KeyRecord::new(KeyId::new("a"), "acme", "live");
        assert!(table.meter(&record, &Dialect::standard(), at(1)).is_none());
        assert_eq!(len(&table), 0);
    }

    #[test]
    fn idle_keys_leave() {
        let table = Table::new(100_000);
        let held = meter(&table, &"held", at(1));
        for id in 0..50_000 {
            assert!(admits(&meter(&table, &id, at(1)), at(1)));
        }
        assert_eq!(len(&table), 50_001);
        assert!(admits(&meter(&table, &7, at(61)), at(61)));
        let _last = meter(&table, &"last", at(121));
        assert_eq!(len(&table), 2, "the one that is held and the last");
        drop(held);
    }

    #[test]
    fn the_table_is_bounded_however_many_keys_run() {
        let table = Table::new(1_000);
        let held: Vec<Meter> = (0..1_000).map(|id| meter(&table, &id, at(1))).collect();
        for id in 1_000..100_000 {
            assert!(admits(&meter(&table, &id, at(1)), at(1)));
            assert!(len(&table) <= 2_000);
        }
        for (id, held) in held.iter().enumerate() {
            assert!(admits(held, at(2)));
            assert!(!admits(&meter(&table, &id, at(2)), at(2)));
        }
    }
}
