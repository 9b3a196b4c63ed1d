use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_web::HttpResponse;
use actix_web::body::{BodySize, MessageBody};
use actix_web::error::ErrorInternalServerError;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderMap, Response};
use http_body::Body;
use keyward_core::verify::Rejection;
use pin_project_lite::pin_project;

use super::feed::Feed;

pin_project! {
    /// The body of a mounted service's response, beside which the request's goes on.
    pub(super) struct ResponseBody<B> {
        #[pin]
        body: B,
        size: BodySize,
        feed: Feed,
    }
}

/// The response as actix-web sends it. What concerns the connection alone is left to actix-http.
pub(super) fn translate<B: Body>(
    response: Response<B>,
    is_head: bool,
    feed: Feed,
) -> actix_web::Result<HttpResponse<ResponseBody<B>>> {
    let (head, body) = response.into_parts();
    let size = size(&head.headers, &body, is_head);
    let status = StatusCode::from_u16(head.status.as_u16()).map_err(ErrorInternalServerError)?;
    let mut translated = HttpResponse::with_body(status, ResponseBody { body, size, feed });
    for (name, value) in &head.headers {
        if [CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING].contains(name) {
            continue;
        }
        let name = HeaderName::from_bytes(name.as_str().as_bytes());
        let value = HeaderValue::from_bytes(value.as_bytes());
        let name = name.map_err(ErrorInternalServerError)?;
        translated.headers_mut().append(name, value.map_err(ErrorInternalServerError)?);
    }
    if let Some(rejection) = head.extensions.get::<Rejection>() {
        translated.extensions_mut().insert(rejection.clone());
    }
    Ok(translated)
}

/// As the service says it. The answer to a `HEAD` says it of a body that is not there.
fn size(headers: &HeaderMap, body: &impl Body, is_head: bool) -> BodySize {
    let said = headers.get(CONTENT_LENGTH).filter(|_| is_head || !body.is_end_stream());
    let said = said.and_then(|length| length.to_str().ok()?.parse().ok());
    said.or(body.size_hint().exact()).map_or(BodySize::Stream, BodySize::Sized)
}

impl<B: Body<Data = Bytes, Error: Into<Box<dyn Error>>>> MessageBody for ResponseBody<B> {
    type Error = Box<dyn Error>;

    fn size(&self) -> BodySize {
        self.size
    }

    fn poll_next(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Box<dyn Error>>>> {
        let mut this = self.project();
        this.feed.go_on(cx);
        loop {
            let Some(frame) = ready!(this.body.as_mut().poll_frame(cx)) else {
                return Poll::Ready(None);
            };
            match frame.map(http_body::Frame::into_data) {
                Ok(Ok(bytes)) => return Poll::Ready(Some(Ok(bytes))),
                // Trailers, which actix-http does not know.
                Ok(Err(_)) => {}
                Err(error) => return Poll::Ready(Some(Err(error.into()))),
            }
        }
    }
}
