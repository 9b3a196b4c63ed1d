//! How a refusal is said in gRPC: a status in place of a body.
//!
//! <https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md>

use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use http::{Method, Request, Version};
use keyward_core::verify::{Rejection, RejectionKind};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::context::Context;
use crate::mark::{put_limit, put_request_id};

pub(crate) const MIME: &str = "application/grpc";
const STATUS: HeaderName = HeaderName::from_static("grpc-status");
const MESSAGE: HeaderName = HeaderName::from_static("grpc-message");
/// What a message may not hold as it is, beside what is not ASCII.
const ENCODED: &AsciiSet = &CONTROLS.add(b'%');

/// Whether a request speaks gRPC: a `POST` over HTTP/2 of `application/grpc`, alone or with the form
/// of its messages. Not gRPC-Web, whose statuses are in the body.
pub(crate) fn speaks<B>(request: &Request<B>) -> bool {
    let mime = request.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    let parts = mime.and_then(|mime| mime.split_at_checked(MIME.len()));
    request.method() == Method::POST
        && request.version() >= Version::HTTP_2
        && parts.is_some_and(|(mime, rest)| {
            mime.eq_ignore_ascii_case(MIME.as_bytes())
                && matches!(rest.first(), None | Some(b'+' | b';'))
        })
}

/// The status and what a client is told beside it.
pub(crate) fn answer(rejection: &Rejection, context: &Context) -> HeaderMap {
    let mut answer = status(rejection);
    let dialect = context.verifier.dialect();
    if let Some(seconds) = dialect.retry_after(rejection) {
        answer.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if let Some(standing) = rejection.standing() {
        let show = |field, value: &str| put_limit(field, value, &mut answer);
        dialect.show_limit(standing, show);
    }
    put_request_id(&context.request_id, &mut answer);
    answer
}

/// `grpc-status` and `grpc-message`, which are also the trailers of a response that is cut off.
pub(crate) fn status(rejection: &Rejection) -> HeaderMap {
    let kind = rejection.kind();
    let message = match rejection.scope() {
        Some(scope) if kind == RejectionKind::Scope => {
            format!("{} Needed: {scope}", kind.message())
        }
        _ => kind.message().to_owned(),
    };
    let mut status = HeaderMap::with_capacity(5);
    status.insert(STATUS, HeaderValue::from(u16::from(kind.grpc_status())));
    let message = utf8_percent_encode(&message, ENCODED).to_string();
    if let Ok(message) = HeaderValue::try_from(message) {
        status.insert(MESSAGE, message);
    }
    status
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_post_of_http_2_speaks_grpc_by_its_content_type() {
        for (mime, expected) in [
            ("application/grpc", true),
            ("application/grpc+proto", true),
            ("Application/GRPC", true),
            ("application/grpc;charset=utf-8", true),
            ("application/grpc-web", false),
            ("application/grpc-web+proto", false),
            ("application/json", false),
            ("application/grp", false),
            ("", false),
        ] {
            for (method, version, may) in [
                (Method::POST, Version::HTTP_2, true),
                (Method::POST, Version::HTTP_11, false),
                (Method::GET, Version::HTTP_2, false),
                (Method::HEAD, Version::HTTP_2, false),
                (Method::OPTIONS, Version::HTTP_2, false),
            ] {
                let request = Request::builder().method(&method).version(version);
                let request = request.header(CONTENT_TYPE, mime).body(()).unwrap();
                assert_eq!(speaks(&request), expected && may, "{method} {version:?} {mime}");
            }
        }
        let nothing = Request::post("/").version(Version::HTTP_2).body(()).unwrap();
        assert!(!speaks(&nothing));
    }

    #[test]
    fn a_message_is_printable_ascii_whatever_the_scope() {
        let rejection = Rejection::new(RejectionKind::Scope).with_scope("50%\r\né");
        let status = status(&rejection);
        assert_eq!(status[STATUS], "7");
        let expected = "This API key lacks a scope that is needed here. Needed: 50%25%0D%0A%C3%A9";
        assert_eq!(status[MESSAGE], expected);
    }
}
