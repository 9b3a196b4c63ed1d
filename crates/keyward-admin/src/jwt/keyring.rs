//! The keys that are known, and when to ask for them anew.

use std::error::Error as _;
use std::iter::successors;
use std::sync::Arc;
use std::time::Duration;

use keyward_core::clock::Clock;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::timeout;

use super::error::{FetchError, Refusal};
use super::jwks::{Jwks, Source};
use super::keyset::{KeySet, VerifyingKey};

/// How long a question may take, and how long a request waits for it.
const PATIENCE: Duration = Duration::from_secs(3);

/// The keys of one issuer.
pub(super) struct Keyring {
    source: Source,
    clock: Arc<dyn Clock>,
    runtime: Handle,
    known: watch::Sender<Known>,
}

#[derive(Debug, Clone, Default)]
struct Known {
    keys: Option<Arc<KeySet>>,
    /// When the last question began, on the elapsed clock.
    asked: Option<u64>,
    /// It has no answer yet.
    pending: bool,
    /// The last answer was none. The keys from before stay.
    failing: bool,
}

impl Keyring {
    pub(super) fn new(jwks: Jwks, clock: Arc<dyn Clock>, runtime: Handle) -> Arc<Self> {
        let asked = jwks.keys.as_ref().map(|_| clock.now().elapsed);
        let keys = jwks.keys.map(Arc::new);
        let known = watch::Sender::new(Known { keys, asked, ..Known::default() });
        Arc::new(Self { source: jwks.source, clock, runtime, known })
    }

    /// The key of this id, asked for anew if it is not known.
    pub(super) async fn find(self: &Arc<Self>, kid: &str) -> Result<Arc<VerifyingKey>, Refusal> {
        let pace = self.source.pace();
        let mut known = self.known.borrow().clone();
        let old = if known.failing { pace.retry_after } else { pace.old_after };
        if known.is_older_than(old, self.now()) {
            self.ask(old);
            if self.source.is_at_hand() {
                known = self.answered().await;
            }
        }
        if let Some(key) = known.key(kid) {
            return Ok(key);
        }
        self.ask(pace.least_gap);
        let known = self.answered().await;
        // What cannot be asked may know the key.
        let unsure = known.pending || known.failing;
        known.key(kid).ok_or(if unsure { Refusal::Unavailable } else { Refusal::UnknownKey })
    }

    fn now(&self) -> u64 {
        self.clock.now().elapsed
    }

    /// Asks, unless somebody else does or did less than `gap` ago.
    ///
    /// In a task of its own: a request that is cancelled takes the answer from nobody.
    fn ask(self: &Arc<Self>, gap: Duration) {
        let now = self.now();
        let begun = self.known.send_if_modified(|known| {
            // One without an answer after so long was lost with its runtime.
            let gap = if known.pending { gap.max(2 * PATIENCE) } else { gap };
            let due = known.is_older_than(gap, now);
            if due {
                known.asked = Some(now);
                known.pending = true;
            }
            due
        });
        if begun {
            let this = Arc::clone(self);
            self.runtime.spawn(async move {
                let answer = timeout(PATIENCE, this.source.fetch()).await;
                this.keep(answer.unwrap_or(Err(FetchError::Timeout)));
            });
        }
    }

    fn keep(&self, answer: Result<Option<KeySet>, FetchError>) {
        let error = answer.as_ref().err();
        let failed_before = self.known.borrow().failing;
        if let Some(error) = error.filter(|_| !failed_before) {
            // The reason, such as a certificate's, is the last of a client's errors.
            let causes = successors(error.source(), |error| (**error).source());
            let cause = causes.last().map(ToString::to_string);
            tracing::warn!(
                target: "keyward", source = %self.source, %error, cause,
                "cannot get the keys of JWTs; those that are known stay"
            );
        } else if error.is_none() && failed_before {
            tracing::info!(target: "keyward", source = %self.source, "the keys of JWTs are back");
        }
        self.known.send_modify(|known| {
            known.pending = false;
            known.failing = answer.is_err();
            if let Ok(Some(keys)) = answer {
                known.keys = Some(Arc::new(keys));
            }
        });
    }

    /// What is known when no question is open, or patience is at its end.
    async fn answered(&self) -> Known {
        let mut known = self.known.subscribe();
        let answered = timeout(PATIENCE, known.wait_for(|known| !known.pending)).await;
        match answered {
            Ok(Ok(known)) => known.clone(),
            _ => self.known.borrow().clone(),
        }
    }
}

impl Known {
    fn is_older_than(&self, age: Duration, now: u64) -> bool {
        self.asked.is_none_or(|asked| Duration::from_nanos(now.saturating_sub(asked)) >= age)
    }

    fn key(&self, kid: &str) -> Option<Arc<VerifyingKey>> {
        self.keys.as_ref()?.get(kid).cloned()
    }
}
