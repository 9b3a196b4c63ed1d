//! The API in actix-web.

mod api;
mod cors;
mod extract;

use actix_web::App;
use actix_web::middleware::from_fn;
use keyward::actix::ApiKeyAuth;
use keyward::admin::{KeyAdmin, KeyGuard};

use super::organizations::Organizations;
use super::start;
use crate::actix::{finish, patience, serve};
use crate::{Failure, Options};

/// Serves the API until it is told to end.
///
/// # Errors
/// When it cannot begin, or standard output does not work.
pub async fn run(options: &Options) -> Result<(), Failure> {
    let (listener, keys) = start(options).await?;
    // Once for all workers.
    let auth = ApiKeyAuth::new(keys.verifier.clone());
    let admin = KeyAdmin::new(keys.manager.clone(), KeyGuard)?;
    let organizations = Organizations::demo();
    let app = move || {
        App::new()
            .configure(api::routes(organizations.clone(), admin.clone()))
            .wrap(from_fn(finish))
            .wrap(auth.clone())
            // CORS outside: a browser asks without a key first, and may read refusals too.
            .wrap(from_fn(cors::preflight))
            .wrap(cors::headers())
            .wrap(from_fn(patience))
    };
    serve(listener, app).await?;
    keys.close().await;
    Ok(())
}
