//! What keyward promises about letting requests in, each promise a test of its name.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::panic, reason = "a test that cannot go on has failed")]

#[path = "../support/mod.rs"]
mod support;

mod breaker;
mod clocks;
mod decision;
mod flights;
mod flood;
mod health;
mod idle;
mod instances;
mod limits;
mod lossy;
mod named_workspace;
mod origin;
mod outage;
mod own_table;
mod peppers;
mod polls;
mod revocation;
mod sequence;
mod shared_limits;
mod stale_if_error;
mod unknown;
mod uses;
