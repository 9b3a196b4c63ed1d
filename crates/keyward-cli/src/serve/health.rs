use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use keyward::verify::Verifier;
use serde_json::json;

/// `/healthz`: the process is there.
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// `/readyz`: requests with known keys are served. Asks nobody.
pub(super) async fn readyz(State(verifier): State<Verifier>) -> Response {
    let health = verifier.health();
    let status = if health.is_ready() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = json!({"ready": health.is_ready(), "detail": health.to_string()});
    (status, Json(body)).into_response()
}
