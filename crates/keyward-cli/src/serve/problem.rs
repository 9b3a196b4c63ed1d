use axum::extract::rejection::BytesRejection;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::json;

/// What is wrong with a request to this program itself, as RFC 9457 says it.
pub(super) struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
}

impl Problem {
    /// The request cannot be read.
    pub(super) fn bad_request(detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self { status: StatusCode::BAD_REQUEST, code: "invalid_request", detail }
    }

    /// There is no such path.
    pub(super) fn not_found() -> Self {
        let detail = "There is nothing at this path.".to_owned();
        Self { status: StatusCode::NOT_FOUND, code: "not_found", detail }
    }
}

impl From<BytesRejection> for Problem {
    /// Too large, too slow, or cut off.
    fn from(rejection: BytesRejection) -> Self {
        match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Self {
                status: StatusCode::PAYLOAD_TOO_LARGE,
                code: "too_large",
                detail: "The body is too large.".to_owned(),
            },
            _ => Self::bad_request("The body did not come to its end."),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json!({
            "type": "about:blank",
            "title": self.status.canonical_reason(),
            "status": self.status.as_u16(),
            "detail": self.detail,
            "code": self.code,
        });
        let content_type = [(CONTENT_TYPE, "application/problem+json")];
        (self.status, content_type, body.to_string()).into_response()
    }
}
