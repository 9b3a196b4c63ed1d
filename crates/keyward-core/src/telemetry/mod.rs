//! What a process says of its keys: log lines with `tracing`, numbers with `metrics`.
//!
//! Log lines have the target `keyward`. They name a key by its id and its workspace, never by its
//! secret or digest, and repeat nothing that a client has sent. At `DEBUG` there is one for each
//! request, let in or refused, and the spans `lookup` and `poll` around each question to the store;
//! at `INFO` and above only what an operator should know.
//!
//! Metrics go to the recorder that the application has installed for the facade `metrics`, before it
//! builds its first [`Verifier`](crate::verify::Verifier), so that they are described and begin at
//! zero. There is one set of them for a process: counters of all its verifiers add up, and gauges
//! show all of them together. What each means is in `docs/operations.md`.
//!
//! Without a subscriber and without a recorder a cached key pays for a look at the log level.
//!
//! An adapter says what becomes of each request, since it knows the request's id:
//!
//! ```
//! # use keyward_core::manage::{KeyManager, NewKey};
//! # use keyward_core::verify::HeaderValues;
//! # struct Bearer(String);
//! # impl RequestHead for Bearer {
//! #     fn header(&self, name: &str) -> HeaderValues<'_> {
//! #         HeaderValues::of((name == "authorization").then_some(self.0.as_bytes()))
//! #     }
//! #     fn query(&self) -> Option<&str> {
//! #         None
//! #     }
//! # }
//! use keyward_core::dialect::Dialect;
//! use keyward_core::store::MemoryStore;
//! use keyward_core::verify::{RequestHead, Verifier};
//!
//! async fn status(verifier: &Verifier, head: &impl RequestHead) -> u16 {
//!     let id = verifier.dialect().new_request_id();
//!     match verifier.verify(head).await {
//!         Ok(key) => {
//!             key.admits(id.as_str());
//!             200
//!         }
//!         Err(rejection) => {
//!             rejection.answers(id.as_str());
//!             verifier.refuse(&rejection, id.as_str()).status
//!         }
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let store = MemoryStore::new();
//! # let manager = KeyManager::builder(Dialect::standard(), store.clone()).open().await?;
//! # let verifier = Verifier::builder(Dialect::standard(), store).build()?;
//! # let key = manager.create(NewKey::new("acme", "ci")).await?.key;
//! # let head = |key: &str| Bearer(format!("Bearer {key}"));
//! assert_eq!(status(&verifier, &head(key.expose())).await, 200);
//! assert_eq!(status(&verifier, &head("guess")).await, 401);
//! # Ok(()) }
//! ```

mod hits;
mod metrics;

pub(crate) use hits::{hit, let_in, not_let_in};
pub(crate) use metrics::{
    Gauges, counted_alone, describe, hit_of_unknown, looked_up, missed, show, use_lost,
};

use crate::audit::AuditEntry;
use crate::key::KeyId;
use crate::verify::{self, ApiKey, Rejection};

/// Brings the metrics up to date now: what is counted at hits, and how the verifiers are.
///
/// That is done anyway after each question to a store, so once a second at least where a store is
/// polled. For whoever shows metrics, just before.
pub fn refresh() {
    verify::refresh_metrics();
}

/// A request goes on with a good key. Once for each layer that it comes through.
#[inline]
pub(crate) fn admitted(key: &ApiKey, request_id: &str) {
    tracing::debug!(
        target: "keyward",
        key = key.id(),
        workspace = key.workspace(),
        request_id,
        "request let in"
    );
}

/// A request is answered with this rejection. Once for each request, whoever refuses it.
pub(crate) fn refused(rejection: &Rejection, request_id: &str) {
    metrics::verified(rejection.kind().as_str(), 1);
    tracing::debug!(
        target: "keyward",
        kind = rejection.kind().as_str(),
        key = rejection.key().map(KeyId::as_str),
        workspace = rejection.workspace(),
        request_id,
        "request refused"
    );
}

/// A response whose head has left ends early, because its key has ended.
pub(crate) fn cut_off(rejection: &Rejection) {
    tracing::debug!(
        target: "keyward",
        kind = rejection.kind().as_str(),
        key = rejection.key().map(KeyId::as_str),
        workspace = rejection.workspace(),
        "response cut off"
    );
}

/// Something was done to a key.
pub(crate) fn managed(entry: &AuditEntry) {
    tracing::info!(
        target: "keyward",
        act = entry.act.as_str(),
        key = entry.key.as_str(),
        workspace = entry.workspace,
        by = entry.by.as_ref().map(tracing::field::debug),
        request_id = entry.origin.request_id,
        "key managed"
    );
}
