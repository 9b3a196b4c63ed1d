use std::num::NonZeroU32;

use crate::dialect::LimitId;

/// How a key stood with one limit when a request was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub(super) limit: NonZeroU32,
    pub(super) remaining: u32,
    pub(super) resets_in: u32,
    pub(super) name: Option<LimitId>,
    pub(super) resets_at: u64,
}

impl Standing {
    /// Requests a minute.
    pub fn limit(&self) -> NonZeroU32 {
        self.limit
    }

    /// How many more requests its minute admits.
    pub fn remaining(&self) -> u32 {
        self.remaining
    }

    /// Seconds until its minute is over, rounded up: 1 to 60.
    pub fn resets_in(&self) -> u32 {
        self.resets_in
    }

    /// When its minute is over: seconds since 1970, rounded up.
    pub fn resets_at(&self) -> u64 {
        self.resets_at
    }

    /// Which of the dialect's named limits it is; `None` for the one that counts every request.
    pub fn name(&self) -> Option<LimitId> {
        self.name
    }

    /// The one of two that ends sooner if requests go on.
    pub(super) fn tighter(self, other: Self) -> Self {
        if other.remaining <= self.remaining { other } else { self }
    }
}
