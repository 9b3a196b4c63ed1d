//! The envelopes of answers; their `meta` comes when they leave.

use serde::Serialize;
use serde_json::{Value, json};

use crate::meta::{Meta, Unfinished};
use crate::{BadJson, object};

/// `{"data":…,"meta":…}`
pub(super) struct Data {
    status: u16,
    data: Value,
}

impl Data {
    pub(super) fn ok(data: impl Serialize) -> Self {
        Self { status: 200, data: json!(data) }
    }

    pub(super) fn created(data: impl Serialize) -> Self {
        Self { status: 201, data: json!(data) }
    }

    pub(super) fn accepted(data: impl Serialize) -> Self {
        Self { status: 202, data: json!(data) }
    }

    pub(super) fn status(&self) -> u16 {
        self.status
    }

    pub(super) fn into_body(self) -> Unfinished {
        Unfinished::new(object([("data", self.data)]), Meta::RequestIdAndTime)
    }
}

/// What this API has against a request whose key is good. `{"error":…,"meta":…}`
#[derive(Debug, Clone, thiserror::Error)]
#[error("{error}")]
pub(super) struct Error {
    status: u16,
    error: Value,
}

impl Error {
    pub(super) fn invalid(field: &str, reason: &str) -> Self {
        let error = json!({
            "code": "invalid_request",
            "message": "Validation failed",
            "details": {"field": field, "reason": reason},
        });
        Self { status: 400, error }
    }

    pub(super) fn no_project() -> Self {
        Self::new(404, "not_found", "Project not found")
    }

    pub(super) fn no_content() -> Self {
        Self::new(404, "not_found", "Content not found")
    }

    pub(super) fn no_endpoint() -> Self {
        Self::new(404, "not_found", "There is no such endpoint")
    }

    /// The code is chosen: the service's own is not public.
    pub(super) fn no_method() -> Self {
        let message = "This endpoint does not know that method";
        Self::new(405, "method_not_allowed", message)
    }

    pub(super) fn status(&self) -> u16 {
        self.status
    }

    pub(super) fn into_body(self) -> Unfinished {
        Unfinished::new(object([("error", self.error)]), Meta::RequestId)
    }

    fn new(status: u16, code: &str, message: &str) -> Self {
        Self { status, error: json!({"code": code, "message": message}) }
    }
}

impl From<BadJson> for Error {
    fn from(error: BadJson) -> Self {
        match error {
            BadJson::TooLarge => Self::new(413, "payload_too_large", "The body is too large"),
            _ => Self::invalid("body", &error.to_string()),
        }
    }
}
