//! The envelopes of answers. Nothing but JSON leaves this API.

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use keyward_examples::query;
use serde::Serialize;
use serde_json::json;

/// A page of a list.
#[derive(Serialize)]
pub(crate) struct List<T> {
    items: Vec<T>,
    total: usize,
    page: usize,
    per_page: usize,
}

impl<T: Serialize> IntoResponse for List<T> {
    fn into_response(self) -> Response {
        Json(self).into_response()
    }
}

/// Which part of a list is asked for: `page` from 1, `per_page` 1 to 100 (chosen).
pub(crate) struct Page {
    number: usize,
    size: usize,
}

impl Page {
    /// The items of this page.
    pub(crate) fn of<T: Clone>(&self, all: &[T]) -> List<T> {
        let before = (self.number - 1).saturating_mul(self.size);
        let items = all.iter().skip(before).take(self.size).cloned().collect();
        List { items, total: all.len(), page: self.number, per_page: self.size }
    }
}

impl<S: Sync> FromRequestParts<S> for Page {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let number = query::number(parts.uri.query(), "page", 1, 1..=usize::MAX)
            .map_err(|_| Error::invalid("The 'page' parameter must be an integer from 1."))?;
        let size = query::number(parts.uri.query(), "per_page", 20, 1..=100)
            .map_err(|_| Error::invalid("The 'per_page' parameter must be 1 to 100."))?;
        Ok(Self { number, size })
    }
}

/// What this API has against a request whose key is good. The codes are chosen, but for
/// `validation_error`.
pub(crate) struct Error {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Error {
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "validation_error", message)
    }

    pub(crate) fn unreadable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", message)
    }

    pub(crate) fn too_large(message: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large", message)
    }

    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "Not found")
    }

    pub(crate) fn method_not_allowed() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "Method not allowed")
    }

    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let Self { status, code, message } = self;
        let error = json!({"code": code, "message": message, "status": status.as_u16()});
        (status, Json(json!({"error": error}))).into_response()
    }
}
