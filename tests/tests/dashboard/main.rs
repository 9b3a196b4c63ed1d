//! The dashboard over real sockets: what pages say, and what they refuse.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "tests")]

mod forms;
mod isolation;
mod life;
mod mounts;
mod pages;
mod requests;
mod secrets;
mod sign_in;
mod stage;
