use std::io;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::header::EXPECT;
use http_body_util::{BodyExt, Limited};
use hyper::body::{Frame, SizeHint};
use tokio::runtime::Handle;
use tokio::time::{Sleep, sleep, timeout};

/// A body that is given up when it does not end in time, and whose rest is read when nobody wants
/// it, for a while.
///
/// hyper closes the connection instead: a client that is sending still may miss the answer, and one
/// that is done may lose its next request.
struct ReadOn {
    body: Body,
    deadline: Pin<Box<Sleep>>,
    is_coming: bool,
}

/// In bytes.
const MOST: usize = 64 * 1024 * 1024;
/// How long what nobody wants is read.
pub(crate) const LONGEST: Duration = Duration::from_secs(10);
/// How long a client may take to send a body that somebody wants.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// For `axum::middleware::map_request`, around everything. A client that waits to be asked for the
/// body is not asked for one that nobody wants.
pub(crate) async fn read_on(request: Request) -> Request {
    if request.body().is_end_stream() {
        return request;
    }
    let is_coming = !request.headers().contains_key(EXPECT);
    let deadline = Box::pin(sleep(PATIENCE));
    request.map(|body| Body::new(ReadOn { body, deadline, is_coming }))
}

impl HttpBody for ReadOn {
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

impl Drop for ReadOn {
    fn drop(&mut self) {
        if !self.is_coming {
            return;
        }
        let mut rest = Limited::new(mem::take(&mut self.body), MOST);
        if let (false, Ok(runtime)) = (rest.is_end_stream(), Handle::try_current()) {
            let end = async move { while let Some(Ok(_)) = rest.frame().await {} };
            runtime.spawn(timeout(LONGEST, end));
        }
    }
}
