//! `keyward serve`: what it says of keys, to whom, and when it ends.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod dashboard;
mod ends;
mod hostile;
mod introspect;
mod management;
mod operators;
mod outage;
mod verify;
mod welcome;

const KEYWARD: &str = env!("CARGO_BIN_EXE_keyward-under-test");
