use std::collections::{BTreeSet, HashMap, VecDeque};
use std::iter;
use std::ops::Bound;
use std::time::Instant;

use super::trail::Trail;
use super::uses::Uses;
use crate::audit::{AuditEntry, AuditQuery};
use crate::clock::Timestamp;
use crate::key::{KeyDigest, KeyId, KeyRecord};
use crate::store::{
    Change, Changes, Instance, ListQuery, Mutation, Operation, Position, Sign, StoreError, Write,
};

/// What the handles of one store share.
#[derive(Debug)]
pub(super) struct State {
    dialect: Option<String>,
    pub(super) keys: HashMap<KeyId, Stored>,
    ids: HashMap<KeyDigest, KeyId>,
    /// Every key by age, for lists.
    ages: BTreeSet<(Timestamp, KeyId)>,
    /// The newest changes.
    changes: VecDeque<Change>,
    /// What the oldest of them comes after.
    base: Position,
    head: Position,
    instances: HashMap<u64, (Sign, Instant)>,
    awaited: u64,
    trail: Trail,
    pub(super) uses: Uses,
}

#[derive(Debug, Clone)]
pub(super) struct Stored {
    digest: KeyDigest,
    pub(super) record: KeyRecord,
}

impl State {
    /// So many changes are kept, and so many a poll brings.
    const KEPT: usize = 100_000;
    const PAGE: usize = 1_000;

    pub(super) fn new() -> Self {
        let base = Position { seq: 0, mark: rand::random() };
        Self {
            dialect: None,
            keys: HashMap::new(),
            ids: HashMap::new(),
            ages: BTreeSet::new(),
            changes: VecDeque::new(),
            base,
            head: base,
            instances: HashMap::new(),
            awaited: 0,
            trail: Trail::default(),
            uses: Uses::default(),
        }
    }

    /// The dialect that claimed the store first, which may be this one.
    pub(super) fn claim(&mut self, dialect: &str) -> String {
        self.dialect.get_or_insert_with(|| dialect.to_owned()).clone()
    }

    pub(super) fn dialect(&self) -> Option<String> {
        self.dialect.clone()
    }

    /// Where the sequence stands.
    pub(super) fn head(&self) -> Position {
        self.head
    }

    pub(super) fn by_id(&self, id: &KeyId) -> Option<KeyRecord> {
        self.keys.get(id).map(|stored| stored.record.clone())
    }

    pub(super) fn by_digest(&self, digest: &KeyDigest) -> Option<KeyRecord> {
        self.by_id(self.ids.get(digest)?)
    }

    pub(super) fn list(&self, query: &ListQuery) -> Vec<KeyRecord> {
        let after = query.after.clone().map_or(Bound::Unbounded, Bound::Excluded);
        let range =
            if query.oldest_first { (after, Bound::Unbounded) } else { (Bound::Unbounded, after) };
        let mut ages = self.ages.range(range);
        iter::from_fn(|| if query.oldest_first { ages.next() } else { ages.next_back() })
            .filter_map(|(_, id)| self.keys.get(id).map(|stored| &stored.record))
            .filter(|record| asks_for(query, record))
            .skip(usize::try_from(query.skip).unwrap_or(usize::MAX))
            .take(query.limit)
            .cloned()
            .collect()
    }

    pub(super) fn count(&self, query: &ListQuery) -> u64 {
        self.keys.values().filter(|stored| asks_for(query, &stored.record)).count() as u64
    }

    pub(super) fn audit(&self, query: &AuditQuery) -> Vec<AuditEntry> {
        self.trail.list(query)
    }

    pub(super) fn changes_since(&self, position: Option<Position>) -> Changes {
        let Some(after) = position.and_then(|position| self.index_after(position)) else {
            return Changes::Lost { head: self.head };
        };
        let page: Vec<&Change> = self.changes.iter().skip(after).take(Self::PAGE).collect();
        let head = page.last().map(|change| Position { seq: change.seq, mark: change.mark });
        Changes::Since {
            more: after + page.len() < self.changes.len(),
            head: head.or(position).unwrap_or(self.base),
            changes: page.into_iter().cloned().collect(),
            awaited: self.awaited,
        }
    }

    pub(super) fn sign(&mut self, sign: &Sign) -> bool {
        let is_known = self.index_after(sign.position).is_some();
        if is_known {
            self.instances.insert(sign.id, (sign.clone(), Instant::now()));
        }
        is_known
    }

    pub(super) fn sign_off(&mut self, id: u64) {
        self.instances.remove(&id);
    }

    pub(super) fn await_all(&mut self) -> u64 {
        self.awaited = self.head.seq;
        self.awaited
    }

    pub(super) fn signed(&self) -> Vec<Instance> {
        let instance = |(sign, at): &(Sign, Instant)| Instance {
            name: sign.name.clone(),
            seq: sign.position.seq,
            bound: sign.bound,
            silence: at.elapsed(),
        };
        self.instances.values().map(instance).collect()
    }

    /// Where in `changes` the first one after this position is, if the position still exists.
    fn index_after(&self, position: Position) -> Option<usize> {
        if position == self.base {
            return Some(0);
        }
        let after = usize::try_from(position.seq.checked_sub(self.base.seq)?).ok()?;
        let change = self.changes.get(after.checked_sub(1)?)?;
        (change.mark == position.mark).then_some(after)
    }

    /// Does all writes or none, and says the last number of the sequence.
    pub(super) fn commit(
        &mut self,
        writes: Vec<Write>,
        mutation: &mut Mutation,
    ) -> Result<u64, StoreError> {
        let mut undo = Vec::new();
        let mut changed = Vec::new();
        let mut entries = Vec::new();
        for write in writes {
            match self.write(write, &mut undo, &mut entries) {
                Ok(change) => changed.extend(change),
                Err(error) => {
                    for (id, before) in undo.into_iter().rev() {
                        self.put(&id, before);
                    }
                    return Err(error);
                }
            }
        }
        self.trail.append(entries);
        for (id, digest, operation) in changed {
            mutation.touch(digest);
            if operation == Operation::Deleted {
                self.uses.forget(&id);
            }
            self.head = Position { seq: self.head.seq + 1, mark: rand::random() };
            let Position { seq, mark } = self.head;
            self.changes.push_back(Change { seq, mark, id, digest, operation });
        }
        while self.changes.len() > Self::KEPT {
            if let Some(oldest) = self.changes.pop_front() {
                self.base = Position { seq: oldest.seq, mark: oldest.mark };
            }
        }
        Ok(self.head.seq)
    }

    fn write(
        &mut self,
        write: Write,
        undo: &mut Vec<(KeyId, Option<Stored>)>,
        entries: &mut Vec<AuditEntry>,
    ) -> Result<Option<(KeyId, KeyDigest, Operation)>, StoreError> {
        let (id, after, digest, operation) = match write {
            Write::Insert { digest, record } => {
                let digest = digest.digest;
                if self.keys.contains_key(&record.id) || self.ids.contains_key(&digest) {
                    return Err(StoreError::exists());
                }
                let id = record.id.clone();
                (id, Some(Stored { digest, record: *record }), digest, Operation::Created)
            }
            Write::Replace { mut record, expected } => {
                let digest = self.expect(&record.id, expected)?;
                let id = record.id.clone();
                let last_use = self.keys.get(&id).and_then(|stored| stored.record.last_used_at);
                record.last_used_at = record.last_used_at.max(last_use);
                (id, Some(Stored { digest, record: *record }), digest, Operation::Updated)
            }
            Write::Delete { id, expected } => {
                let digest = self.expect(&id, expected)?;
                (id, None, digest, Operation::Deleted)
            }
            Write::Audit(entry) => {
                entries.push(*entry);
                return Ok(None);
            }
            Write::Require { id, expected } => {
                self.expect(&id, expected)?;
                return Ok(None);
            }
        };
        let before = self.put(&id, after);
        undo.push((id.clone(), before));
        Ok(Some((id, digest, operation)))
    }

    fn expect(&self, id: &KeyId, version: u64) -> Result<KeyDigest, StoreError> {
        self.keys
            .get(id)
            .filter(|stored| stored.record.version == version)
            .map(|stored| stored.digest)
            .ok_or_else(StoreError::conflict)
    }

    /// Keeps this of a key, or forgets it, and returns what was kept before.
    fn put(&mut self, id: &KeyId, after: Option<Stored>) -> Option<Stored> {
        let before = self.keys.remove(id);
        if let Some(before) = &before {
            self.ids.remove(&before.digest);
            self.ages.remove(&(before.record.created_at, id.clone()));
        }
        if let Some(after) = after {
            self.ids.insert(after.digest, id.clone());
            self.ages.insert((after.record.created_at, id.clone()));
            self.keys.insert(id.clone(), after);
        }
        before
    }
}

fn asks_for(query: &ListQuery, record: &KeyRecord) -> bool {
    query.workspace.as_ref().is_none_or(|it| *it == record.workspace)
        && (query.created_by.is_none() || query.created_by == record.created_by)
        && (query.rotated_to.is_none() || query.rotated_to == record.rotated_to)
        && query.revoked.is_none_or(|(is, at)| record.is_revoked(at) == is)
        && query.expired.is_none_or(|(has, at)| record.is_expired(at) == has)
        && query.kind.as_ref().is_none_or(|it| *it == record.kind)
        && query
            .name
            .as_ref()
            .is_none_or(|it| record.name.to_ascii_lowercase().contains(&it.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::StoredDigest;
    use crate::store::ChangeTable;

    fn insert(number: usize) -> Write {
        let id = KeyId::new(format!("key_{number}"));
        let digest = KeyDigest::sha256(id.as_str().as_bytes());
        Write::Insert {
            digest: StoredDigest::new(digest, None),
            record: Box::new(KeyRecord::new(id, "acme", "secret")),
        }
    }

    #[test]
    fn a_position_that_was_pruned_is_lost_and_the_oldest_kept_one_is_not() {
        let mut state = State::new();
        let mut mutation = ChangeTable::new().mutation();
        let start = state.head;
        state.commit(vec![insert(0)], &mut mutation).unwrap();
        let first = state.head;
        assert!(matches!(state.changes_since(Some(start)), Changes::Since { .. }));

        state.commit((1..=State::KEPT).map(insert).collect(), &mut mutation).unwrap();
        assert_eq!(state.changes.len(), State::KEPT);
        assert!(matches!(state.changes_since(Some(start)), Changes::Lost { .. }));
        let Changes::Since { changes, more, .. } = state.changes_since(Some(first)) else {
            panic!("what was pruned last is where the kept ones begin");
        };
        assert_eq!((changes[0].seq, changes.len(), more), (2, State::PAGE, true));
    }
}
