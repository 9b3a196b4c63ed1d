//! The API in actix-web.

mod api;
mod extract;

use actix_web::App;
use actix_web::middleware::from_fn;
use keyward::actix::ApiKeyAuth;

use super::start;
use super::workspaces::Workspaces;
use crate::actix::{patience, serve};
use crate::{Failure, Options};

/// Serves the API until it is told to end.
///
/// # Errors
/// When it cannot begin, or standard output does not work.
pub async fn run(options: &Options) -> Result<(), Failure> {
    let (listener, keys) = start(options).await?;
    // Once for all workers.
    let auth = ApiKeyAuth::new(keys.verifier.clone());
    let workspaces = Workspaces::default();
    let app = move || {
        let routes = api::routes(workspaces.clone());
        // Whoever has no key learns not even which paths there are.
        App::new().configure(routes).wrap(auth.clone()).wrap(from_fn(patience))
    };
    serve(listener, app).await?;
    keys.close().await;
    Ok(())
}
