use std::fmt;
use std::pin::Pin;
use std::task::{self, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;
use keyward_core::verify::Rejection;
use pin_project_lite::pin_project;
use tower::BoxError;

use crate::grpc;

/// When a key has ended, and how.
pub(crate) type Ended = Pin<Box<dyn Future<Output = Rejection> + Send>>;

/// The body of a response that the layer can write a refusal into, and cut off.
///
/// axum's `Body`, [`Full`] and, with the feature `tonic`, tonic's `Body` are such bodies. A type of one's own takes the cut one in the place
/// of itself:
///
/// ```
/// use std::pin::Pin;
/// use std::task::{Context, Poll};
///
/// use axum::body::{Body, Bytes, HttpBody};
/// use http_body::Frame;
/// use keyward::tower::{CutBody, ResponseBody};
///
/// struct Own(Body);
///
/// impl ResponseBody for Own {
///     fn full(bytes: Bytes) -> Self {
///         Self(bytes.into())
///     }
///
///     fn cut(body: CutBody<Self>) -> Self {
///         Self(Body::new(body))
///     }
/// }
///
/// impl HttpBody for Own {
///     type Data = Bytes;
///     type Error = axum::Error;
///
///     fn poll_frame(
///         mut self: Pin<&mut Self>,
///         cx: &mut Context<'_>,
///     ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
///         Pin::new(&mut self.0).poll_frame(cx)
///     }
/// }
/// ```
pub trait ResponseBody: Body + Sized {
    /// A body of these bytes: what a refusal says.
    fn full(bytes: Bytes) -> Self;

    /// A body in the place of one that is cut off when its key ends. Only called where the dialect
    /// says [`Cancel`](keyward_core::dialect::InFlight::Cancel).
    fn cut(body: CutBody<Self>) -> Self;
}

/// As a whole from the beginning: there is nothing to cut off.
impl ResponseBody for Full<Bytes> {
    fn full(bytes: Bytes) -> Self {
        Self::new(bytes)
    }

    fn cut(body: CutBody<Self>) -> Self {
        body.into_inner()
    }
}

#[cfg(feature = "axum")]
impl ResponseBody for axum::body::Body {
    fn full(bytes: Bytes) -> Self {
        Self::from(bytes)
    }

    fn cut(body: CutBody<Self>) -> Self {
        Self::new(body)
    }
}

pin_project! {
    /// A body that ends with an error when its key is revoked, so that the client does not take
    /// what it has for the whole; in gRPC with the status, which is the error there.
    pub struct CutBody<B> {
        #[pin]
        body: B,
        // `None` when it was cut off.
        ended: Option<Ended>,
        grpc: bool,
    }
}

impl<B> CutBody<B> {
    pub(crate) fn new(body: B, ended: Ended, grpc: bool) -> Self {
        Self { body, ended: Some(ended), grpc }
    }

    /// The body, which is not cut off then.
    pub fn into_inner(self) -> B {
        self.body
    }
}

impl<B: Body<Error: Into<BoxError>>> Body for CutBody<B> {
    type Data = B::Data;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut task::Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, BoxError>>> {
        let this = self.project();
        let Some(ended) = this.ended else { return Poll::Ready(None) };
        if let Poll::Ready(rejection) = ended.as_mut().poll(cx) {
            *this.ended = None;
            rejection.cuts_off();
            let last = if *this.grpc {
                Ok(Frame::trailers(grpc::status(&rejection)))
            } else {
                Err(rejection.into())
            };
            return Poll::Ready(Some(last));
        }
        let frame = ready!(this.body.poll_frame(cx));
        Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.ended.is_none() || self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<B> fmt::Debug for CutBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CutBody").finish_non_exhaustive()
    }
}
