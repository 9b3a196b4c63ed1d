//! When a key was last used, and how often: for each hour, by what became of its requests.
//!
//! A [`Verifier`](crate::verify::Verifier) counts in memory and writes every few seconds, and when it
//! is [shut down](crate::verify::Verifier::shutdown); no request writes or waits for a write.
//! [`KeyManager::usage`](crate::manage::KeyManager::usage) reads the series back, and records show
//! when they were [last used](crate::key::KeyRecord::last_used_at).
//!
//! A request counts once, for the key that it came with, however many layers it passes. A key is
//! used when a layer lets it in, also where its route then refuses it.

mod counters;
mod pending;

pub(crate) use counters::{Counters, Denial};
pub(crate) use pending::Pending;

use std::ops::AddAssign;

use crate::clock::Timestamp;

/// The requests of one key in one hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsePoint {
    /// When the hour began, UTC.
    pub hour: Timestamp,
    /// How many there were.
    pub counts: Counts,
}

/// How many requests there were, and what became of them.
///
/// ```
/// use keyward_core::usage::Counts;
///
/// let counts = Counts { requests: 10, scope_refused: 2, limited: 1, ..Counts::default() };
/// assert_eq!(counts.ok(), 7);
/// assert_eq!(Counts::default().ok(), 0);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// All of them.
    pub requests: u64,
    /// Refused with 403: the key was good, but not for this scope, resource or workspace.
    pub scope_refused: u64,
    /// Refused as one too many.
    pub limited: u64,
    /// Refused because the key's time was over.
    pub expired: u64,
    /// Refused because the key had been revoked, also while the request was in flight.
    pub revoked: u64,
}

impl Counts {
    /// Those that keyward let pass.
    pub fn ok(&self) -> u64 {
        // A request that is refused in the hour after it came is among the refused of that one.
        let refused = self.scope_refused + self.limited + self.expired + self.revoked;
        self.requests.saturating_sub(refused)
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.requests += other.requests;
        self.scope_refused += other.scope_refused;
        self.limited += other.limited;
        self.expired += other.expired;
        self.revoked += other.revoked;
    }
}
