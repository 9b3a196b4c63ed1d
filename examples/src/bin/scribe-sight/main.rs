//! Scribe Sight's API, guarded by its API keys: an organization's projects and their content.
//!
//! ```text
//! cargo run --bin scribe-sight
//! ```
//!
//! The first start makes keys, shows each once, and prints `curl` lines to paste. The routes are in
//! `src/scribe_sight/axum/api.rs`; that is the part to copy.

use std::process::ExitCode;

use keyward_examples::{Options, exit, log_to_stderr, scribe_sight};

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::of("scribe-sight");
    log_to_stderr();
    exit(scribe_sight::axum::run(&options).await)
}
