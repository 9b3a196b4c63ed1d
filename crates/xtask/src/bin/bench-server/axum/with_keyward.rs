use axum::Router;
use axum::response::IntoResponse;
use axum::routing::get;
use keyward::axum::{ApiKeyAuth, RequireScope};
use keyward::scoped;
use keyward::verify::Verifier;

use super::answer;

/// The layer, and a handler that asks for a scope.
pub(crate) fn app(verifier: Verifier) -> Router {
    Router::new().route("/projects", get(projects)).route_layer(ApiKeyAuth::new(verifier))
}

/// The layer alone, around the handler of the bare route.
pub(crate) fn layer(verifier: Verifier) -> Router {
    let bare = get(async || answer());
    Router::new().route("/projects", bare).route_layer(ApiKeyAuth::new(verifier))
}

#[scoped]
async fn projects(_: RequireScope<"projects-read">) -> impl IntoResponse {
    answer()
}
