//! The program itself, over a SQLite file in a folder of its own.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod acts;
mod completions;
mod ends;
mod lists;
mod probe;
mod processes;
mod secrets;
mod settings;
mod support;
mod terminal;
mod trail;
mod usage;
mod verify;
