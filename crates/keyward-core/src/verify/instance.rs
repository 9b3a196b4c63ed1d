//! A verifier with a name: it signs in the store, so that others can wait for what it knows.

use std::sync::Arc;
use std::time::Duration;

use super::cache::Cache;
use super::question;
use crate::clock::Clock;
use crate::store::{ChangeFeed, Changes, LEASE, Position, Sign, StoreError};

/// How often it signs when nobody waits.
const RENEWAL: Duration = Duration::from_secs(10);

pub(super) struct Registration {
    id: u64,
    name: String,
    feed: Arc<dyn ChangeFeed>,
    cache: Arc<Cache>,
    clock: Arc<dyn Clock>,
    /// How long the store may take to answer.
    limit: Duration,
    signed: Option<Signed>,
    /// It has to sign, and the store did not take that yet.
    is_due: bool,
    is_failing: bool,
}

#[derive(Clone, Copy)]
struct Signed {
    position: Position,
    /// On the elapsed clock, before the store did it.
    at: u64,
}

impl Registration {
    pub(super) fn new(
        name: String,
        feed: Arc<dyn ChangeFeed>,
        cache: Arc<Cache>,
        clock: Arc<dyn Clock>,
        limit: Duration,
    ) -> Self {
        Self {
            id: rand::random(),
            name,
            feed,
            cache,
            clock,
            limit,
            signed: None,
            is_due: false,
            is_failing: false,
        }
    }

    /// The time at which a poll that began at `started` proves that something is still true.
    ///
    /// Whoever waits takes an instance for gone that has not signed for long; so one that could not
    /// sign for long relies on nothing.
    pub(super) fn vouched(&self, started: u64) -> u64 {
        self.signed.map_or(0, |signed| started.min(signed.at.saturating_add(nanos(LEASE))))
    }

    /// Signs when somebody waits for what a poll brought, or when it is time. Says whether it signed
    /// for the first time: only what a later poll proves is vouched for.
    pub(super) async fn attend(&mut self, changes: &Changes) -> bool {
        let Some(position) = self.feed.table().position() else { return false };
        let at = self.clock.now().elapsed;
        self.is_due |= match (self.signed, changes) {
            (None, _) | (_, Changes::Lost { .. }) => true,
            (Some(signed), Changes::Since { awaited, .. }) => {
                let known = signed.position;
                // Not ahead of what was signed, and another one: the sequence was lost, and a
                // verifier over the same handle has heard of that.
                let is_lost = position != known && position.seq <= known.seq;
                let is_awaited = *awaited > known.seq && position.seq > known.seq;
                is_lost || is_awaited || at.saturating_sub(signed.at) >= nanos(RENEWAL)
            }
        };
        if !self.is_due {
            return false;
        }
        match self.sign(position).await {
            Ok(true) => {}
            // The sequence was lost meanwhile; the next poll says so.
            Ok(false) => return false,
            Err(error) => {
                if !self.is_failing {
                    let source = std::error::Error::source(&error).map(ToString::to_string);
                    tracing::warn!(target: "keyward", %error, source, "cannot sign as an instance");
                }
                self.is_failing = true;
                return false;
            }
        }
        (self.is_due, self.is_failing) = (false, false);
        self.signed.replace(Signed { position, at }).is_none()
    }

    async fn sign(&self, position: Position) -> Result<bool, StoreError> {
        let Some(instances) = self.feed.instances() else { return Ok(false) };
        let bound = self.cache.bound();
        let sign = Sign { id: self.id, name: self.name.clone(), position, bound };
        question::ask(self.limit, || instances.sign(&sign)).await
    }

    /// Nobody needs to wait for it any more: it accepts nothing without asking the store.
    pub(super) async fn end(&self) {
        self.cache.retire();
        if let Some(instances) = self.feed.instances() {
            // Whoever waits learns it by its silence otherwise.
            let _ = question::ask(self.limit, || instances.sign_off(self.id)).await;
        }
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
