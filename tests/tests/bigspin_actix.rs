//! The suite of Bigspin over the program that is made with actix-web.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod bigspin;

const PROGRAM: &str = env!("CARGO_BIN_EXE_bigspin-actix-under-test");
