//! What one process knows of a store's changes, and whether an answer is still true.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::futures::Notified;
use tokio::sync::{Notify, watch};

use super::history::History;
use crate::key::{KeyDigest, KeyId};

/// A place in the change sequence.
///
/// The mark is random, written with its change: a sequence that ran backwards, was pruned or comes
/// from a backup does not have the mark that was seen before, so one comparison finds them all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The number of a change; 0 is the making of the store.
    pub seq: u64,
    /// What was drawn for that change.
    pub mark: u64,
}

/// One change of one key.
#[derive(Debug, Clone)]
pub struct Change {
    /// Its place in commit order.
    pub seq: u64,
    /// What was drawn for it.
    pub mark: u64,
    /// Which key.
    pub id: KeyId,
    /// What it is stored under.
    pub digest: KeyDigest,
    /// What was done.
    pub operation: Operation,
}

/// What a change did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// A key was made.
    Created,
    /// Anything about it was changed, its revocation included.
    Updated,
    /// It was removed.
    Deleted,
}

/// What a poll of the sequence brought.
#[derive(Debug)]
pub enum Changes {
    /// The position that was asked about is still part of the sequence.
    Since {
        /// What came after it, in order.
        changes: Vec<Change>,
        /// The place of the last of them, or the position that was asked about.
        head: Position,
        /// Whether there are more after `head`.
        more: bool,
        /// The highest number for which somebody waited until all
        /// [`Instances`](super::Instances) have it; 0 before anybody has.
        awaited: u64,
    },
    /// It is not, or there was none: nothing known before counts.
    Lost {
        /// Where the sequence stands.
        head: Position,
    },
}

/// The last change of every shard of digests, as far as this process knows.
///
/// An answer of the store counts if its snapshot is not older than its shard's last change (`seq`)
/// and the question was put after the shard's last barrier. A barrier stands for a change without a
/// number: one whose outcome is unknown, one in somebody's own table, or a sequence that was lost.
#[derive(Debug)]
pub struct ChangeTable {
    shards: Box<[Shard]>,
    ticks: AtomicU64,
    checked_at: AtomicU64,
    /// The highest number that an answer or a change of this process came with.
    seen: AtomicU64,
    history: Mutex<History>,
    /// Tells every poll over this table to come at once.
    wake: watch::Sender<()>,
    /// How often this process may have changed a key, or had something else to tell.
    own: watch::Sender<u64>,
    /// Who waits for a change, by shard, a few shards together.
    waiting: Box<[Notify]>,
}

#[derive(Debug, Default)]
struct Shard {
    seq: AtomicU64,
    barrier: AtomicU64,
}

/// What was known when a poll asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    pub(crate) position: Option<Position>,
    seen: u64,
    own: u64,
}

/// What a shard looked like when a question was put; equal later, nothing has changed since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    seq: u64,
    barrier: u64,
}

impl ChangeTable {
    /// 4096 shards are 64 KiB: one change makes a cached key in four thousand be looked up again.
    const SHARDS: usize = 4096;
    /// A change wakes one in so many of those who wait.
    const WAITING: usize = 64;

    /// A table that knows nothing.
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            shards: (0..Self::SHARDS).map(|_| Shard::default()).collect(),
            ticks: AtomicU64::new(0),
            checked_at: AtomicU64::new(0),
            seen: AtomicU64::new(0),
            history: Mutex::default(),
            wake: watch::Sender::default(),
            own: watch::Sender::default(),
            waiting: (0..Self::WAITING).map(|_| Notify::new()).collect(),
        })
    }

    /// Announces a change. Unless it is told how that ended, the dropped guard raises barriers.
    pub fn mutation(self: &Arc<Self>) -> Mutation {
        Mutation { table: Arc::clone(self), touched: Vec::new() }
    }

    /// Says that somebody heard of a change elsewhere: the next poll comes at once.
    pub fn wake(&self) {
        self.wake.send_replace(());
    }

    /// Says that there is something for all processes to look at, this one among them.
    pub fn wake_all(&self) {
        self.own.send_modify(|times| *times += 1);
        self.wake();
    }

    /// Changes whenever this process has changed a key, or may have, and when it
    /// [wakes all](Self::wake_all): for those who tell others, whose part is to [`wake`](Self::wake)
    /// the tables of theirs.
    pub fn own_changes(&self) -> watch::Receiver<u64> {
        self.own.subscribe()
    }

    /// No answer to a question put before now counts for this digest any more.
    pub fn raise_barrier(&self, digest: &KeyDigest) {
        let tick = self.ticks.fetch_add(1, Ordering::SeqCst) + 1;
        self.shard(digest).barrier.fetch_max(tick, Ordering::SeqCst);
        self.waiting(digest).notify_waiters();
    }

    fn changed_by_this_process(&self) {
        self.own.send_modify(|times| *times += 1);
    }

    fn raise_all_barriers(&self) {
        let tick = self.ticks.fetch_add(1, Ordering::SeqCst) + 1;
        for shard in &self.shards {
            shard.barrier.fetch_max(tick, Ordering::SeqCst);
        }
    }

    /// Changes whenever a poll shall come at once.
    pub(crate) fn wakes(&self) -> watch::Receiver<()> {
        self.wake.subscribe()
    }

    /// Waits until something may have changed about a digest, from this call on, awaited or not.
    pub(crate) fn changed(&self, digest: &KeyDigest) -> Notified<'_> {
        self.waiting(digest).notified()
    }

    pub(crate) fn position(&self) -> Option<Position> {
        self.lock().position()
    }

    /// What a poll asks about.
    pub(crate) fn ask(&self) -> Asked {
        let history = self.lock();
        let (seen, own) = (self.seen.load(Ordering::SeqCst), *self.own.borrow());
        Asked { position: history.position(), seen, own }
    }

    /// Says that the store had come to here in an answer, before anything of it is kept.
    pub(crate) fn saw(&self, at: Position) {
        let mut history = self.lock();
        self.seen.fetch_max(at.seq, Ordering::SeqCst);
        history.meet(at);
    }

    /// Takes in what a poll brought that began at `started`, on the elapsed clock.
    pub(crate) fn apply(&self, changes: &Changes, started: u64, asked: Asked) {
        let mut history = self.lock();
        match changes {
            Changes::Since { changes, head, more, .. }
                if (*more || head.seq >= asked.seen) && history.is_of(changes, *head) =>
            {
                for change in changes {
                    self.raise(&change.digest, change.seq);
                }
                if history.position().is_none_or(|known| known.seq < head.seq) {
                    history.come_to(*head);
                }
                if !more {
                    self.checked_at.fetch_max(started, Ordering::SeqCst);
                }
            }
            // Numbers above `head` are to be taken away, and what this process changed meanwhile has
            // one that stays: the question is put again.
            Changes::Since { head, .. } | Changes::Lost { head }
                if head.seq < asked.seen && *self.own.borrow() != asked.own =>
            {
                self.wake();
            }
            // A sequence that ends before a number that was seen has lost its end before a poll came
            // there, as in a failover: the position's mark does not tell. So has one in which others
            // have taken the numbers that were seen.
            Changes::Since { head, .. } | Changes::Lost { head } => {
                // Twice: an entry must not count while the numbers are gone, nor may a question
                // that was put before a change whose number is among those that are taken away, or
                // whose answer's number is.
                self.raise_all_barriers();
                let set = |number: &AtomicU64| {
                    if head.seq < asked.seen {
                        number.store(head.seq, Ordering::SeqCst);
                    } else {
                        number.fetch_max(head.seq, Ordering::SeqCst);
                    }
                };
                // Not 0: what changed before `head` is never told by a poll, so a replica that has
                // not come that far may not answer.
                self.shards.iter().for_each(|shard| set(&shard.seq));
                set(&self.seen);
                self.raise_all_barriers();
                *history = History::from(*head);
                if !matches!(changes, Changes::Since { more: true, .. }) {
                    self.checked_at.fetch_max(started, Ordering::SeqCst);
                }
                self.waiting.iter().for_each(Notify::notify_waiters);
            }
        }
    }

    /// When the last successful poll began, on the elapsed clock; 0 before the first.
    pub(crate) fn checked_at(&self) -> u64 {
        self.checked_at.load(Ordering::Acquire)
    }

    /// The moment of a question, to be compared with barriers.
    pub(crate) fn tick(&self) -> u64 {
        self.ticks.load(Ordering::SeqCst)
    }

    pub(crate) fn stamp(&self, digest: &KeyDigest) -> Stamp {
        let shard = self.shard(digest);
        Stamp {
            seq: shard.seq.load(Ordering::SeqCst),
            barrier: shard.barrier.load(Ordering::SeqCst),
        }
    }

    /// Whether an answer as of `as_of` to a question put at `asked` still counts.
    pub(crate) fn accepts(&self, digest: &KeyDigest, as_of: u64, asked: u64) -> bool {
        let shard = self.shard(digest);
        as_of >= shard.seq.load(Ordering::Acquire) && asked >= shard.barrier.load(Ordering::Acquire)
    }

    fn lock(&self) -> MutexGuard<'_, History> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn raise(&self, digest: &KeyDigest, seq: u64) {
        // A poll tells again what this process did itself: nobody is woken twice.
        if self.shard(digest).seq.fetch_max(seq, Ordering::SeqCst) < seq {
            self.waiting(digest).notify_waiters();
        }
    }

    fn shard(&self, digest: &KeyDigest) -> &Shard {
        &self.shards[Self::index(digest) % Self::SHARDS]
    }

    fn waiting(&self, digest: &KeyDigest) -> &Notify {
        &self.waiting[Self::index(digest) % Self::WAITING]
    }

    fn index(digest: &KeyDigest) -> usize {
        let bytes = digest.as_bytes();
        u16::from_le_bytes([bytes[0], bytes[1]]).into()
    }
}

/// A change on its way, so that its caller may be dropped at any point without a stale answer.
#[derive(Debug)]
pub struct Mutation {
    table: Arc<ChangeTable>,
    touched: Vec<KeyDigest>,
}

impl Mutation {
    /// Says that the change is about this digest, before it is committed.
    pub fn touch(&mut self, digest: KeyDigest) {
        self.touched.push(digest);
    }

    /// It is committed, its last number is this.
    pub fn committed(mut self, seq: u64) {
        // All of it between two polls, or before one.
        let _history = self.table.lock();
        self.table.seen.fetch_max(seq, Ordering::SeqCst);
        for digest in self.touched.drain(..) {
            self.table.raise(&digest, seq);
        }
        self.table.changed_by_this_process();
    }

    /// It did certainly not happen.
    pub fn rolled_back(mut self) {
        self.touched.clear();
    }
}

impl Drop for Mutation {
    fn drop(&mut self) {
        for digest in &self.touched {
            self.table.raise_barrier(digest);
        }
        if !self.touched.is_empty() {
            self.table.changed_by_this_process();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Else a process that changes keys all the time could never rely on what it knows.
    #[test]
    fn a_first_poll_counts_though_this_process_commits_meanwhile() {
        let table = ChangeTable::new();
        let digest = KeyDigest::sha256(b"a key");
        let asked = table.ask();
        let mut mutation = table.mutation();
        mutation.touch(digest);
        mutation.committed(51);
        let head = Position { seq: 50, mark: 7 };
        table.apply(&Changes::Lost { head }, 1, asked);
        assert_eq!((table.position(), table.checked_at()), (Some(head), 1));
        assert!(!table.accepts(&digest, 50, table.tick()), "an answer of before the commit");
        assert!(table.accepts(&digest, 51, table.tick()));
    }

    /// The history in which the sequence had come to 100 is gone, as after a backup was restored.
    #[test]
    fn a_commit_stands_though_a_poll_before_it_says_that_the_sequence_was_lost() {
        let table = ChangeTable::new();
        let digest = KeyDigest::sha256(b"a key");
        table.saw(Position { seq: 100, mark: 1 });
        let asked = table.ask();
        let mut mutation = table.mutation();
        mutation.touch(digest);
        mutation.committed(51);
        let head = |seq| Changes::Lost { head: Position { seq, mark: 7 } };

        table.apply(&head(50), 1, asked);
        assert!(!table.accepts(&digest, 50, table.tick()), "an answer of before the commit");
        assert_eq!((table.position(), table.checked_at()), (None, 0), "and is asked again");

        table.apply(&head(51), 1, table.ask());
        assert!(!table.accepts(&digest, 50, table.tick()));
        assert!(table.accepts(&digest, 51, table.tick()));
    }
}
