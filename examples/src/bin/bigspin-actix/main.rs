//! Bigspin's public API once more, with actix-web: the same keys, the same answers.
//!
//! ```text
//! cargo run --bin bigspin-actix
//! ```
//!
//! The first start makes keys, shows each once, and prints `curl` lines to paste. The routes are in
//! `src/bigspin/actix/api.rs`; that is the part to copy.

use std::process::ExitCode;

use keyward_examples::{Options, bigspin, exit, log_to_stderr};

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::of("bigspin-actix");
    log_to_stderr();
    exit(bigspin::actix::run(&options).await)
}
