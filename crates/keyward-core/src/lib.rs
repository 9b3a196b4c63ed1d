//! API keys without a framework: what a key is, how an API speaks about keys, who is let in.
//!
//! Data flows one way: credential → digest → record → key → response. Nothing here knows an
//! HTTP library or a database; adapters translate, stores store, this crate decides.
//!
//! - [`key`]: secrets, digests, records, scopes.
//! - [`dialect`]: how one API speaks about keys, as data.
//! - [`verify`]: from a request's head to an [`ApiKey`](verify::ApiKey) or a
//!   [`Rejection`](verify::Rejection).
//! - [`limit`]: how many requests a minute a key may send.
//! - [`peer`]: where a request comes from.
//! - [`store`]: where keys live, and the sequence of their changes.
//! - [`manage`]: the life of a key.
//! - [`usage`]: when a key was last used, and how often.
//! - [`audit`]: who did what to which key.
//! - [`telemetry`]: what a process says of all that, in logs and metrics.

pub mod audit;
pub mod clock;
pub mod dialect;
pub mod key;
pub mod limit;
pub mod manage;
pub mod peer;
pub mod store;
pub mod telemetry;
#[cfg(feature = "testkit")]
pub mod testkit;
pub mod usage;
pub mod verify;

mod error;

pub use error::ConfigError;
