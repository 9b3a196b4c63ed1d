//! JWTs of people, verified against a JWKS that a real server or file gives.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod configuration;
mod file;
mod keys;
mod layer;
mod outage;
mod properties;
mod refusals;
mod rotation;
mod support;
