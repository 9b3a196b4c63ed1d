//! What a dialect promises to the parts that are built on it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod bodies;
mod builder;
mod errors;
mod keys;
mod management;
mod mutations;
mod permits;
mod request_ids;
mod scopes;
mod systems;
