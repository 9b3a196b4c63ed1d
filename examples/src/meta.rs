//! Envelopes that say in `meta` which request they answer, and when.
//!
//! Handlers answer without it, with [`Unfinished`] bodies; [`finish`] is the one place that adds it.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use keyward::axum::RequestId;
use keyward::clock::{Clock, SystemClock};
use serde_json::{Map, Value, json};

/// What a response's `meta` holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meta {
    /// `{"request_id":…}`
    RequestId,
    /// `{"request_id":…,"timestamp":…}`
    RequestIdAndTime,
}

/// A body that still lacks its `meta`.
#[derive(Debug, Clone)]
pub struct Unfinished {
    body: Map<String, Value>,
    meta: Meta,
}

impl Unfinished {
    /// This body, which will get such a `meta`.
    pub fn new(body: Map<String, Value>, meta: Meta) -> Self {
        Self { body, meta }
    }

    pub(crate) fn finish(mut self, id: &str) -> Map<String, Value> {
        let meta = match self.meta {
            Meta::RequestId => json!({"request_id": id}),
            Meta::RequestIdAndTime => json!({"request_id": id, "timestamp": now()}),
        };
        self.body.insert("meta".to_owned(), meta);
        self.body
    }
}

/// A response whose body still lacks its `meta`.
pub fn unfinished(status: StatusCode, body: Unfinished) -> Response {
    let mut response = status.into_response();
    response.extensions_mut().insert(body);
    response
}

/// Adds the `meta` to what is unfinished: for `axum::middleware::map_response`, inside `ApiKeyAuth`.
pub async fn finish(id: RequestId, mut response: Response) -> Response {
    let Some(unfinished) = response.extensions_mut().remove::<Unfinished>() else {
        return response;
    };
    let (parts, _) = response.into_parts();
    let mut finished = Json(unfinished.finish(id.as_str())).into_response();
    *finished.status_mut() = parts.status;
    finished.headers_mut().extend(parts.headers);
    finished
}

/// The time in RFC 3339, to the second.
pub fn now() -> String {
    SystemClock::new().now().timestamp.to_rfc3339()
}
