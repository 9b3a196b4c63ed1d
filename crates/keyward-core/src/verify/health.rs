//! What a verifier can say of itself.

use std::fmt;
use std::time::Duration;

use super::verifier::Verifier;

/// How a [`Verifier`] is, for a `/ready` or a dashboard. As text it is a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Health {
    /// Its store answers.
    Ready,
    /// Its store does not answer. Keys that it knows are judged by what it knows; others get a 503.
    KnownKeysOnly,
    /// Its store has not answered since the start. Every key gets a 503.
    Starting,
    /// Its store answers, but nothing that is known of it may be relied on: there was no poll for
    /// too long, or an instance could not sign. Every key asks the store, and is served.
    Asking,
    /// Its store does not answer any more, and what it knows is too old to be relied on. Every key
    /// asks the store, and gets a 503 where that does not answer.
    Stale,
}

impl Health {
    /// Whether requests with known keys are served: with a store that does not answer, for
    /// `max_staleness` more, or longer with
    /// [`with_stale_if_error`](super::VerifierBuilder::with_stale_if_error).
    pub fn is_ready(self) -> bool {
        matches!(self, Self::Ready | Self::KnownKeysOnly | Self::Asking)
    }
}

impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ready => "ready",
            Self::KnownKeysOnly => "the key store does not answer: only known keys are served",
            Self::Starting => "the key store has not answered since the start",
            Self::Asking => "the key store answers, and is asked about every key",
            Self::Stale => {
                "the key store does not answer, and what is known of it is too old to be relied on"
            }
        })
    }
}

impl Verifier {
    /// How old its knowledge of the store is: the time since the last successful poll began. `None`
    /// before the first, and with a lookup that keeps no sequence of changes.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), keyward_core::ConfigError> {
    /// use keyward_core::dialect::Dialect;
    /// use keyward_core::store::MemoryStore;
    /// use keyward_core::verify::{Health, Verifier};
    ///
    /// let verifier = Verifier::builder(Dialect::standard(), MemoryStore::new()).build()?;
    /// assert_eq!(verifier.freshness(), None);
    /// assert!(!verifier.health().is_ready(), "{}", verifier.health());
    /// while verifier.freshness().is_none() {
    ///     tokio::task::yield_now().await; // the first poll
    /// }
    /// assert_eq!(verifier.health(), Health::Ready);
    /// # Ok(()) }
    /// ```
    pub fn freshness(&self) -> Option<Duration> {
        let checked_at = self.0.cache.table().checked_at();
        let age = self.0.clock.now().elapsed.saturating_sub(checked_at);
        (self.0.polls && checked_at != 0).then(|| Duration::from_nanos(age))
    }

    /// Whether requests can be served, and if not, why. Asks nobody. A lookup that keeps no sequence
    /// of changes is known to be down only when requests have asked it.
    pub fn health(&self) -> Health {
        let (cache, breaker) = (&self.0.cache, &self.0.breaker);
        let is_open = breaker.is_open();
        let age = if self.0.polls { self.freshness() } else { breaker.silence() };
        match age {
            Some(age) if !is_open && (age <= cache.max_staleness() || !self.0.polls) => {
                Health::Ready
            }
            None if !is_open && !self.0.polls => Health::Ready,
            _ if breaker.silence().is_none() => Health::Starting,
            _ if !breaker.is_failing() => Health::Asking,
            Some(age) if age <= cache.bound() => Health::KnownKeysOnly,
            _ => Health::Stale,
        }
    }
}
