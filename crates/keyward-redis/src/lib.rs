//! Changes of API keys, told to the other processes of a service at once over Redis or Valkey.
//!
//! What it is for and what it is not: [`RedisPush`].

mod publisher;
mod push;
mod retry;
mod subscriber;

pub use push::{RedisPush, RunningPush};
