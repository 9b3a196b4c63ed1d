//! What becomes of a key while its request is in flight.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::time::{Instant, timeout};

use super::api_key::ApiKey;
use super::flight::Outcome;
use super::rejection::{Rejection, RejectionKind};
use super::verifier::Verifier;
use crate::dialect::{self, Dialect};
use crate::key::KeyDigest;

/// What is needed to look at the key of a request again. A cached key does not know its digest: a
/// million of them would.
pub(super) struct InFlight {
    digest: KeyDigest,
    /// The request's own business: it finishes whatever becomes of its key.
    finishes: AtomicBool,
}

impl InFlight {
    /// Nothing, where the dialect lets requests finish.
    pub(super) fn of(dialect: &Dialect, digest: &KeyDigest) -> Option<Arc<Self>> {
        if dialect.in_flight() == dialect::InFlight::Finish {
            return None;
        }
        Some(Arc::new(Self { digest: *digest, finishes: AtomicBool::new(false) }))
    }

    pub(super) fn let_finish(&self) {
        self.finishes.store(true, Ordering::SeqCst);
    }
}

impl Verifier {
    /// Looks whether a key that was let in has been revoked or deleted since; for requests in
    /// flight. Asks the store only when what is known does not count any more, and then takes at
    /// most the lookup timeout.
    ///
    /// A key is bad only when somebody says so: it stays good through an outage of the store, and
    /// when its time ends meanwhile. So does one that its request has let
    /// [finish](ApiKey::let_finish), and every key where the dialect lets requests finish.
    ///
    /// # Errors
    /// [`RejectionKind::Revoked`], or [`RejectionKind::Unknown`] for a key that was deleted.
    pub async fn recheck(&self, key: &ApiKey) -> Result<(), Rejection> {
        let Some(InFlight { digest, finishes }) = key.in_flight.as_deref() else { return Ok(()) };
        let inner = &*self.0;
        let outcome = if inner.cache.counts(digest, key.known.proof, inner.clock.now()) {
            Outcome::Known(Arc::clone(&key.known))
        } else if inner.breaker.is_open() {
            Outcome::Failed
        } else {
            inner.ask(*digest, Instant::now() + inner.lookup_timeout).await
        };
        let now = inner.clock.now().timestamp;
        let refused = match outcome {
            Outcome::Known(known) if known.identity.id() != key.id() => RejectionKind::Unknown,
            Outcome::Known(known) if known.identity.is_revoked(now) => RejectionKind::Revoked,
            Outcome::Absent => RejectionKind::Unknown,
            Outcome::Known(_) | Outcome::Stale | Outcome::Failed => return Ok(()),
        };
        // Last: whoever ends its own key says so before.
        if finishes.load(Ordering::SeqCst) {
            return Ok(());
        }
        Err(key.refuse(refused))
    }

    /// Returns when a key that was let in is revoked or deleted, and says which: at once when this
    /// process does it or hears of it. A store that keeps no sequence of changes is asked again
    /// each `max_staleness`.
    pub async fn ended(&self, key: &ApiKey) -> Rejection {
        let Some(in_flight) = key.in_flight.as_deref() else { return std::future::pending().await };
        let cache = &self.0.cache;
        loop {
            let changed = cache.table().changed(&in_flight.digest);
            if let Err(rejection) = self.recheck(key).await {
                return rejection;
            }
            // A grace that ends changes nothing in the store.
            let _ = timeout(cache.max_staleness(), changed).await;
        }
    }
}
