use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use hyper::body::{Frame, SizeHint};
use tokio::time::{Sleep, sleep};

/// How long a client may take to send a body.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A body that is given up when it does not end in time.
struct Timed {
    body: Body,
    deadline: Pin<Box<Sleep>>,
}

/// Gives up a body that does not end in time: for `axum::middleware::map_request`.
pub(crate) async fn patience(request: Request) -> Request {
    if request.body().is_end_stream() {
        return request;
    }
    let deadline = Box::pin(sleep(PATIENCE));
    request.map(|body| Body::new(Timed { body, deadline }))
}

impl HttpBody for Timed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.deadline.as_mut().poll(cx).is_ready() {
            let late = io::Error::new(io::ErrorKind::TimedOut, "the body did not end in time");
            return Poll::Ready(Some(Err(axum::Error::new(late))));
        }
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
