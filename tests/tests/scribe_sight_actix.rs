//! The suite of Scribe Sight over the program that is made with actix-web.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod scribe_sight;

const PROGRAM: &str = env!("CARGO_BIN_EXE_scribe-sight-actix-under-test");
