use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use super::state::State;
use crate::clock::Timestamp;
use crate::key::KeyId;
use crate::store::Flush;
use crate::usage::{Counts, UsePoint};

/// How keys are used, and what is needed to know a flush again.
#[derive(Debug, Default)]
pub(super) struct Uses {
    keys: HashMap<KeyId, BTreeMap<Timestamp, Counts>>,
    /// The last flush of each recorder.
    recorders: HashMap<u64, (u64, Timestamp)>,
}

impl Uses {
    /// A key that was deleted.
    pub(super) fn forget(&mut self, id: &KeyId) {
        self.keys.remove(id);
    }
}

impl State {
    pub(super) fn record(&mut self, flush: &Flush) {
        let last = self.uses.recorders.get(&flush.recorder);
        if last.is_some_and(|(number, _)| *number >= flush.number) {
            return;
        }
        self.uses.recorders.insert(flush.recorder, (flush.number, flush.at));
        for used in &flush.uses {
            let Some(stored) = self.keys.get_mut(&used.id) else { continue };
            let last = &mut stored.record.last_used_at;
            *last = (*last).max(used.last_used_at);
            let hours = self.uses.keys.entry(used.id.clone()).or_default();
            *hours.entry(used.hour).or_default() += used.counts;
        }
    }

    pub(super) fn usage(&self, id: &KeyId, hours: Range<Timestamp>) -> Vec<UsePoint> {
        let Some(kept) = self.uses.keys.get(id).filter(|_| hours.start < hours.end) else {
            return Vec::new();
        };
        kept.range(hours).map(|(hour, counts)| UsePoint { hour: *hour, counts: *counts }).collect()
    }

    pub(super) fn prune_uses(&mut self, before: Timestamp) {
        for hours in self.uses.keys.values_mut() {
            *hours = hours.split_off(&before);
        }
        self.uses.recorders.retain(|_, (_, at)| *at >= before);
    }
}
