//! Asks the store what has changed: the guarantee behind every cached answer.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, debug_span};

use super::breaker::{Breaker, pause};
use super::gauges::refresh_metrics;
use super::instance::Registration;
use crate::clock::Clock;
use crate::store::{ChangeFeed, Changes, StoreError};

/// At most twenty polls a second, however often it is woken.
const LEAST_GAP: Duration = Duration::from_millis(50);

pub(super) struct Poller {
    pub(super) feed: Arc<dyn ChangeFeed>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) breaker: Arc<Breaker>,
    /// The time between polls when nothing wakes it.
    pub(super) interval: Duration,
    /// How long the store may take to answer.
    pub(super) limit: Duration,
    /// Of a verifier with a name.
    pub(super) registration: Option<Registration>,
    pub(super) stop: CancellationToken,
}

impl Poller {
    pub(super) async fn run(mut self) {
        let stop = self.stop.clone();
        stop.run_until_cancelled(self.poll_forever()).await;
        if let Some(registration) = self.registration {
            registration.end().await;
        }
    }

    async fn poll_forever(&mut self) {
        let mut woken = self.feed.table().wakes();
        let mut failures = 0;
        loop {
            let gap = Instant::now() + LEAST_GAP;
            let polled = self.poll().instrument(debug_span!(target: "keyward", "poll")).await;
            refresh_metrics();
            let rest = match polled {
                Ok(more) => {
                    failures = 0;
                    if more {
                        continue;
                    }
                    self.interval
                }
                Err(error) => {
                    if failures == 0 {
                        let source = std::error::Error::source(&error).map(ToString::to_string);
                        tracing::warn!(target: "keyward", %error, source, "cannot ask for changes");
                    }
                    failures += 1;
                    pause(failures - 1).min(self.interval)
                }
            };
            tokio::select! {
                () = sleep(rest) => {}
                _ = woken.changed() => {}
            }
            sleep_until(gap).await;
        }
    }

    /// One question; whether another one has to be put at once.
    async fn poll(&mut self) -> Result<bool, StoreError> {
        let table = self.feed.table();
        // Knowledge is as old as the question, not as its answer.
        let started = self.clock.now().elapsed;
        let asked = table.ask();
        let question = || self.feed.changes_since(asked.position);
        let changes = self.breaker.ask(self.limit, question).await?;
        let registration = self.registration.as_mut();
        let proved_at = registration.as_ref().map_or(started, |it| it.vouched(started));
        table.apply(&changes, proved_at, asked);
        let signed_first = match registration {
            Some(registration) => registration.attend(&changes).await,
            None => false,
        };
        Ok(signed_first || matches!(changes, Changes::Since { more: true, .. }))
    }
}
