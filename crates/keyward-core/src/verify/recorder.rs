//! Who has been counted, and what of that waits to be written.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::cache::Known;
use crate::clock::Timestamp;
use crate::store::Use;
use crate::usage::Pending;

/// So many keys are looked at while those that come into the cache wait.
const STRETCH: usize = 256;
/// So many new keys are let come before what has gone is looked for.
const LEAST: usize = 1024;

/// The cached keys, whose counters are collected from time to time. Touched when a key comes into
/// the cache, not at a hit.
///
/// It holds a key that has left the cache until its counters are collected, a quarter of the cache
/// more at most.
#[derive(Debug)]
pub(super) struct Recorder {
    state: Mutex<State>,
    is_half_full: Notify,
}

#[derive(Debug)]
struct State {
    known: Vec<Arc<Known>>,
    /// With so many there may be some whom nobody else holds.
    collect_at: usize,
    /// The hour in which what the counters hold was counted.
    hour: Timestamp,
    pending: Pending,
    /// Rows that were taken and of which it is not known that they are written.
    taken: usize,
    lost: u64,
}

impl Recorder {
    /// For a cache of so many keys: twice as many rows may wait, and a few.
    pub(super) fn new(cached_keys: u64, now: Timestamp) -> Self {
        let most = usize::try_from(cached_keys).unwrap_or(usize::MAX).saturating_mul(2);
        let state = Mutex::new(State {
            known: Vec::new(),
            collect_at: LEAST,
            hour: now.start_of_hour(),
            pending: Pending::new(most.max(4 * LEAST)),
            taken: 0,
            lost: 0,
        });
        Self { state, is_half_full: Notify::new() }
    }

    /// A key that came into the cache.
    pub(super) fn watch(&self, known: &Arc<Known>) {
        let mut state = self.lock();
        state.known.push(Arc::clone(known));
        if state.known.len() >= state.collect_at {
            state.collect(usize::MAX, usize::MAX);
            state.collected();
            if state.pending.is_half_full() {
                self.is_half_full.notify_one();
            }
        }
    }

    /// Collects what all counters hold. What they count from now on is of this hour.
    pub(super) fn collect(&self, now: Timestamp) {
        let mut left = usize::MAX;
        while left > 0 {
            left = self.lock().collect(left, STRETCH);
        }
        let mut state = self.lock();
        state.collected();
        state.hour = now.start_of_hour();
    }

    /// Returns when so many rows wait that more may find no room before it is time to write.
    pub(super) async fn half_full(&self) {
        self.is_half_full.notified().await;
    }

    /// The next rows to write.
    pub(super) fn take(&self, most: usize) -> Vec<Use> {
        let mut state = self.lock();
        let uses = state.pending.take(most);
        state.taken += uses.len();
        uses
    }

    /// So many of them are written.
    pub(super) fn written(&self, rows: usize) {
        self.lock().taken -= rows;
    }

    /// How many rows wait to be written.
    pub(super) fn backlog(&self) -> usize {
        let state = self.lock();
        state.pending.len() + state.taken
    }

    /// How many requests found no room since somebody asked.
    pub(super) fn take_lost(&self) -> u64 {
        std::mem::take(&mut self.lock().lost)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Looks at so many of the first `left` keys, from behind, and says how many of these are left.
    /// Others that come or go meanwhile stay behind.
    fn collect(&mut self, left: usize, most: usize) -> usize {
        let left = left.min(self.known.len());
        let end = left.saturating_sub(most);
        for place in (end..left).rev() {
            let known = &mut self.known[place];
            // Asked first: nobody counts any more after nobody holds it.
            let is_held = Arc::get_mut(known).is_none();
            let is_collected = self.pending.collect(known.identity.id(), self.hour, &known.uses);
            if !is_held {
                if !is_collected {
                    self.lost += known.uses.take().counts.requests;
                }
                self.known.swap_remove(place);
            }
        }
        end
    }

    fn collected(&mut self) {
        self.collect_at = self.known.len() + (self.known.len() / 4).max(LEAST);
    }
}
