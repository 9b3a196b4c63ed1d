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
use tokio::time::timeout;

/// A body whose rest is read when nobody wants it, for a while.
///
/// hyper closes the connection instead: a client that is sending still may miss the answer, and one
/// that is done may lose its next request.
struct ReadOn(Body);

/// In bytes.
const MOST: usize = 64 * 1024 * 1024;
const LONGEST: Duration = Duration::from_secs(10);

/// For `axum::middleware::map_request`, around everything. A client that waits to be asked for the
/// body is not asked for one that nobody wants.
pub(crate) async fn read_on(request: Request) -> Request {
    if request.headers().contains_key(EXPECT) {
        request
    } else {
        request.map(|body| Body::new(ReadOn(body)))
    }
}

impl HttpBody for ReadOn {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.0).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}

impl Drop for ReadOn {
    fn drop(&mut self) {
        let mut rest = Limited::new(mem::take(&mut self.0), MOST);
        if let (false, Ok(runtime)) = (rest.is_end_stream(), Handle::try_current()) {
            let end = async move { while let Some(Ok(_)) = rest.frame().await {} };
            runtime.spawn(timeout(LONGEST, end));
        }
    }
}
