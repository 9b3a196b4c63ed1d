//! OnePin's API, guarded by its API keys: a workspace's workflows and voices. People come with a JWT.
//!
//! ```text
//! cargo run --bin onepin
//! ```
//!
//! The first start makes keys, shows each once, and prints `curl` lines to paste. The routes are in
//! `api.rs`; that is the part to copy.

mod answer;
mod api;
mod body;
mod demo;
mod people;
mod whoami;
mod workspaces;

use std::process::ExitCode;

use keyward::dialect::Dialect;
use keyward_examples::{Failure, Keys, Options, bind, exit, log_to_stderr, serve};

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::of("onepin");
    log_to_stderr();
    exit(run(&options).await)
}

async fn run(options: &Options) -> Result<(), Failure> {
    // Before any key is made: a port that is taken must not cost the one look at the secrets.
    let listener = bind(&options.listen).await?;
    let keys = Keys::open(options, Dialect::onepin()).await?;
    let first_start = keys.are_wanted().await?;
    let people = people::guard(options, first_start)?;
    if first_start {
        demo::make_keys(&keys.manager, listener.local_addr()?).await?;
    }
    let api = api::router(keys.verifier.clone(), keys.manager.clone(), people)?;
    serve(listener, api).await?;
    keys.close().await;
    Ok(())
}
