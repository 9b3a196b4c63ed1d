use axum::extract::rejection::BytesRejection;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use keyward::axum::Refused;
use serde_json::json;

/// Why a request is not answered.
pub(super) enum Trouble {
    /// Whoever sent it may not, as their dialect says it.
    Refused(Refused),
    Problem(Problem),
}

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

impl From<Refused> for Trouble {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<Problem> for Trouble {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<BytesRejection> for Trouble {
    fn from(rejection: BytesRejection) -> Self {
        Self::Problem(rejection.into())
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        match self {
            Self::Refused(refused) => IntoResponse::into_response(refused),
            Self::Problem(problem) => problem.into_response(),
        }
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
