use std::time::Duration;

use super::breaker::{Breaker, Words};
use crate::limit::{Counted, Hit, SharedLimits};
use crate::telemetry;

const WORDS: Words = Words {
    down: "who counts for all processes does not answer: this process limits keys by itself",
    up: "who counts for all processes answers again",
};

/// Whoever counts requests for several processes, as long as it answers.
pub(super) struct Shared {
    limits: Box<dyn SharedLimits>,
    breaker: Breaker,
}

impl Shared {
    /// With so much time for each answer.
    pub(super) fn new(limits: Box<dyn SharedLimits>, limit: Duration) -> Self {
        Self { limits, breaker: Breaker::new(limit, WORDS) }
    }

    /// Whether it is left alone for a while, because it does not answer.
    pub(super) fn is_away(&self) -> bool {
        self.breaker.is_open()
    }

    /// Nothing, when there is no answer in time.
    pub(super) async fn count(&self, hit: &Hit<'_>) -> Option<Counted> {
        let counted = self.ask(hit).await;
        if counted.is_none() {
            telemetry::counted_alone();
        }
        counted
    }

    async fn ask(&self, hit: &Hit<'_>) -> Option<Counted> {
        if !self.breaker.admit() {
            return None;
        }
        self.breaker.ask(self.breaker.limit(), || self.limits.count(hit)).await.ok()
    }
}
