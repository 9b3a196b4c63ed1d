//! From a request's head to a verified key or a rejection.
//!
//! [`Verifier::check`] finds the credential, recognises its kind, digests it, and looks into the
//! cache; all of that is synchronous. Only a miss goes to the store, as [`Miss::resolve`].

mod api_key;
mod builder;
mod cache;
mod credential;
mod flight;
mod identity;
mod poller;
mod question;
mod rejection;
mod request_id;
mod verifier;

pub use api_key::ApiKey;
pub use builder::VerifierBuilder;
pub use credential::{HeaderValues, RequestHead};
pub use rejection::{Rejection, RejectionKind};
pub use request_id::RequestId;
pub use verifier::{Check, Miss, Verifier};
