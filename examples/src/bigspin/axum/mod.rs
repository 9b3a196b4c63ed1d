//! The API in axum.

mod api;
mod extract;

use super::start;
use crate::{Failure, Options, serve};

/// Serves the API until it is told to end.
///
/// # Errors
/// When it cannot begin, or standard output does not work.
pub async fn run(options: &Options) -> Result<(), Failure> {
    let (listener, keys) = start(options).await?;
    serve(listener, api::router(keys.verifier.clone())).await?;
    keys.close().await;
    Ok(())
}
