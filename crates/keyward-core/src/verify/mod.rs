//! From a request's head to a verified key or a rejection.
//!
//! [`Verifier::check`] finds the credential, recognises its kind, digests it, and looks into the
//! cache; all of that is synchronous. Only a miss goes to the store, as [`Pending::resolve`]; so
//! does, where processes share limits, a request of a limited key to whoever counts.
//!
//! An adapter shows a request as a [`RequestHead`] and gives a [`Rejection`] the dialect's words:
//!
//! ```
//! use keyward_core::dialect::Dialect;
//! use keyward_core::manage::{KeyManager, NewKey};
//! use keyward_core::store::MemoryStore;
//! use keyward_core::verify::{HeaderValues, RejectionKind, RequestHead, Verifier};
//!
//! struct Authorization(String);
//!
//! impl RequestHead for Authorization {
//!     fn header(&self, name: &str) -> HeaderValues<'_> {
//!         match name {
//!             "authorization" => HeaderValues::One(self.0.as_bytes()),
//!             _ => HeaderValues::None,
//!         }
//!     }
//!
//!     fn query(&self) -> Option<&str> {
//!         None
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store = MemoryStore::new();
//! let manager = KeyManager::builder(Dialect::standard(), store.clone()).open().await?;
//! let verifier = Verifier::builder(Dialect::standard(), store).build()?;
//! let issued = manager.create(NewKey::new("acme", "ci")).await?;
//!
//! let good = Authorization(format!("Bearer {}", issued.key.expose()));
//! assert_eq!(verifier.verify(&good).await?.workspace(), "acme");
//!
//! let junk = Authorization("Bearer kw_live_guess".to_owned());
//! let rejection = verifier.verify(&junk).await.unwrap_err();
//! assert_eq!(rejection.kind(), RejectionKind::Malformed);
//! assert_eq!(verifier.refuse(&rejection, "request 7").status, 401);
//! # Ok(()) }
//! ```

mod api_key;
mod breaker;
mod builder;
mod cache;
mod count;
mod credential;
mod environments;
mod flight;
mod flusher;
mod gauges;
mod health;
mod identity;
mod in_flight;
mod instance;
mod origin;
mod pending;
mod poller;
mod question;
mod reader;
mod recorder;
mod rejection;
mod request_id;
mod shared;
mod verifier;

pub use api_key::ApiKey;
pub use builder::VerifierBuilder;
pub use credential::{HeaderValues, RequestHead};
pub use environments::Environments;
pub(crate) use gauges::refresh_metrics;
pub use health::Health;
pub use pending::Pending;
pub use rejection::{Rejection, RejectionKind};
pub use request_id::RequestId;
pub use verifier::{Check, Verifier};
