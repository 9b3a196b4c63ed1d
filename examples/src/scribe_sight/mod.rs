//! Scribe Sight's API, guarded by its API keys: an organization's projects and their content.
//!
//! It is served twice, with the same answers: by axum (the program `scribe-sight`) and by actix-web
//! (`scribe-sight-actix`). The routes are in `axum/api.rs` and `actix/api.rs`; those are the parts to
//! copy.

pub mod actix;
mod answer;
pub mod axum;
mod body;
mod demo;
mod organizations;

use keyward::dialect::Dialect;
use tokio::net::TcpListener;

use crate::{Failure, Keys, Options, bind};

/// The headers that pages of other origins may send.
const ALLOWED: [&str; 2] = ["authorization", "content-type"];
/// Those that they may read.
const EXPOSED: [&str; 5] = [
    "x-request-id",
    "retry-after",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
];

/// Takes the address and opens the keys, which are new on an empty store.
async fn start(options: &Options) -> Result<(TcpListener, Keys), Failure> {
    // Before any key is made: a port that is taken must not cost the one look at the secrets.
    let listener = bind(&options.listen).await?;
    let keys = Keys::open(options, Dialect::scribe_sight()).await?;
    if keys.are_wanted().await? {
        demo::make_keys(&keys.manager, listener.local_addr()?).await?;
    }
    Ok((listener, keys))
}
