//! Whether what answers came with and what polls bring is one sequence.

use std::collections::BTreeMap;

use super::{Change, Position};

/// The sequence as far as it is known to be one.
#[derive(Debug, Default)]
pub(super) struct History {
    /// Where the last poll came to.
    position: Option<Position>,
    /// Where answers stood that were ahead of it, by number. The next poll says whether they are of
    /// the same history: after a failover that lost them, others may have their numbers.
    ahead: BTreeMap<u64, u64>,
    /// Two answers were not of one history, or more were ahead than are kept.
    is_torn: bool,
}

impl History {
    const MOST_AHEAD: usize = 10_000;

    pub(super) fn position(&self) -> Option<Position> {
        self.position
    }

    /// An answer came from here.
    pub(super) fn meet(&mut self, at: Position) {
        let Some(position) = self.position else { return };
        if self.is_torn || at.seq < position.seq {
            return;
        }
        let known = if position.seq == at.seq {
            position.mark
        } else {
            *self.ahead.entry(at.seq).or_insert(at.mark)
        };
        self.is_torn = known != at.mark || self.ahead.len() > Self::MOST_AHEAD;
    }

    /// Whether what answers came with is among the changes up to here, in which nothing is left out.
    pub(super) fn is_of(&self, changes: &[Change], head: Position) -> bool {
        let mut met = self.ahead.range(..=head.seq);
        !self.is_torn
            && met.all(|(seq, mark)| {
                let place = changes.binary_search_by_key(seq, |change| change.seq);
                place.is_ok_and(|place| changes[place].mark == *mark)
            })
    }

    /// Goes on from here.
    pub(super) fn come_to(&mut self, head: Position) {
        self.ahead = self.ahead.split_off(&head.seq.saturating_add(1));
        self.position = Some(head);
    }
}

/// One that begins here.
impl From<Position> for History {
    fn from(position: Position) -> Self {
        Self { position: Some(position), ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_more_answers_than_are_kept_none_is_believed_and_no_more_are_kept() {
        let mut history = History::from(Position { seq: 0, mark: 0 });
        let most = History::MOST_AHEAD as u64;
        for seq in 1..=most {
            history.meet(Position { seq, mark: seq });
        }
        assert!(history.is_of(&[], Position { seq: 0, mark: 0 }));
        for seq in most + 1..2 * most {
            history.meet(Position { seq, mark: seq });
        }
        assert!(!history.is_of(&[], Position { seq: 0, mark: 0 }));
        assert_eq!(history.ahead.len(), History::MOST_AHEAD + 1);
    }
}
