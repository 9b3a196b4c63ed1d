//! Keys managed over HTTP, over real sockets.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod alone;
mod audit;
mod bodies;
mod onepin;
mod properties;
mod scribe_sight;
mod stage;
mod standard;
