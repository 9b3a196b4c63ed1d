use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::Payload;
use actix_web::web::Bytes;

/// The body of a response that goes out before the request's body is read, and holds it unread.
///
/// actix-http reads the rest of a body in chunks that was dropped, for as long as it comes. That of
/// one that is there when the response is done it reads for its `client_disconnect_timeout`.
pub(crate) struct HeldBody {
    body: BoxBody,
    _payload: Payload,
}

impl HeldBody {
    pub(crate) fn around(body: BoxBody, payload: Payload) -> BoxBody {
        match payload {
            Payload::None => body,
            payload => BoxBody::new(Self { body, _payload: payload }),
        }
    }
}

impl MessageBody for HeldBody {
    type Error = Box<dyn Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Box<dyn Error>>>> {
        Pin::new(&mut self.body).poll_next(cx)
    }
}
