use actix_web::dev::{Extensions, RequestHead};
use actix_web::http::Version;
use actix_web::{HttpMessage, HttpRequest};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Request};
use keyward_tower::{PeerAddr, handover};

use super::RequestBody;
use crate::context::{Context, RequestId};
use crate::guard::HandOver;

/// The request as services of tower see it.
pub(super) fn translate(
    request: &HttpRequest,
    body: RequestBody,
) -> Result<Request<RequestBody>, http::Error> {
    let mut parts = parts(request.head())?;
    hand_over(&request.extensions(), &mut parts.extensions);
    Ok(Request::from_parts(parts, body))
}

/// The head, in the types of `http` 1. Both versions read alike, so only what would not have got
/// this far fails.
pub(super) fn parts(head: &RequestHead) -> Result<Parts, http::Error> {
    let mut request = Request::new(());
    *request.method_mut() = head.method.as_str().parse()?;
    *request.uri_mut() = head.uri.to_string().parse()?;
    *request.version_mut() = version(head.version);
    for (name, value) in &head.headers {
        let name = HeaderName::from_bytes(name.as_str().as_bytes())?;
        let mut translated = HeaderValue::from_bytes(value.as_bytes())?;
        translated.set_sensitive(value.is_sensitive());
        request.headers_mut().try_append(name, translated)?;
    }
    if let Some(address) = head.peer_addr {
        request.extensions_mut().insert(PeerAddr(address));
    }
    Ok(request.into_parts().0)
}

fn version(version: Version) -> http::Version {
    match version {
        Version::HTTP_09 => http::Version::HTTP_09,
        Version::HTTP_10 => http::Version::HTTP_10,
        Version::HTTP_2 => http::Version::HTTP_2,
        Version::HTTP_3 => http::Version::HTTP_3,
        _ => http::Version::HTTP_11,
    }
}

/// What the layer of this crate has left, as that of tower would have.
fn hand_over(from: &Extensions, to: &mut http::Extensions) {
    if let Some(Context { verifier, request_id, key }) = Context::of(from).cloned() {
        handover::admitted(to, verifier, request_id, key);
    } else if let Some(RequestId(id)) = RequestId::of(from) {
        handover::request_id(to, &id);
    }
    if let Some(HandOver(principal)) = from.get() {
        principal(from, to);
    }
}
