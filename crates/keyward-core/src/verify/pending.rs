use std::fmt;

use super::api_key::ApiKey;
use super::count::Uncounted;
use super::rejection::Rejection;
use super::verifier::{Check, Miss};
use crate::telemetry;

/// A request about which somebody must be asked: the store, about a key that is not in the cache, or
/// whoever counts for several processes, about a limited one.
pub struct Pending(Box<Question>);

#[expect(clippy::large_enum_variant, reason = "it stands in a box already")]
enum Question {
    Lookup(Miss),
    Count(Uncounted),
}

impl Pending {
    pub(super) fn miss(miss: Miss) -> Self {
        Self(Box::new(Question::Lookup(miss)))
    }

    pub(super) fn count(uncounted: Uncounted) -> Self {
        Self(Box::new(Question::Count(uncounted)))
    }

    /// Asks. The store has the verifier's
    /// [lookup timeout](super::VerifierBuilder::with_lookup_timeout) for its answer, and whoever
    /// counts the time of [shared limits](super::VerifierBuilder::with_shared_limits).
    ///
    /// # Errors
    /// The reason why the request is refused; [`Unavailable`](super::RejectionKind::Unavailable) when
    /// the store does not answer.
    pub async fn resolve(self) -> Result<ApiKey, Rejection> {
        let mut question = *self.0;
        let verdict = loop {
            let check = match question {
                Question::Lookup(miss) => miss.resolve().await,
                Question::Count(uncounted) => Check::Done(uncounted.resolve().await),
            };
            match check {
                Check::Done(verdict) => break verdict,
                // The store knows the key, and others count it.
                Check::Pending(next) => question = *next.0,
            }
        };
        if verdict.is_ok() {
            telemetry::let_in();
        }
        verdict
    }
}

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending").finish_non_exhaustive()
    }
}
