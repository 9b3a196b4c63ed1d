use std::collections::VecDeque;

use crate::audit::{AuditEntry, AuditQuery};

/// The newest entries, in the order of their numbers.
#[derive(Debug, Default)]
pub(super) struct Trail {
    entries: VecDeque<AuditEntry>,
    last: u64,
}

impl Trail {
    const KEPT: usize = 100_000;

    pub(super) fn append(&mut self, entries: Vec<AuditEntry>) {
        for mut entry in entries {
            self.last += 1;
            entry.number = Some(self.last);
            self.entries.push_back(entry);
            if self.entries.len() > Self::KEPT {
                self.entries.pop_front();
            }
        }
    }

    pub(super) fn list(&self, query: &AuditQuery) -> Vec<AuditEntry> {
        let entries = self.entries.iter().rev();
        entries
            .filter(|entry| query.after.is_none_or(|after| entry.number < Some(after)))
            .filter(|entry| query.key.as_ref().is_none_or(|key| entry.key == *key))
            .filter(|entry| query.workspace.as_ref().is_none_or(|it| entry.workspace == *it))
            .take(query.limit)
            .cloned()
            .collect()
    }
}
