//! Keys in a real PostgreSQL server.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod conformance;
mod history;
mod lookup;
mod open;
mod outage;
mod polls;
mod programs;
mod push;
mod replica;
mod stuck;
mod support;
mod watched;
mod write;
