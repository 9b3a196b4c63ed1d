use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use super::Counts;
use crate::clock::Timestamp;
use crate::verify::RejectionKind;

/// What was counted of one cached key since somebody took it away. A hit stores one number and adds
/// to another.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    /// In milliseconds since 1970; 0 when nobody was let in.
    last_used: AtomicI64,
    requests: AtomicU32,
    refused: [AtomicU32; 4],
}

/// What became of a request that was not let pass.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Denial {
    Scope,
    Limited,
    Expired,
    Revoked,
}

/// What was taken away of a key's counters.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Taken {
    pub(crate) last_used_at: Option<Timestamp>,
    pub(crate) counts: Counts,
}

impl Denial {
    /// Nothing, for a refusal that is none of a key's.
    pub(crate) fn of(kind: RejectionKind) -> Option<Self> {
        match kind {
            RejectionKind::Scope | RejectionKind::Resource => Some(Self::Scope),
            RejectionKind::RateLimited => Some(Self::Limited),
            RejectionKind::Expired => Some(Self::Expired),
            RejectionKind::Revoked => Some(Self::Revoked),
            _ => None,
        }
    }
}

impl Counters {
    /// A request that the layer lets in.
    #[inline]
    pub(crate) fn let_in(&self, now: Timestamp) {
        self.last_used.store(now.as_millis(), Ordering::Relaxed);
        // Whoever sees the request sees when it was.
        self.requests.fetch_add(1, Ordering::Release);
    }

    /// A request that the layer refuses.
    pub(crate) fn keep_out(&self, denial: Denial) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.refuse(denial);
    }

    /// A request that was let in, and is refused all the same.
    pub(crate) fn refuse(&self, denial: Denial) {
        self.refused[denial as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.requests.load(Ordering::Relaxed) == 0
            && self.refused.iter().all(|count| count.load(Ordering::Relaxed) == 0)
    }

    /// Begins anew, with what there was.
    pub(crate) fn take(&self) -> Taken {
        let requests = self.requests.swap(0, Ordering::Acquire).into();
        let [scope_refused, limited, expired, revoked] = [0, 1, 2, 3]
            .map(|denial: usize| self.refused[denial].swap(0, Ordering::Relaxed).into());
        let last_used = self.last_used.swap(0, Ordering::Relaxed);
        Taken {
            last_used_at: (last_used != 0).then(|| Timestamp::from_millis(last_used)),
            counts: Counts { requests, scope_refused, limited, expired, revoked },
        }
    }
}
