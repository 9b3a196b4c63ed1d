//! What the processes of a service do together over Redis or Valkey: they tell each other of changes
//! of keys at once, [`RedisPush`], and count requests together, [`RedisLimits`].

mod client;
mod limits;
mod link;
mod publisher;
mod push;
mod retry;
mod subscriber;

pub use limits::RedisLimits;
pub use push::{RedisPush, RunningPush};
