//! What the suites share: clients, servers, programs and stores to test with.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::panic,
    reason = "what goes wrong in a helper fails the test that uses it"
)]

mod answer;
pub mod bigspin;
mod daemon;
// Other systems do not let one process limit another.
#[cfg(target_os = "linux")]
mod disk;
pub mod forms;
pub mod hostile;
mod logs;
mod management;
mod nginx;
pub mod onepin;
mod operator;
mod outage;
mod postgres;
mod program;
mod proxy;
mod raw;
mod redis;
mod say;
pub mod scribe_sight;
mod served;
mod server;
pub mod system;
pub mod systemprompt;
mod webdriver;

pub use answer::{Answer, Client};
pub use logs::Logs;
pub use management::Management;
pub use nginx::Nginx;
pub use operator::{Operator, within};
pub use outage::{Outage, Trouble};
pub use postgres::Postgres;
pub use program::{Ended, Program};
pub use proxy::{Network, Proxy};
pub use raw::{Raw, raw};
pub use redis::Redis;
pub use say::say;
pub use served::Served;
pub use server::{Keys, Server, limited};
pub use system::System;
pub use webdriver::WebDriver;

/// The examples of the documents.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
#[doc = include_str!("../../docs/adapters.md")]
#[doc = include_str!("../../docs/limits.md")]
#[doc = include_str!("../../docs/operations.md")]
#[doc = include_str!("../../docs/dashboard.md")]
#[doc = include_str!("../../docs/revocation.md")]
pub struct Documents;
