//! Attempts to get more than one has.
//!
//! Over Scribe Sight's API against the program that serves it, and through a `KeyManager` that acts
//! as a key, for what that API has no words for.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod attempts;
mod descent;
mod http;
mod manager;
mod meanwhile;
mod stage;
