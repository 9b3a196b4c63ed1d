//! What handlers take and give, as axum's.

use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::json_object;
use crate::meta::{Unfinished, unfinished};
use crate::scribe_sight::answer::{Data, Error};
use crate::scribe_sight::body::Body;

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self, Error> {
        Ok(Self(json_object(request, Self::LARGEST).await?))
    }
}

impl IntoResponse for Data {
    fn into_response(self) -> Response {
        response(self.status(), self.into_body())
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        response(self.status(), self.into_body())
    }
}

fn response(status: u16, body: Unfinished) -> Response {
    let status = StatusCode::from_u16(status);
    unfinished(status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), body)
}
