use std::sync::Arc;

use actix_web::{HttpResponse, web};
use keyward::actix::{ApiKeyAuth, RequireScope};
use keyward::scoped;
use keyward::verify::Verifier;

use super::{Routes, answer};

/// The middleware, and a handler that asks for a scope.
pub(crate) fn routes(verifier: Verifier) -> Routes {
    let auth = ApiKeyAuth::new(verifier);
    Arc::new(move |app| {
        app.service(web::resource("/projects").wrap(auth.clone()).get(projects));
    })
}

/// The middleware alone, around the handler of the bare route.
pub(crate) fn layer(verifier: Verifier) -> Routes {
    let auth = ApiKeyAuth::new(verifier);
    Arc::new(move |app| {
        app.service(web::resource("/projects").wrap(auth.clone()).get(async || answer()));
    })
}

#[scoped]
async fn projects(_: RequireScope<"projects-read">) -> HttpResponse {
    answer()
}
