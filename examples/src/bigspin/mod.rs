//! Bigspin's public API, guarded by its API keys: projects and transcripts of a workspace.
//!
//! It is served twice, with the same answers: by axum (the programs `bigspin` and `quickstart`, the
//! first one to try) and by actix-web (`bigspin-actix`). The routes are in `axum/api.rs` and
//! `actix/api.rs`; those are the parts to copy.

pub mod actix;
mod answer;
pub mod axum;
mod body;
mod demo;
mod workspaces;

use keyward::dialect::Dialect;
use tokio::net::TcpListener;

use crate::{Failure, Keys, Options, bind};

/// Takes the address and opens the keys, which are new on an empty store.
async fn start(options: &Options) -> Result<(TcpListener, Keys), Failure> {
    // Before any key is made: a port that is taken must not cost the one look at the secrets.
    let listener = bind(&options.listen).await?;
    let keys = Keys::open(options, Dialect::bigspin()).await?;
    if keys.are_wanted().await? {
        demo::make_keys(&keys.manager, listener.local_addr()?).await?;
    }
    Ok((listener, keys))
}
