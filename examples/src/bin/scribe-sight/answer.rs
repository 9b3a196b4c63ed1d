//! The envelopes of answers; their `meta` comes from `finish`.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use keyward_examples::meta::{Meta, unfinished};
use keyward_examples::object;
use serde::Serialize;
use serde_json::{Value, json};

/// `{"data":…,"meta":…}`
pub(crate) struct Data<T>(pub(crate) StatusCode, pub(crate) T);

impl<T: Serialize> IntoResponse for Data<T> {
    fn into_response(self) -> Response {
        unfinished(self.0, object([("data", json!(self.1))]), Meta::RequestIdAndTime)
    }
}

/// What this API has against a request whose key is good. `{"error":…,"meta":…}`
pub(crate) struct Error {
    status: StatusCode,
    error: Value,
}

impl Error {
    pub(crate) fn invalid(field: &str, reason: &str) -> Self {
        let error = json!({
            "code": "invalid_request",
            "message": "Validation failed",
            "details": {"field": field, "reason": reason},
        });
        Self { status: StatusCode::BAD_REQUEST, error }
    }

    pub(crate) fn not_found(message: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    pub(crate) fn too_large() -> Self {
        let message = "The body is too large";
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large", message)
    }

    /// The code is chosen: the service's own is not public.
    pub(crate) fn method_not_allowed() -> Self {
        let message = "This endpoint does not know that method";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message)
    }

    fn new(status: StatusCode, code: &str, message: &str) -> Self {
        Self { status, error: json!({"code": code, "message": message}) }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        unfinished(self.status, object([("error", self.error)]), Meta::RequestId)
    }
}
