use axum::Router;
use axum::extract::{Extension, Request, State};
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::answer;
use crate::record::Record;
use crate::usual::Keys;

pub(crate) fn app(keys: Keys) -> Router {
    Router::new()
        .route("/projects", get(projects))
        .route_layer(from_fn_with_state(keys, authenticate))
}

async fn authenticate(State(keys): State<Keys>, mut request: Request, next: Next) -> Response {
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some(key) = header.and_then(|value| value.strip_prefix("Bearer ")) else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    let Some(record) = keys.find(key).await else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    request.extensions_mut().insert(record);
    next.run(request).await
}

async fn projects(Extension(record): Extension<Record>) -> Response {
    if record.holds_scope() {
        answer().into_response()
    } else {
        StatusCode::FORBIDDEN.into_response()
    }
}
