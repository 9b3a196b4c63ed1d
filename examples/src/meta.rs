//! Envelopes that say in `meta` which request they answer, and when.
//!
//! Handlers answer without it, with [`unfinished`] bodies; [`finish`] is the one place that adds it.

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

#[derive(Clone)]
struct Unfinished(Map<String, Value>, Meta);

/// A response whose body still lacks its `meta`.
pub fn unfinished(status: StatusCode, body: Map<String, Value>, meta: Meta) -> Response {
    let mut response = status.into_response();
    response.extensions_mut().insert(Unfinished(body, meta));
    response
}

/// Adds the `meta` to what is unfinished: for `axum::middleware::map_response`, inside `ApiKeyAuth`.
#[expect(clippy::unused_async, reason = "a middleware of axum is an async function")]
pub async fn finish(id: RequestId, mut response: Response) -> Response {
    let Some(Unfinished(mut body, meta)) = response.extensions_mut().remove() else {
        return response;
    };
    let meta = match meta {
        Meta::RequestId => json!({"request_id": id.as_str()}),
        Meta::RequestIdAndTime => json!({"request_id": id.as_str(), "timestamp": now()}),
    };
    body.insert("meta".to_owned(), meta);
    let (parts, _) = response.into_parts();
    let mut finished = Json(body).into_response();
    *finished.status_mut() = parts.status;
    finished.headers_mut().extend(parts.headers);
    finished
}

/// The time in RFC 3339, to the second.
pub fn now() -> String {
    SystemClock::new().now().timestamp.to_rfc3339()
}
