//! Scribe Sight's API, guarded by its API keys: an organization's projects and their content.
//!
//! ```text
//! cargo run --bin scribe-sight
//! ```
//!
//! The first start makes keys, shows each once, and prints `curl` lines to paste. The routes are in
//! `api.rs`; that is the part to copy.

mod answer;
mod api;
mod body;
mod demo;
mod organizations;

use std::process::ExitCode;

use keyward::dialect::Dialect;
use keyward_examples::{Failure, Keys, Options, bind, exit, log_to_stderr, serve};

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::of("scribe-sight");
    log_to_stderr();
    exit(run(&options).await)
}

async fn run(options: &Options) -> Result<(), Failure> {
    // Before any key is made: a port that is taken must not cost the one look at the secrets.
    let listener = bind(&options.listen).await?;
    let keys = Keys::open(options, Dialect::scribe_sight()).await?;
    if keys.are_wanted().await? {
        demo::make_keys(&keys.manager, listener.local_addr()?).await?;
    }
    serve(listener, api::router(keys.verifier.clone(), keys.manager.clone())?).await?;
    keys.close().await;
    Ok(())
}
