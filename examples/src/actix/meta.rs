use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse};
use keyward::actix::RequestId;
use serde_json::Value;

use crate::meta::Unfinished;

/// A response whose body still lacks its `meta`.
pub fn unfinished(status: u16, body: Unfinished) -> HttpResponse {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::new(status);
    response.extensions_mut().insert(body);
    response
}

/// Adds the `meta` to what is unfinished: for `from_fn`, inside `ApiKeyAuth`.
///
/// # Errors
/// Those of the service inside.
pub async fn finish<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse, Error> {
    let mut response = next.call(request).await?.map_into_boxed_body();
    let unfinished = response.response_mut().extensions_mut().remove::<Unfinished>();
    let id = RequestId::of(&response.request().extensions());
    let (Some(unfinished), Some(id)) = (unfinished, id) else { return Ok(response) };
    let body = Value::Object(unfinished.finish(id.as_str())).to_string();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response.map_body(|_, _| BoxBody::new(body)))
}
