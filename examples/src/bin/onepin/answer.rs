//! The envelopes of answers; their `meta` comes from `finish`.

use axum::Json;
use axum::extract::{FromRequestParts, OriginalUri};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use keyward_examples::meta::{Meta, Unfinished, unfinished};
use keyward_examples::object;
use keyward_examples::query::{self, BadNumber};
use serde::Serialize;
use serde_json::{Value, json};

/// `{"data":…,"meta":…}`
pub(crate) struct Data<T>(pub(crate) StatusCode, pub(crate) T);

impl<T: Serialize> IntoResponse for Data<T> {
    fn into_response(self) -> Response {
        unfinished(
            self.0,
            Unfinished::new(object([("data", json!(self.1))]), Meta::RequestIdAndTime),
        )
    }
}

/// `{"data":[…],"pagination":…,"meta":…}`
pub(crate) struct List<T> {
    items: Vec<T>,
    pagination: Value,
}

impl<T: Serialize> IntoResponse for List<T> {
    fn into_response(self) -> Response {
        let body = object([("data", json!(self.items)), ("pagination", self.pagination)]);
        unfinished(StatusCode::OK, Unfinished::new(body, Meta::RequestIdAndTime))
    }
}

/// Which part of a list is asked for: `offset` from 0, `limit` 1 to 100.
pub(crate) struct Page {
    path: String,
    offset: usize,
    limit: usize,
}

impl Page {
    /// The items of this page, and how to come to those beside it.
    pub(crate) fn of<T: Clone>(&self, all: &[T]) -> List<T> {
        let (path, limit) = (&self.path, self.limit);
        let link = |offset| format!("{path}?offset={offset}&limit={limit}");
        let next = self.offset.checked_add(limit).filter(|offset| *offset < all.len()).map(link);
        let prev = (self.offset > 0).then(|| link(self.offset.saturating_sub(limit)));
        let pagination = json!({"limit": limit, "total": all.len(), "next": next, "prev": prev});
        List { items: all.iter().skip(self.offset).take(limit).cloned().collect(), pagination }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Page {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let Ok(OriginalUri(uri)) = OriginalUri::from_request_parts(parts, state).await;
        let offset = query::number(uri.query(), "offset", 0, 0..=usize::MAX);
        let limit = query::number(uri.query(), "limit", 50, 1..=100);
        Ok(Self {
            path: uri.path().to_owned(),
            offset: offset.map_err(|error| Error::query("offset", error, 0))?,
            limit: limit.map_err(|error| Error::query("limit", error, 1))?,
        })
    }
}

/// What this API has against a request whose key is good.
pub(crate) enum Error {
    /// `{"error":…,"meta":…}`
    Plain { status: StatusCode, code: &'static str, message: &'static str },
    /// `{"detail":[…]}`: where it is, and what is wrong there.
    Invalid { place: Vec<&'static str>, message: String, kind: &'static str },
}

impl Error {
    pub(crate) fn not_found(message: &'static str) -> Self {
        Self::Plain { status: StatusCode::NOT_FOUND, code: "NOT_FOUND", message }
    }

    /// Chosen, as the next one.
    pub(crate) fn method_not_allowed() -> Self {
        let (code, message) = ("METHOD_NOT_ALLOWED", "Method not allowed.");
        Self::Plain { status: StatusCode::METHOD_NOT_ALLOWED, code, message }
    }

    pub(crate) fn too_large() -> Self {
        let (code, message) = ("PAYLOAD_TOO_LARGE", "The body is too large.");
        Self::Plain { status: StatusCode::PAYLOAD_TOO_LARGE, code, message }
    }

    pub(crate) fn body(field: Option<&'static str>, message: &str, kind: &'static str) -> Self {
        let place = ["body"].into_iter().chain(field).collect();
        Self::Invalid { place, message: message.to_owned(), kind }
    }

    fn query(parameter: &'static str, error: BadNumber, least: usize) -> Self {
        let (message, kind) = match error {
            BadNumber::NoInteger => ("Input should be a valid integer".to_owned(), "int_parsing"),
            BadNumber::TooSmall => {
                (format!("Input should be greater than or equal to {least}"), "greater_than_equal")
            }
            BadNumber::TooLarge => {
                ("Input should be less than or equal to 100".to_owned(), "less_than_equal")
            }
        };
        Self::Invalid { place: vec!["query", parameter], message, kind }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        match self {
            Self::Plain { status, code, message } => {
                let error = json!({"code": code, "message": message, "details": null});
                let body = object([("error", error)]);
                unfinished(status, Unfinished::new(body, Meta::RequestIdAndTime))
            }
            Self::Invalid { place, message, kind } => {
                let body = json!({"detail": [{"loc": place, "msg": message, "type": kind}]});
                (StatusCode::UNPROCESSABLE_ENTITY, Json(body)).into_response()
            }
        }
    }
}
