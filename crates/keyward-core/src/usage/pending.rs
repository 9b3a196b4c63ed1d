use std::collections::BTreeMap;

use super::Counters;
use super::counters::Taken;
use crate::clock::Timestamp;
use crate::key::KeyId;
use crate::store::Use;

/// What was counted and waits to be written, a row for each key and hour, and no more than so many.
#[derive(Debug)]
pub(crate) struct Pending {
    rows: BTreeMap<(KeyId, Timestamp), Taken>,
    most: usize,
}

impl Pending {
    pub(crate) fn new(most: usize) -> Self {
        Self { rows: BTreeMap::new(), most }
    }

    /// Takes what was counted of a key over to this hour. When it would be a row too many, the
    /// counters keep it, and this says no.
    pub(crate) fn collect(&mut self, id: &str, hour: Timestamp, counters: &Counters) -> bool {
        if counters.is_idle() {
            return true;
        }
        let place = (KeyId::new(id), hour);
        if let Some(row) = self.rows.get_mut(&place) {
            let Taken { last_used_at, counts } = counters.take();
            row.last_used_at = row.last_used_at.max(last_used_at);
            row.counts += counts;
            return true;
        }
        let has_room = self.rows.len() < self.most;
        if has_room {
            self.rows.insert(place, counters.take());
        }
        has_room
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it is time to write, whatever the time.
    pub(crate) fn is_half_full(&self) -> bool {
        self.rows.len() >= self.most / 2
    }

    /// The next rows to write, by their ids.
    pub(crate) fn take(&mut self, most: usize) -> Vec<Use> {
        let mut uses = Vec::with_capacity(most.min(self.rows.len()));
        while uses.len() < most
            && let Some(((id, hour), Taken { last_used_at, counts })) = self.rows.pop_first()
        {
            uses.push(Use { id, last_used_at, hour, counts });
        }
        uses
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::usage::{Counts, Denial};

    const HOUR: i64 = 3_600_000;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn a_key_has_one_row_an_hour_and_the_newest_use_counts() {
        let (mut pending, counters) = (Pending::new(10), Counters::default());
        for millis in [7, 5] {
            counters.let_in(at(HOUR + millis));
            assert!(pending.collect("a", at(HOUR), &counters));
        }
        counters.keep_out(Denial::Expired);
        assert!(pending.collect("a", at(2 * HOUR), &counters));
        assert!(pending.collect("a", at(3 * HOUR), &counters), "nothing was counted");
        let first = Counts { requests: 2, ..Counts::default() };
        let second = Counts { requests: 1, expired: 1, ..Counts::default() };
        let row = |hour, last_used_at, counts| Use {
            id: KeyId::new("a"),
            last_used_at,
            hour: at(hour),
            counts,
        };
        let rows = [row(HOUR, Some(at(HOUR + 7)), first), row(2 * HOUR, None, second)];
        assert_eq!(pending.take(10), rows);
        assert!(pending.take(10).is_empty());
    }

    #[test]
    fn what_finds_no_room_stays_where_it_was_counted() {
        let (mut pending, one, other) = (Pending::new(1), Counters::default(), Counters::default());
        one.let_in(at(1));
        other.let_in(at(2));
        assert!(pending.collect("b", at(0), &one));
        assert!(!pending.collect("a", at(0), &other));
        one.let_in(at(3));
        assert!(pending.collect("b", at(0), &one), "its row is there");
        assert_eq!(pending.take(10)[0].counts.requests, 2);
        assert!(pending.collect("a", at(0), &other));
        assert_eq!(pending.take(10)[0].counts.requests, 1);
    }

    #[test]
    fn rows_come_by_their_ids_in_batches() {
        let mut pending = Pending::new(10);
        for id in ["c", "a", "b"] {
            let counters = Counters::default();
            counters.let_in(at(1));
            assert!(pending.collect(id, at(0), &counters));
        }
        let mut batch = || -> Vec<_> {
            pending.take(2).into_iter().map(|it| it.id.as_str().to_owned()).collect()
        };
        assert_eq!(
            (batch(), batch(), batch()),
            (vec!["a".into(), "b".into()], vec!["c".into()], vec![])
        );
    }
}
