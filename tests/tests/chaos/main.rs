//! Several processes on one store, while things go wrong: no revoked key is accepted past the
//! bound, no good key is called bad, no unknown key is accepted. Each test says what it saw.

#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod clocks;
#[cfg(target_os = "linux")]
mod disk;
mod fleet;
mod load;
mod postgres;
mod probe;
mod redis;
mod soak;
mod sqlite;
mod stage;
