use std::sync::{Arc, Mutex, PoisonError};

use super::{LimitField, Meter, Standing};
use crate::clock::Now;
use crate::dialect::{Dialect, LimitId};

/// How a request was counted: what its response says of its key's limits. A cheap clone.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    every: Option<Standing>,
    /// Where the dialect has named limits.
    named: Option<Arc<Named>>,
}

/// What a request was counted by beside the limit of every request, as far as it has come.
#[derive(Debug)]
struct Named {
    dialect: Dialect,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// A bit for each limit.
    counted: u32,
    tightest: Option<Standing>,
}

impl Tally {
    pub(crate) fn new(every: Option<Standing>, dialect: &Dialect) -> Self {
        let named = (!dialect.named_limits().is_empty())
            .then(|| Arc::new(Named { dialect: dialect.clone(), state: Mutex::default() }));
        Self { every, named }
    }

    /// How the key stands: with several limits, with the one of which the least remains. `None` where
    /// nothing limits it.
    pub fn standing(&self) -> Option<Standing> {
        let named = self.named.as_ref().and_then(|named| named.tightest());
        match (self.every, named) {
            (Some(every), Some(named)) => Some(every.tighter(named)),
            (every, named) => every.or(named),
        }
    }

    /// Shows each header that says how the key [stands](Self::standing), without an allocation.
    #[inline]
    pub fn show(&self, show: impl FnMut(LimitField, &str)) {
        match (&self.named, &self.every) {
            (None, None) => {}
            (None, Some(standing)) => standing.style.show(standing, "default", show),
            (Some(named), _) => {
                if let Some(standing) = self.standing() {
                    named.dialect.show_limit(&standing, show);
                }
            }
        }
    }

    /// Counts the request by a named limit, once, however often its route asks for it.
    pub(crate) fn admit(&self, limit: LimitId, meter: &Meter, now: Now) -> Result<(), Standing> {
        self.named.as_ref().map_or(Ok(()), |named| named.admit(limit, meter, now))
    }
}

impl Named {
    fn admit(&self, limit: LimitId, meter: &Meter, now: Now) -> Result<(), Standing> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let bit = 1 << limit.index();
        if state.counted & bit != 0 {
            return Ok(());
        }
        let Some(admitted) = meter.admit_named(limit, &self.dialect, now) else { return Ok(()) };
        let (Ok(standing) | Err(standing)) = admitted;
        state.tightest = Some(state.tightest.map_or(standing, |other| other.tighter(standing)));
        if admitted.is_ok() {
            state.counted |= bit;
        }
        admitted.map(drop)
    }

    fn tightest(&self) -> Option<Standing> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).tightest
    }
}
