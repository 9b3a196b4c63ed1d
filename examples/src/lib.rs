//! What the programs share: options, a store with its verifier, and a server that ends in order.
//!
//! Every program begins as [`Options::of`] says, opens its [`Keys`], and ends with [`serve`]. What
//! stops it on the way is a [`Failure`]: one sentence and exit status 2.

pub mod actix;
pub mod bigspin;
pub mod demo;
mod failure;
pub mod grpc;
mod json;
mod keys;
pub mod meta;
mod metrics;
mod options;
mod path;
mod patience;
pub mod query;
pub mod scribe_sight;
mod server;

pub use failure::{Failure, exit};
pub use json::{BadJson, json_object, object};
pub use keys::Keys;
pub use options::Options;
pub use path::Id;
pub use server::{DRAIN, HEAD, bind, clients, serve, serve_connections, told_to_end};

use std::io::{self, IsTerminal, Write};

use tracing_subscriber::EnvFilter;

/// What is logged by default. Of a client that breaks off, actix-http makes an error of the server.
const FILTER: &str = "info,actix_http::h1::dispatcher=off";

/// Sends logs to standard error; `RUST_LOG` says how much, `info` by default.
pub fn log_to_stderr() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(FILTER));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr)
        // A log that cannot be written must not end what is logged.
        .log_internal_errors(false)
        .init();
}

/// Writes a line to standard output.
///
/// # Errors
/// When nobody reads it any more.
pub fn say(line: &str) -> Result<(), Failure> {
    writeln!(io::stdout(), "{line}").map_err(|error| {
        Failure::new(format!("cannot write to standard output ({error}): let somebody read it"))
    })
}
