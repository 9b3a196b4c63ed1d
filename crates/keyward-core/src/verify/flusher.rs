//! Writes when and how often keys were used.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use super::question;
use super::recorder::Recorder;
use crate::ConfigError;
use crate::clock::{Clock, Timestamp};
use crate::store::{Flush, KeyLookup, StoreError, UseStore};
use crate::telemetry;

/// So many rows are written in one transaction: 10,000 keys are five of them, and whoever revokes a
/// key meanwhile waits for one.
const BATCH: usize = 2_048;
/// How long the store may take for one.
const LIMIT: Duration = Duration::from_secs(10);
/// How long all may take at the end.
const FAREWELL: Duration = Duration::from_secs(10);
const HOUR: Duration = Duration::from_hours(1);

pub(super) struct Flusher {
    lookup: Arc<dyn KeyLookup>,
    recorder: Arc<Recorder>,
    clock: Arc<dyn Clock>,
    settings: Settings,
    id: u64,
    number: u64,
    /// The store has it or not: it is put again before any other.
    unanswered: Option<Flush>,
    is_failing: bool,
    prune_at: Instant,
    stop: CancellationToken,
}

/// How uses are recorded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Settings {
    pub(super) interval: Duration,
    pub(super) retention: Duration,
}

impl Settings {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if !(Duration::from_millis(100)..=Duration::from_mins(10)).contains(&self.interval) {
            return Err(ConfigError::new("set the use interval between 100 ms and ten minutes"));
        }
        if self.retention < Duration::from_hours(24) {
            return Err(ConfigError::new("set the use retention to a day or longer"));
        }
        Ok(())
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self { interval: Duration::from_secs(5), retention: Duration::from_hours(90 * 24) }
    }
}

impl Flusher {
    pub(super) fn new(
        lookup: Arc<dyn KeyLookup>,
        recorder: Arc<Recorder>,
        clock: Arc<dyn Clock>,
        settings: Settings,
        stop: CancellationToken,
    ) -> Self {
        Self {
            lookup,
            recorder,
            clock,
            settings,
            id: rand::random(),
            number: 0,
            unanswered: None,
            is_failing: false,
            // Not all processes at one time.
            prune_at: Instant::now() + HOUR.mul_f64(rand::random()),
            stop,
        }
    }

    pub(super) async fn run(mut self) {
        let lookup = Arc::clone(&self.lookup);
        let Some(store) = lookup.uses() else { return };
        let stop = self.stop.clone();
        while stop.run_until_cancelled(self.rest()).await.is_some() {
            self.collect();
            let written = self.write(store).await;
            self.tell(written);
        }
        self.collect();
        let written = timeout(FAREWELL, self.write(store)).await;
        let written = written.unwrap_or_else(|elapsed| Err(StoreError::unavailable(elapsed)));
        self.tell(written);
    }

    fn collect(&self) -> Timestamp {
        let now = self.clock.now().timestamp;
        self.recorder.collect(now);
        now
    }

    /// Waits until it is time to write. Where an hour ends, what was counted in it is collected.
    async fn rest(&self) {
        let due =
            Instant::now() + self.settings.interval.mul_f64(1.0 - rand::random::<f64>() / 5.0);
        let mut now = self.clock.now().timestamp;
        loop {
            let passed = now.as_millis() - now.start_of_hour().as_millis();
            let turn = HOUR.saturating_sub(Duration::from_millis(passed.unsigned_abs()));
            let turns = Instant::now() + turn < due;
            tokio::select! {
                () = sleep(turn), if turns => now = self.collect(),
                () = sleep_until(due) => return,
                // A store that takes nothing is asked no sooner for that.
                () = self.recorder.half_full(), if !self.is_failing => return,
            }
        }
    }

    /// Writes all that was collected, as far as the store takes it.
    async fn write(&mut self, store: &dyn UseStore) -> Result<(), StoreError> {
        while let Some(flush) = self.next() {
            let rows = flush.uses.len();
            let recorded = question::ask(LIMIT, || store.record(&flush)).await;
            if recorded.is_err() {
                self.unanswered = Some(flush);
                return recorded;
            }
            self.recorder.written(rows);
        }
        if Instant::now() >= self.prune_at {
            self.prune_at = Instant::now() + HOUR;
            let before = self.clock.now().timestamp.minus(self.settings.retention);
            while question::ask(LIMIT, || store.prune(before)).await? {}
        }
        Ok(())
    }

    fn next(&mut self) -> Option<Flush> {
        self.unanswered.take().or_else(|| {
            let uses = self.recorder.take(BATCH);
            if uses.is_empty() {
                return None;
            }
            self.number += 1;
            let at = self.clock.now().timestamp;
            Some(Flush { recorder: self.id, number: self.number, at, uses })
        })
    }

    /// Says once that the store takes nothing, and what that cost.
    fn tell(&mut self, written: Result<(), StoreError>) {
        match written {
            Ok(()) => self.is_failing = false,
            Err(error) if !self.is_failing => {
                self.is_failing = true;
                let source = std::error::Error::source(&error).map(ToString::to_string);
                tracing::warn!(target: "keyward", %error, source, "cannot write how keys are used");
            }
            Err(_) => {}
        }
        let lost = self.recorder.take_lost();
        if lost > 0 {
            telemetry::use_lost(lost);
            tracing::warn!(target: "keyward", requests = lost, "some use of keys is not recorded");
        }
    }
}
