//! Where a request comes from: the address of its client, and what proxies say of it.
//!
//! An adapter knows the address of its socket's other end and hands over `X-Forwarded-For`; which of
//! all these addresses is the client's is decided by [`TrustedProxies`]. The address matters to keys
//! with [networks](crate::key::Networks) and to attempts with unknown keys, and is looked for only
//! then.

mod attempts;
mod forwarded;
mod proxies;

pub use proxies::TrustedProxies;

pub(crate) use attempts::Attempts;
