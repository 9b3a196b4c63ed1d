//! Publishable keys live in web pages. Nothing here knows a cookie, so every page may ask, and what
//! is said to them is always the same: with a list of origins, use actix-cors.

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS,
};
use actix_web::middleware::{DefaultHeaders, Next};
use actix_web::{Error, HttpResponse};

use crate::scribe_sight::{ALLOWED, EXPOSED};

/// What every answer says.
pub(super) fn headers() -> DefaultHeaders {
    DefaultHeaders::new()
        .add((ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .add((ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED.join(",")))
}

/// Answers every `OPTIONS`.
pub(super) async fn preflight<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    if request.method() != Method::OPTIONS {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    let allowed = HttpResponse::Ok()
        .insert_header((ACCESS_CONTROL_ALLOW_METHODS, "*"))
        .insert_header((ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED.join(",")))
        .finish();
    Ok(request.into_response(allowed).map_into_right_body())
}
