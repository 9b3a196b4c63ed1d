//! Bigspin's public API, guarded by its API keys: projects and transcripts of a workspace.
//!
//! ```text
//! cargo run --bin bigspin
//! ```
//!
//! The first start makes keys, shows each once, and prints `curl` lines to paste. The routes are in
//! `src/bigspin/axum/api.rs`; that is the part to copy.

use std::process::ExitCode;

use keyward_examples::{Options, bigspin, exit, log_to_stderr};

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::of("bigspin");
    log_to_stderr();
    exit(bigspin::axum::run(&options).await)
}
