use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use super::error::{ManageError, ManageErrorKind};
use super::manager::KeyManager;
use super::revoke::Reach;
use crate::key::{KeyId, KeyRecord};
use crate::store::{Instance, Instances, LEASE, StoreError};

/// How long to wait before the store is asked again who knows.
const PAUSE: Duration = Duration::from_millis(50);
/// How long the store has at least to say who has to know, however short the wait.
const LEAST: Duration = Duration::from_secs(1);
/// Longer than any bound: nobody is waited for after it.
const LONGEST: Duration = Duration::from_hours(48);

/// What came of [`KeyManager::revoke_and_wait`].
#[derive(Debug)]
pub struct Waited {
    /// The revoked key.
    pub record: KeyRecord,
    /// The names of the instances that may still accept it; none when all refuse it.
    pub pending: Vec<String>,
}

impl KeyManager {
    /// [Revokes](Self::revoke), and returns when every instance refuses the key, or after `timeout`
    /// with the names of those that may not do so yet. The key is revoked in either case; the time
    /// counts from then on, and the store has a second of it at least to name them.
    ///
    /// An instance is a verifier with a
    /// [name](crate::verify::VerifierBuilder::with_instance). It refuses the key as soon as it says
    /// so, and whatever it says when its bound has passed: `max_staleness`, and `stale_if_error` if
    /// it has that. Verifiers without a name are not waited for: they refuse the key within their
    /// bound.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use std::time::Duration;
    ///
    /// use keyward_core::dialect::Dialect;
    /// use keyward_core::manage::{KeyManager, NewKey, Reach};
    /// use keyward_core::store::MemoryStore;
    /// use keyward_core::verify::Verifier;
    ///
    /// let store = MemoryStore::new();
    /// let manager = KeyManager::builder(Dialect::bigspin(), store.clone()).open().await?;
    /// let web = Verifier::builder(Dialect::bigspin(), store).with_instance("web-1").build()?;
    /// while web.freshness().is_none() {
    ///     tokio::task::yield_now().await; // it signs with its first poll
    /// }
    /// let key = manager.create(NewKey::new("acme", "production-upload")).await?.record;
    ///
    /// let waited = manager.revoke_and_wait(&key.id, Reach::Key, Duration::from_secs(10)).await?;
    /// assert!(waited.pending.is_empty());
    ///
    /// let other = manager.create(NewKey::new("acme", "another upload")).await?.record;
    /// let waited = manager.revoke_and_wait(&other.id, Reach::Key, Duration::ZERO).await?;
    /// assert_eq!(waited.pending, ["web-1"]);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`revoke`](Self::revoke); [`Invalid`](ManageErrorKind::Invalid), with nothing done, for a
    /// store that keeps no instances; [`Unavailable`](ManageErrorKind::Unavailable) when the key is
    /// revoked, but the store could not say afterwards who has to know.
    pub async fn revoke_and_wait(
        &self,
        id: &KeyId,
        reach: Reach,
        timeout: Duration,
    ) -> Result<Waited, ManageError> {
        let feed = self.store.feed();
        let instances = feed.as_deref().and_then(|feed| feed.instances()).ok_or_else(|| {
            let message = "this store does not know who verifies its keys: revoke without waiting";
            ManageError::new(ManageErrorKind::Invalid, message)
        })?;
        let record = self.revoke(id, reach).await?;
        let pending = self.pending(instances, timeout).await.map_err(|error| {
            ManageError::from(error).with_message(
                "the key is revoked, but the key store cannot say whether all instances know it: \
                 each refuses it within its bound",
            )
        })?;
        Ok(Waited { record, pending })
    }

    /// Those that may not know yet how the sequence stands now, when none is left or the time is
    /// over.
    async fn pending(
        &self,
        instances: &dyn Instances,
        timeout: Duration,
    ) -> Result<Vec<String>, StoreError> {
        let (now, timeout) = (Instant::now(), timeout.min(LONGEST));
        let (deadline, least) = (now + timeout, now + timeout.max(LEAST));
        let since = self.clock.now().elapsed;
        let awaited = self.before(least, instances.await_all()).await?;
        // Whoever signs later begins with what was committed before.
        let mut signed = self.before(least, instances.signed()).await?;
        loop {
            let waited = Duration::from_nanos(self.clock.now().elapsed.saturating_sub(since));
            let may_accept = |instance: &Instance| {
                instance.seq < awaited
                    && waited <= instance.bound
                    && instance.silence <= LEASE + instance.bound
            };
            signed.retain(may_accept);
            let left = deadline.saturating_duration_since(Instant::now());
            if signed.is_empty() || left.is_zero() {
                return Ok(signed.into_iter().map(|instance| instance.name).collect());
            }
            sleep(PAUSE.min(left)).await;
            // A store that does not answer any more changes nothing about what was known.
            if let Ok(now) = self.before(deadline, instances.signed()).await {
                signed = now;
            }
        }
    }

    async fn before<T>(
        &self,
        deadline: Instant,
        question: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let answer = timeout_at(deadline, self.store.within(question)).await;
        answer.unwrap_or_else(|elapsed| Err(StoreError::unavailable(elapsed)))
    }
}
