//! The life of a key, from its creation to its end.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::panic, reason = "a test that cannot go on has failed")]

mod acting;
mod audit;
mod bounds;
mod clocks;
mod descendants;
mod hygiene;
mod lifetime;
mod listing;
mod operations;
mod races;
mod rotation;
mod setting;
mod slow_store;
mod workspaces;
