//! Where it is kept when and how often keys are used.

use std::ops::Range;

use async_trait::async_trait;

use super::StoreError;
use crate::clock::Timestamp;
use crate::key::KeyId;
use crate::usage::{Counts, UsePoint};

/// How often keys are used, hour by hour. Part of a [`KeyLookup`](super::KeyLookup).
#[async_trait]
pub trait UseStore: Send + Sync {
    /// Adds this to what there is, all in one transaction. That is no change of a key: it touches
    /// no version and no sequence number.
    ///
    /// A key's last use never goes back. A key that does not exist is left out. A flush that is
    /// there already, by its recorder and number, is not added again.
    ///
    /// # Errors
    /// When the store cannot be reached. It may have been added or not: the same flush will come
    /// again.
    async fn record(&self, flush: &Flush) -> Result<(), StoreError>;

    /// What was counted of a key in the hours that begin in this span, the oldest first; an hour
    /// without a request may be left out.
    ///
    /// # Errors
    /// When the store cannot say.
    async fn usage(&self, id: &KeyId, hours: Range<Timestamp>)
    -> Result<Vec<UsePoint>, StoreError>;

    /// Forgets some of the hours that began before, in a short transaction, and recorders that have
    /// been silent for as long. Whether there is more to forget.
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn prune(&self, before: Timestamp) -> Result<bool, StoreError>;
}

/// What a recorder writes at once.
#[derive(Debug, Clone)]
pub struct Flush {
    /// Drawn when it started: one that is started again is another recorder.
    pub recorder: u64,
    /// Counts its flushes, from 1. It puts the next one when it knows that this one is there.
    pub number: u64,
    /// When it was put together.
    pub at: Timestamp,
    /// By id and hour, no pair of them twice; not more than a few thousand.
    pub uses: Vec<Use>,
}

/// What was counted of a key in an hour, since the flush before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// Which key.
    pub id: KeyId,
    /// When it was used, if it was.
    pub last_used_at: Option<Timestamp>,
    /// When the hour began.
    pub hour: Timestamp,
    /// How many requests there were.
    pub counts: Counts,
}
