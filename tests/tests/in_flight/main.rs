//! Requests whose key is revoked while their handler works, under each policy of a dialect.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod heads;
mod stage;
mod streams;
