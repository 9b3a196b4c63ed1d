//! Bigspin's public API, guarded by its API keys: projects and transcripts of a workspace.
//!
//! The routes are in `api.rs`; that is the part to copy. Two programs serve it: `bigspin`, and
//! `quickstart`, the first one to try.

mod answer;
mod api;
mod body;
mod demo;
mod workspaces;

use keyward::dialect::Dialect;

use crate::{Failure, Keys, Options, bind, serve};

/// Serves the API until it is told to end.
///
/// # Errors
/// When it cannot begin, or standard output does not work.
pub async fn run(options: &Options) -> Result<(), Failure> {
    // Before any key is made: a port that is taken must not cost the one look at the secrets.
    let listener = bind(&options.listen).await?;
    let keys = Keys::open(options, Dialect::bigspin()).await?;
    if keys.are_wanted().await? {
        demo::make_keys(&keys.manager, listener.local_addr()?).await?;
    }
    serve(listener, api::router(keys.verifier.clone())).await?;
    keys.close().await;
    Ok(())
}
