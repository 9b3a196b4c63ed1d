use std::num::NonZeroU32;

use super::LimitStyle;
use crate::clock::Timestamp;
use crate::dialect::LimitId;

/// How a key stood with one limit when a request was counted.
///
/// Small, since every verified request carries one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub(super) limit: NonZeroU32,
    pub(super) remaining: u32,
    pub(super) resets_at: u32,
    pub(super) resets_in: u8,
    pub(super) name: Option<LimitId>,
    pub(super) style: LimitStyle,
}

impl Standing {
    /// After so many requests of a minute that is over in so many milliseconds. The meter says which
    /// limit it is and how it is shown.
    #[inline]
    pub(super) fn new(limit: NonZeroU32, requests: u32, left: u64, ends_at: Timestamp) -> Self {
        let ends_at = ends_at.as_millis().max(0).cast_unsigned();
        Self {
            limit,
            remaining: limit.get().saturating_sub(requests),
            resets_at: u32::try_from(ends_at.div_ceil(1000)).unwrap_or(u32::MAX),
            resets_in: u8::try_from(left.div_ceil(1000)).unwrap_or(60).clamp(1, 60),
            name: None,
            style: LimitStyle::default(),
        }
    }

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
        self.resets_in.into()
    }

    /// When its minute is over: seconds since 1970, rounded up, as far as the year 2106.
    pub fn resets_at(&self) -> u64 {
        self.resets_at.into()
    }

    /// Which of the dialect's named limits it is; `None` for the one that counts every request.
    pub fn name(&self) -> Option<LimitId> {
        self.name
    }

    /// How a response says it.
    pub fn style(&self) -> LimitStyle {
        self.style
    }

    /// The one of two that ends sooner if requests go on.
    pub(super) fn tighter(self, other: Self) -> Self {
        if other.remaining <= self.remaining { other } else { self }
    }
}
