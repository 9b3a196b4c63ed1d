use std::error::Error;
use std::fmt;
use std::future::pending;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use bytes::Bytes;
use futures_util::StreamExt;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::mpsc::{self, Receiver};

/// A piece, what went wrong, or the end: without it the rest did not come.
type Piece = Option<Result<Bytes, PayloadError>>;

/// Brings the pieces of a payload, which stays on its thread, to a [`RequestBody`], which does not
/// have to. It moves only while it is asked to, and at most two pieces ahead.
pub(super) struct Feed(Option<Pin<Box<dyn Future<Output = ()>>>>);

/// The body of a request to a mounted service.
pub struct RequestBody {
    // `None` when it has ended.
    pieces: Option<Receiver<Piece>>,
    // In bytes, where the client has said it.
    left: Option<u64>,
}

/// Both ends of a request's payload.
pub(super) fn feed(request: &HttpRequest, mut payload: Payload) -> (Feed, RequestBody) {
    if matches!(payload, Payload::None) {
        return (Feed(None), RequestBody { pieces: None, left: Some(0) });
    }
    let (sender, pieces) = mpsc::channel(1);
    let bring = async move {
        loop {
            let piece = payload.next().await;
            let is_last = !matches!(piece, Some(Ok(_)));
            if sender.send(piece).await.is_err() {
                // Nobody wants it any more: the response holds it, as that of a refusal does.
                pending::<()>().await;
            }
            if is_last {
                return;
            }
        }
    };
    let body = RequestBody { pieces: Some(pieces), left: announced(request) };
    (Feed(Some(Box::pin(bring))), body)
}

fn announced(request: &HttpRequest) -> Option<u64> {
    let headers = request.headers();
    if headers.contains_key(TRANSFER_ENCODING) {
        return None;
    }
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

impl Feed {
    /// Brings what there is and wanted, and wakes the task when there is more to bring.
    pub(super) fn go_on(&mut self, cx: &mut Context<'_>) {
        if let Some(bring) = &mut self.0
            && bring.as_mut().poll(cx).is_ready()
        {
            self.0 = None;
        }
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let Some(pieces) = &mut self.pieces else { return Poll::Ready(None) };
        let piece = ready!(pieces.poll_recv(cx));
        Poll::Ready(match piece {
            Some(Some(Ok(bytes))) => {
                let length = bytes.len() as u64;
                self.left = self.left.map(|left| left.saturating_sub(length));
                Some(Ok(Frame::data(bytes)))
            }
            Some(None) => {
                self.pieces = None;
                None
            }
            Some(Some(Err(error))) => {
                self.pieces = None;
                Some(Err(error.into()))
            }
            None => {
                self.pieces = None;
                Some(Err("the request was over before its body was".into()))
            }
        })
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map(SizeHint::with_exact).unwrap_or_default()
    }
}

impl fmt::Debug for RequestBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestBody").field("left", &self.left).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;
    use std::task::Waker;

    use actix_web::test::TestRequest;
    use futures_util::stream;

    use super::*;

    fn both(payload: Payload) -> (Feed, Pin<Box<RequestBody>>) {
        let (feed, body) = feed(&TestRequest::default().to_http_request(), payload);
        (feed, Box::pin(body))
    }

    #[test]
    fn what_nobody_reads_is_not_fetched() {
        let fetched = Rc::new(Cell::new(0));
        let pieces = stream::repeat_with({
            let fetched = Rc::clone(&fetched);
            move || {
                fetched.set(fetched.get() + 1);
                Ok(Bytes::from_static(b"piece"))
            }
        });
        let (mut feed, mut body) = both(Payload::Stream { payload: Box::pin(pieces) });
        let mut cx = Context::from_waker(Waker::noop());
        for read in 0..10 {
            for _ in 0..100 {
                feed.go_on(&mut cx);
            }
            assert_eq!(fetched.get(), read + 2);
            assert!(body.as_mut().poll_frame(&mut cx).is_ready());
        }
    }

    #[test]
    fn a_body_ends_well_only_where_its_payload_does() {
        let mut cx = Context::from_waker(Waker::noop());
        let piece = || Ok(Bytes::from_static(b"piece"));
        for (pieces, cut_off, well) in [
            (vec![piece()], false, true),
            (vec![piece(), Err(PayloadError::Incomplete(None))], false, false),
            (vec![piece()], true, false),
        ] {
            let (mut feed, mut body) =
                both(Payload::Stream { payload: Box::pin(stream::iter(pieces)) });
            feed.go_on(&mut cx);
            assert!(matches!(body.as_mut().poll_frame(&mut cx), Poll::Ready(Some(Ok(_)))));
            let feed = (!cut_off).then_some(feed);
            if let Some(mut feed) = feed {
                feed.go_on(&mut cx);
            }
            let Poll::Ready(end) = body.as_mut().poll_frame(&mut cx) else { unreachable!() };
            assert_eq!(end.is_none(), well);
            assert!(body.is_end_stream());
        }
        let (_, body) = both(Payload::None);
        assert!(body.is_end_stream() && body.size_hint().exact() == Some(0));
    }
}
