//! How the verifiers of a process are, together: a recorder has one gauge for all of them.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::shared::Shared;
use super::verifier::{Inner, Verifier};
use crate::telemetry::{self, Gauges};

/// The verifiers that there are.
static VERIFIERS: Mutex<Vec<Weak<Inner>>> = Mutex::new(Vec::new());

/// From now on the gauges tell of this verifier too.
pub(super) fn watch(verifier: &Verifier) {
    telemetry::describe();
    let mut verifiers = VERIFIERS.lock().unwrap_or_else(PoisonError::into_inner);
    verifiers.retain(|verifier| verifier.strong_count() > 0);
    verifiers.push(Arc::downgrade(&verifier.0));
}

/// Shows how they are, and what was counted.
pub(crate) fn refresh_metrics() {
    // Not dropped under the lock: the last clone of one may be among them.
    let verifiers: Vec<Verifier> = {
        let verifiers = VERIFIERS.lock().unwrap_or_else(PoisonError::into_inner);
        verifiers.iter().filter_map(Weak::upgrade).map(Verifier).collect()
    };
    let running = verifiers.iter().filter(|verifier| !verifier.is_shut_down());
    telemetry::show(running.fold(Gauges::default(), |sum, verifier| Gauges {
        cached_keys: sum.cached_keys + verifier.0.cache.len(),
        without_store: sum.without_store + u32::from(verifier.0.breaker.is_open()),
        without_shared_limits: sum.without_shared_limits
            + u32::from(verifier.0.shared.as_ref().is_some_and(Shared::is_away)),
        use_backlog: sum.use_backlog
            + verifier.0.recorder.as_ref().map_or(0, |recorder| recorder.backlog()),
        freshness: sum.freshness.into_iter().chain(verifier.age()).reduce(f64::max),
    }));
}

impl Verifier {
    fn is_shut_down(&self) -> bool {
        self.0.stop.token().is_cancelled()
    }

    /// Seconds since what it knows was true; without end before the first poll.
    fn age(&self) -> Option<f64> {
        let age = self.freshness().map_or(f64::INFINITY, |age| age.as_secs_f64());
        self.0.polls.then_some(age)
    }
}
