use std::sync::{Arc, Mutex, PoisonError};

use super::{LimitField, Standing};
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
    /// A bit for each limit. Held while somebody is asked, so that nobody else asks.
    counted: tokio::sync::Mutex<u32>,
    tightest: Mutex<Option<Standing>>,
}

impl Tally {
    pub(crate) fn new(every: Option<Standing>, dialect: &Dialect) -> Self {
        let named = (!dialect.named_limits().is_empty()).then(|| {
            let (dialect, counted, tightest) = (dialect.clone(), 0.into(), Mutex::default());
            Arc::new(Named { dialect, counted, tightest })
        });
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

    /// Counts the request by a named limit, in the way that is given, and only if it has not been
    /// counted by it before.
    pub(crate) async fn count_once(
        &self,
        limit: LimitId,
        count: impl Future<Output = Option<Result<Standing, Standing>>>,
    ) -> Result<(), Standing> {
        let Some(named) = &self.named else { return Ok(()) };
        let bit = 1 << limit.index();
        let mut counted = named.counted.lock().await;
        if *counted & bit != 0 {
            return Ok(());
        }
        let Some(admitted) = count.await else { return Ok(()) };
        let (Ok(standing) | Err(standing)) = admitted;
        named.note(standing);
        if admitted.is_ok() {
            *counted |= bit;
        }
        admitted.map(drop)
    }
}

impl Named {
    fn note(&self, standing: Standing) {
        let mut tightest = self.tightest.lock().unwrap_or_else(PoisonError::into_inner);
        *tightest = Some(tightest.map_or(standing, |other| other.tighter(standing)));
    }

    fn tightest(&self) -> Option<Standing> {
        *self.tightest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
