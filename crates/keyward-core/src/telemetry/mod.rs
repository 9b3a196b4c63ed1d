//! What a process says of its keys: log lines with `tracing`, numbers with `metrics`.
//!
//! Log lines have the target `keyward`. They name a key by its id and its workspace, never by its
//! secret or digest, and repeat nothing that a client has sent. At `DEBUG` there is one for each
//! request, let in or refused, and the spans `lookup` and `poll` around each question to the store;
//! at `INFO` and above only what an operator should know.
//!
//! Metrics go to the recorder that the application has installed for the [`metrics`] facade, before
//! it builds its first [`Verifier`](crate::verify::Verifier), so that they are described and begin at
//! zero. There is one set of them for a process: counters of all its verifiers add up, and gauges
//! show all of them together. What each means is in `docs/operations.md`.
//!
//! Without a subscriber and without a recorder a request pays for a look at the log level.
//!
//! The functions are for adapters, which know a request's id and what becomes of it:
//!
//! ```
//! use keyward_core::telemetry;
//! use keyward_core::verify::{Check, RequestHead, Verifier};
//!
//! /// The status of a request that nobody but keyward answers.
//! async fn answer(verifier: &Verifier, head: &impl RequestHead) -> u16 {
//!     let id = verifier.dialect().new_request_id();
//!     match verifier.verify(head).await {
//!         Ok(key) => {
//!             telemetry::admitted(&key, &id);
//!             200
//!         }
//!         Err(rejection) => {
//!             telemetry::refused(&rejection, &id);
//!             verifier.refuse(&rejection, id.as_str()).status
//!         }
//!     }
//! }
//! ```

mod metrics;

pub(crate) use metrics::{Gauges, describe, looked_up, missed, observe};

use crate::verify::{ApiKey, Rejection, RequestId};

/// A request with a good key goes on to what is guarded. Once for each layer that it comes through.
#[inline]
pub fn admitted(key: &ApiKey, request_id: &RequestId) {
    tracing::debug!(
        target: "keyward",
        key = key.id(),
        workspace = key.workspace(),
        request_id = request_id.as_str(),
        "request let in"
    );
}

/// A request is answered with this rejection. Once for each request, whoever refuses it.
pub fn refused(rejection: &Rejection, request_id: &RequestId) {
    metrics::verified(rejection.kind().as_str(), 1);
    tracing::debug!(
        target: "keyward",
        kind = rejection.kind().as_str(),
        key = rejection.key().map(tracing::field::display),
        workspace = rejection.workspace(),
        request_id = request_id.as_str(),
        "request refused"
    );
}

/// A response whose head has left ends early, because its key has ended.
pub fn cut_off(rejection: &Rejection) {
    tracing::debug!(
        target: "keyward",
        kind = rejection.kind().as_str(),
        key = rejection.key().map(tracing::field::display),
        workspace = rejection.workspace(),
        "response cut off"
    );
}
