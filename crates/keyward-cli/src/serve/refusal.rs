use axum::body::Body;
use axum::response::Response;
use http::StatusCode;
use http::header::{CACHE_CONTROL, HeaderName, HeaderValue};
use keyward::verify::{Rejection, RequestId, Verifier};

pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// How a dialect answers a rejection, to whoever is not its client: never to be kept.
pub(super) fn response(verifier: &Verifier, rejection: &Rejection, id: &RequestId) -> Response {
    let refusal = verifier.refuse(rejection, id.as_str());
    let mut response = Response::new(Body::from(refusal.body));
    *response.status_mut() =
        StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    let headers = response.headers_mut();
    for (name, value) in refusal.headers {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    if let Ok(id) = HeaderValue::from_str(id.as_str()) {
        headers.insert(REQUEST_ID, id);
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
