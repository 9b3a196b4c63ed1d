//! The envelopes of answers. Nothing but JSON leaves this API.

use std::convert::Infallible;
use std::time::Instant;

use axum::Json;
use axum::extract::{FromRequestParts, Path};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::query;

/// When the work on a request began.
pub(super) struct Timer(Instant);

#[derive(Serialize)]
struct Single<T> {
    data: T,
    processing_time_ms: u128,
}

#[derive(Serialize)]
struct List<T> {
    data: Vec<T>,
    pagination: Pagination,
    processing_time_ms: u128,
}

#[derive(Serialize)]
struct Pagination {
    page: usize,
    limit: usize,
    total: usize,
}

impl Timer {
    pub(super) fn single(self, data: impl Serialize) -> Response {
        Json(Single { data, processing_time_ms: self.0.elapsed().as_millis() }).into_response()
    }

    pub(super) fn list(self, data: Vec<impl Serialize>, page: &Page, total: usize) -> Response {
        let pagination = Pagination { page: page.number, limit: page.limit, total };
        let processing_time_ms = self.0.elapsed().as_millis();
        Json(List { data, pagination, processing_time_ms }).into_response()
    }
}

impl<S: Sync> FromRequestParts<S> for Timer {
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(Instant::now()))
    }
}

/// Which part of a list is asked for: `page` from 1, `limit` 1 to 100 (chosen).
pub(super) struct Page {
    number: usize,
    limit: usize,
}

impl Page {
    const LARGEST: usize = 100;

    /// The items of this page.
    pub(super) fn of<T>(&self, items: impl Iterator<Item = T>) -> Vec<T> {
        let before = (self.number - 1).saturating_mul(self.limit);
        items.skip(before).take(self.limit).collect()
    }
}

impl<S: Sync> FromRequestParts<S> for Page {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let number = query::number(&parts.uri, "page", 1, 1..=usize::MAX)
            .map_err(|_| Error::invalid("page", "`page` must be an integer from 1"))?;
        let limit = query::number(&parts.uri, "limit", 20, 1..=Self::LARGEST).map_err(|_| {
            Error::invalid("limit", format!("`limit` must be 1 to {}", Self::LARGEST))
        })?;
        Ok(Self { number, limit })
    }
}

/// The id in the path.
pub(super) struct Id(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let path = Path::from_request_parts(parts, state).await;
        path.map(|Path(id)| Self(id)).map_err(|_| Error::invalid("id", "The id must be UTF-8"))
    }
}

/// What this API has against a request whose key is good.
pub(super) struct Error {
    status: StatusCode,
    kind: &'static str,
    message: String,
    param: Option<String>,
}

#[derive(Serialize)]
struct Envelope {
    error: Body,
}

#[derive(Serialize)]
struct Body {
    message: String,
    r#type: &'static str,
    code: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    param: Option<String>,
}

impl Error {
    pub(super) fn invalid(param: impl Into<String>, message: impl Into<String>) -> Self {
        let param = Some(param.into());
        Self { param, ..Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", message) }
    }

    pub(super) fn too_large() -> Self {
        let message = "The body is too large: send a shorter transcript";
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "invalid_request_error", message)
    }

    fn new(status: StatusCode, kind: &'static str, message: impl Into<String>) -> Self {
        Self { status, kind, message: message.into(), param: None }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let Self { status, kind, message, param } = self;
        let error = Body { message, r#type: kind, code: status.as_u16(), param };
        (status, Json(Envelope { error })).into_response()
    }
}

/// Chosen: the service's own words for a path that it does not have are not public.
pub(super) async fn not_found() -> impl IntoResponse {
    Error::new(StatusCode::NOT_FOUND, "not_found_error", "There is no such endpoint")
}

/// Chosen, as above. axum adds the `Allow` header.
pub(super) async fn method_not_allowed() -> impl IntoResponse {
    let message = "This endpoint does not know that method";
    Error::new(StatusCode::METHOD_NOT_ALLOWED, "invalid_request_error", message)
}
