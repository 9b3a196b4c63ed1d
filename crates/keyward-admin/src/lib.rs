//! People beside keys: who may manage keys, and how that goes over HTTP.

#[cfg(feature = "jwt")]
pub mod jwt;
