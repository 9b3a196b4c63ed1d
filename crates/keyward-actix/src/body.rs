use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_web::body::{BodySize, MessageBody};
use actix_web::web::Bytes;
use pin_project_lite::pin_project;

use crate::in_flight::Ended;

pin_project! {
    /// A body that ends with an error when its key is revoked, so that the client does not take
    /// what it has for the whole.
    pub(crate) struct CutBody<B> {
        #[pin]
        body: B,
        // `None` when it was cut off.
        ended: Option<Ended>,
    }
}

impl<B> CutBody<B> {
    pub(crate) fn new(body: B, ended: Ended) -> Self {
        Self { body, ended: Some(ended) }
    }
}

impl<B: MessageBody> MessageBody for CutBody<B> {
    type Error = Box<dyn Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Box<dyn Error>>>> {
        let this = self.project();
        let Some(ended) = this.ended else { return Poll::Ready(None) };
        if let Poll::Ready(rejection) = ended.as_mut().poll(cx) {
            *this.ended = None;
            rejection.cuts_off();
            return Poll::Ready(Some(Err(rejection.into())));
        }
        let bytes = ready!(this.body.poll_next(cx));
        Poll::Ready(bytes.map(|bytes| bytes.map_err(Into::into)))
    }

    /// What is there as a whole already is not cut off.
    fn try_into_bytes(self) -> Result<Bytes, Self> {
        let Self { body, ended } = self;
        body.try_into_bytes().map_err(|body| Self { body, ended })
    }
}
