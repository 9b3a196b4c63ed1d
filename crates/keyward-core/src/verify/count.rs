//! A request is counted when its key is verified, and when its route asks for a named limit.

use std::sync::Arc;

use super::api_key::ApiKey;
use super::cache::Known;
use super::pending::Pending;
use super::rejection::{Rejection, RejectionKind};
use super::verifier::{Check, Verifier};
use crate::clock::Now;
use crate::dialect::LimitId;
use crate::key::KeyId;
use crate::limit::{Standing, Tally};
use crate::telemetry;
use crate::usage::Denial;

/// A request with a good key that is still to be counted.
pub(super) struct Uncounted {
    verifier: Verifier,
    key: ApiKey,
}

impl Verifier {
    /// Counts a request by the limit of its key and as a use of it, unless a layer outside has
    /// counted it: that one's key.
    #[inline]
    pub(super) fn count(&self, mut key: ApiKey, counted: Option<&ApiKey>, now: Now) -> Check {
        if let Some(outside) = counted {
            telemetry::not_let_in();
            key.tally = outside.tally.clone();
            return Check::Done(Ok(key));
        }
        let Some(meter) = key.known.identity.meter() else {
            key.known.uses.let_in(now.timestamp);
            return Check::Done(Ok(key));
        };
        if self.0.shared.is_some() && meter.limits_every_request() {
            return Check::Pending(Pending::count(Uncounted { verifier: self.clone(), key }));
        }
        let admitted = meter.admit(None, self.dialect(), now);
        Check::Done(self.tallied(key, admitted, now))
    }

    #[inline]
    fn tallied(
        &self,
        mut key: ApiKey,
        admitted: Option<Result<Standing, Standing>>,
        now: Now,
    ) -> Result<ApiKey, Rejection> {
        match admitted.transpose() {
            Ok(every) => {
                key.known.uses.let_in(now.timestamp);
                key.tally = Tally::new(every, self.dialect());
                Ok(key)
            }
            Err(standing) => {
                key.known.uses.keep_out(Denial::Limited);
                Err(limited(&key.known, standing))
            }
        }
    }

    /// Counts a request by a named limit, or by that of every request: with other processes where
    /// they share limits and somebody counts for them, else in this one.
    async fn admit(
        &self,
        known: &Known,
        limit: Option<LimitId>,
    ) -> Option<Result<Standing, Standing>> {
        let (meter, dialect) = (known.identity.meter()?, self.dialect());
        if let Some(shared) = &self.0.shared
            && let Some(counted) =
                shared.count(&meter.hit(known.identity.id(), limit, dialect)?).await
        {
            return meter.follow(limit, dialect, counted, self.0.clock.now());
        }
        meter.admit(limit, dialect, self.0.clock.now())
    }

    /// Counts the request of a verified key by a named limit, which its route asks for: once,
    /// however often it is asked for. The id of another dialect's limit counts nothing. Waits only
    /// where processes share limits.
    ///
    /// # Errors
    /// [`RejectionKind::RateLimited`] when the limit is reached.
    ///
    /// ```
    /// # use keyward_core::manage::{KeyManager, NewKey};
    /// # use keyward_core::store::MemoryStore;
    /// # use keyward_core::verify::{HeaderValues, RejectionKind, RequestHead, Verifier};
    /// # struct Bearer(String);
    /// # impl RequestHead for Bearer {
    /// #     fn header(&self, name: &str) -> HeaderValues<'_> {
    /// #         HeaderValues::of((name == "authorization").then_some(self.0.as_bytes()))
    /// #     }
    /// #     fn query(&self) -> Option<&str> {
    /// #         None
    /// #     }
    /// # }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use keyward_core::dialect::Dialect;
    ///
    /// let dialect = Dialect::builder("acme").named_limits([("uploads", 1)]).build()?;
    /// let uploads = dialect.limit_id("uploads").ok_or("no such limit")?;
    /// # let store = MemoryStore::new();
    /// # let manager = KeyManager::builder(dialect.clone(), store.clone()).open().await?;
    /// # let verifier = Verifier::builder(dialect, store).build()?;
    /// # let issued = manager.create(NewKey::new("acme", "ci")).await?;
    /// # let request = Bearer(format!("Bearer {}", issued.key.expose()));
    /// let first = verifier.verify(&request).await?;
    /// assert!(verifier.require_limit(&first, uploads).await.is_ok());
    /// let second = verifier.verify(&request).await?;
    /// let rejection = verifier.require_limit(&second, uploads).await.unwrap_err();
    /// assert_eq!(rejection.kind(), RejectionKind::RateLimited);
    /// # Ok(()) }
    /// ```
    pub async fn require_limit(&self, key: &ApiKey, limit: LimitId) -> Result<(), Rejection> {
        let counted = key.tally.count_once(limit, self.admit(&key.known, Some(limit))).await;
        counted.map_err(|standing| limited(&key.known, standing).after_all(&key.known))
    }

    /// Whether both are clones of one verifier: what one has verified and counted, the other has.
    pub fn is_clone_of(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Uncounted {
    pub(super) async fn resolve(self) -> Result<ApiKey, Rejection> {
        let Self { verifier, key } = self;
        let admitted = verifier.admit(&key.known, None).await;
        let now = verifier.0.clock.now();
        verifier.tallied(key, admitted, now)
    }
}

fn limited(known: &Known, standing: Standing) -> Rejection {
    Rejection::new(RejectionKind::RateLimited)
        .with_key(KeyId::new(known.identity.id()))
        .in_workspace(known.identity.workspace())
        .with_standing(standing)
}
