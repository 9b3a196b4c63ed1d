//! Scribe Sight's API once more, with actix-web: the same keys, the same answers.
//!
//! ```text
//! cargo run --bin scribe-sight-actix
//! ```
//!
//! The first start makes keys, shows each once, and prints `curl` lines to paste. The routes are in
//! `src/scribe_sight/actix/api.rs`; that is the part to copy.

use std::process::ExitCode;

use keyward_examples::{Options, exit, log_to_stderr, scribe_sight};

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::of("scribe-sight-actix");
    log_to_stderr();
    exit(scribe_sight::actix::run(&options).await)
}
