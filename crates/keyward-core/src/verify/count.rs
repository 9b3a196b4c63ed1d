//! A request is counted when its key is verified, and when its route asks for a named limit.

use std::sync::Arc;

use super::api_key::ApiKey;
use super::cache::Known;
use super::rejection::{Rejection, RejectionKind};
use super::verifier::Verifier;
use crate::clock::Now;
use crate::dialect::LimitId;
use crate::key::KeyId;
use crate::limit::{Standing, Tally};
use crate::usage::Denial;

impl Verifier {
    /// Counts a request by the limit of its key and as a use of it, unless a layer outside has
    /// counted it: that one's key.
    #[inline]
    pub(super) fn count(
        &self,
        known: &Known,
        counted: Option<&ApiKey>,
        now: Now,
    ) -> Result<Tally, Rejection> {
        if let Some(key) = counted {
            return Ok(key.tally().clone());
        }
        let tally = match known.identity.meter() {
            None => Tally::default(),
            Some(meter) => match meter.admit(now).transpose() {
                Ok(every) => Tally::new(every, self.dialect()),
                Err(standing) => {
                    known.uses.keep_out(Denial::Limited);
                    return Err(limited(known, standing));
                }
            },
        };
        known.uses.let_in(now.timestamp);
        Ok(tally)
    }

    /// Counts the request of a verified key by a named limit, which its route asks for: once,
    /// however often it is asked for. The id of another dialect's limit counts nothing.
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
    /// assert!(verifier.require_limit(&first, uploads).is_ok());
    /// let second = verifier.verify(&request).await?;
    /// let rejection = verifier.require_limit(&second, uploads).unwrap_err();
    /// assert_eq!(rejection.kind(), RejectionKind::RateLimited);
    /// # Ok(()) }
    /// ```
    pub fn require_limit(&self, key: &ApiKey, limit: LimitId) -> Result<(), Rejection> {
        let Some(meter) = key.known.identity.meter() else { return Ok(()) };
        let counted = key.tally().admit(limit, meter, self.0.clock.now());
        counted.map_err(|standing| limited(&key.known, standing).of_a_use(&key.known))
    }

    /// Whether both are clones of one verifier: what one has verified and counted, the other has.
    pub fn is_clone_of(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

fn limited(known: &Known, standing: Standing) -> Rejection {
    Rejection::new(RejectionKind::RateLimited)
        .with_key(KeyId::new(known.identity.id()))
        .with_standing(standing)
}
