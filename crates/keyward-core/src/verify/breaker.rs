//! When somebody is asked: a store that is down costs a moment, not a timeout for each request.

use std::error::Error;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::question;
use crate::store::{StoreError, StoreErrorKind};

/// So many failures in a row open it. One that took half of the time that there is weighs as much.
const FAILURES: u32 = 3;
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Closed, every question is put. Open, one at a time is, after a pause that grows to a second; its
/// answer, or that of a poll, closes the breaker.
#[derive(Debug)]
pub(super) struct Breaker {
    /// How long the store may take to answer.
    limit: Duration,
    words: Words,
    state: Mutex<State>,
}

/// What the log says, once for each outage.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words {
    pub(super) down: &'static str,
    pub(super) up: &'static str,
}

impl Words {
    pub(super) const STORE: Self = Self {
        down: "the key store does not answer: it is left alone for a while",
        up: "the key store answers again",
    };
}

#[derive(Debug, Default)]
struct State {
    /// In a row, less those that were given up early.
    failures: u32,
    /// The last question failed.
    is_failing: bool,
    /// Open: when the next question may be put.
    probe_at: Option<Instant>,
    answered_at: Option<Instant>,
}

impl Breaker {
    pub(super) fn new(limit: Duration, words: Words) -> Self {
        Self { limit, words, state: Mutex::default() }
    }

    pub(super) fn limit(&self) -> Duration {
        self.limit
    }

    pub(super) fn is_open(&self) -> bool {
        self.lock().probe_at.is_some()
    }

    /// Whether the last question failed; sooner than it opens.
    pub(super) fn is_failing(&self) -> bool {
        self.lock().is_failing
    }

    /// Whether it would let a question pass now.
    pub(super) fn permits(&self) -> bool {
        self.lock().probe_at.is_none_or(|at| at <= Instant::now())
    }

    /// Lets a question pass, or not. While it is open, none other passes until that is answered.
    pub(super) fn admit(&self) -> bool {
        let mut state = self.lock();
        let Some(probe_at) = &mut state.probe_at else { return true };
        let now = Instant::now();
        let is_due = *probe_at <= now;
        if is_due {
            *probe_at = now + self.limit;
        }
        is_due
    }

    /// How long ago the store answered last; `None` before it has.
    pub(super) fn silence(&self) -> Option<Duration> {
        self.lock().answered_at.map(|at| at.elapsed())
    }

    /// Puts a question that was let pass, and learns from what comes of it. One with a limit of its
    /// own that is much shorter says little about the store when it is given up.
    pub(super) async fn ask<T, F>(
        &self,
        limit: Duration,
        question: impl FnOnce() -> F,
    ) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, StoreError>>,
    {
        let asked = Instant::now();
        let answer = question::ask(limit, question).await;
        match &answer {
            Err(error) if error.kind() == StoreErrorKind::Unavailable => {
                let weight = match asked.elapsed() {
                    took if took >= self.limit / 2 => FAILURES,
                    took if took >= limit => 0,
                    _ => 1,
                };
                self.failed(weight, error);
            }
            // A store that cannot read what it holds is there all the same.
            _ => self.answered(),
        }
        answer
    }

    fn answered(&self) {
        let mut state = self.lock();
        state.failures = 0;
        state.is_failing = false;
        state.answered_at = Some(Instant::now());
        let was_open = state.probe_at.take().is_some();
        // Every request looks here: none of them waits for a log.
        drop(state);
        if was_open {
            tracing::info!(target: "keyward", "{}", self.words.up);
        }
    }

    fn failed(&self, weight: u32, error: &StoreError) {
        let mut state = self.lock();
        state.is_failing = true;
        state.failures = state.failures.saturating_add(weight.min(1)).max(weight);
        let Some(pauses) = state.failures.checked_sub(FAILURES) else { return };
        let was_open = state.probe_at.replace(Instant::now() + pause(pauses)).is_some();
        drop(state);
        if !was_open {
            let error = error.source().map(tracing::field::display);
            tracing::warn!(target: "keyward", error, "{}", self.words.down);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long to wait after so many pauses before. Never the same: processes that lost one store shall
/// not come back to it at once.
pub(super) fn pause(before: u32) -> Duration {
    let pause = FIRST_PAUSE.saturating_mul(1 << before.min(8)).min(LONGEST_PAUSE);
    pause.mul_f64(0.5 + fastrand::f64() / 2.0)
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Metadata, Subscriber};

    use super::*;

    const LIMIT: Duration = Duration::from_secs(2);

    async fn fail(breaker: &Breaker) {
        let down = || ready(Err::<(), _>(StoreError::unavailable("down")));
        assert!(breaker.ask(LIMIT, down).await.is_err());
    }

    async fn answer(breaker: &Breaker) {
        assert!(breaker.ask(LIMIT, || ready(Ok(()))).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn failures_in_a_row_open_it_and_an_answer_closes_it() {
        let breaker = Breaker::new(LIMIT, Words::STORE);
        for _ in 0..3 {
            fail(&breaker).await;
            fail(&breaker).await;
            assert!(breaker.permits() && breaker.admit());
            answer(&breaker).await;
        }
        for _ in 0..FAILURES {
            fail(&breaker).await;
        }
        assert!(breaker.is_open() && !breaker.permits() && !breaker.admit());
        answer(&breaker).await;
        assert!(!breaker.is_open() && breaker.admit() && breaker.admit());
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_took_long_opens_it() {
        let breaker = Breaker::new(LIMIT, Words::STORE);
        assert!(breaker.ask(LIMIT, pending::<Result<(), _>>).await.is_err());
        assert!(breaker.is_open());
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_was_given_up_early_opens_nothing() {
        let breaker = Breaker::new(LIMIT, Words::STORE);
        for _ in 0..10 {
            assert!(breaker.ask(LIMIT / 20, pending::<Result<(), _>>).await.is_err());
            assert!(breaker.is_failing() && !breaker.is_open());
        }
        answer(&breaker).await;
        assert!(!breaker.is_failing());
    }

    #[tokio::test(start_paused = true)]
    async fn what_cannot_be_read_is_an_answer() {
        let breaker = Breaker::new(LIMIT, Words::STORE);
        for _ in 0..10 {
            let corrupt = || ready(Err::<(), _>(StoreError::new(StoreErrorKind::Corrupt, "?")));
            assert!(breaker.ask(LIMIT, corrupt).await.is_err());
        }
        assert!(!breaker.is_open());
    }

    #[tokio::test(start_paused = true)]
    async fn while_it_is_open_one_question_at_a_time_passes_after_a_pause_of_a_second_at_most() {
        let breaker = Breaker::new(LIMIT, Words::STORE);
        for _ in 0..FAILURES + 20 {
            fail(&breaker).await;
        }
        tokio::time::advance(FIRST_PAUSE / 2).await;
        assert!(!breaker.admit(), "the pause has grown");
        tokio::time::advance(LONGEST_PAUSE).await;
        assert!(breaker.admit());
        assert!(!breaker.permits() && !breaker.admit(), "one is under way");
        fail(&breaker).await;
        assert!(!breaker.admit());
        tokio::time::advance(LONGEST_PAUSE).await;
        assert!(breaker.admit());
        // The one under way was never answered.
        tokio::time::advance(LIMIT).await;
        assert!(breaker.admit());
    }

    /// A log that looks at the breaker, and counts what it is told.
    struct Log(Arc<Breaker>, Arc<AtomicUsize>);

    impl Subscriber for Log {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }

        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }

        fn event(&self, _: &Event<'_>) {
            assert!(self.0.state.try_lock().is_ok(), "requests would wait for the log");
            self.1.fetch_add(1, Ordering::SeqCst);
        }

        fn record(&self, _: &Id, _: &Record<'_>) {}
        fn record_follows_from(&self, _: &Id, _: &Id) {}
        fn enter(&self, _: &Id) {}
        fn exit(&self, _: &Id) {}
    }

    #[tokio::test(start_paused = true)]
    async fn a_log_that_takes_its_time_holds_nobody_up() {
        let (breaker, told) = (Arc::new(Breaker::new(LIMIT, Words::STORE)), Arc::default());
        let log = Log(Arc::clone(&breaker), Arc::clone(&told));
        let _here = tracing::subscriber::set_default(log);
        for _ in 0..FAILURES {
            fail(&breaker).await;
        }
        answer(&breaker).await;
        assert_eq!(told.load(Ordering::SeqCst), 2, "opened and closed");
    }
}
