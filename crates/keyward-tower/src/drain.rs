use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{self, Poll, ready};
use std::time::Duration;

use http::header::{CONNECTION, EXPECT, HeaderValue};
use http::{Request, Response, Version};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, Limited};
use pin_project_lite::pin_project;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tower::{BoxError, Layer, Service};

/// Reads on, for a while, what the service inside leaves of a request's body, so that a client which
/// is sending still sees the answer. Goes outside of [`ApiKeyAuth`](crate::ApiKeyAuth).
///
/// hyper answers a request that is refused before its body is read, and closes the connection under
/// the client's hands: over HTTP/1 many clients report that they could not send, and not the 401.
/// With this layer the rest is read and thrown away, and then the connection serves the next
/// request. It is bounded: by default 64 MiB and 10 seconds for one request, and 256 requests at
/// once; beyond that the connection is closed as ever. Nothing is read of a client that waits for
/// `100 Continue`, which is told that its connection closes, and nothing in HTTP/2, which ends a
/// single stream.
///
/// ```
/// use axum::body::Bytes;
/// use axum::{Router, routing::post};
/// use keyward::axum::ApiKey;
/// use keyward::tower::DrainLayer;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # let keys = keyward_tests::Keys::of(keyward::dialect::Dialect::bigspin()).await;
/// # let (key, auth) = (keys.key("projects-write").await, keys.auth());
/// let app = Router::new()
///     .route("/", post(async |_: ApiKey, body: Bytes| body.len().to_string()))
///     .layer(auth)
///     .layer(DrainLayer::new()); // in axum the last layer is the outermost
/// # let server = keyward_tests::Server::start(app).await;
/// # let client = server.client();
/// # let upload = async |key: &str, size| {
/// #     let request = client.request("POST".parse().unwrap(), "/");
/// #     client.send(request.bearer_auth(key).body(vec![b'x'; size])).await
/// # };
/// assert_eq!(upload(key.expose(), 2_000_000).await.body, "2000000");
/// assert_eq!(upload("not a key", 2_000_000).await.status, 401);
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct DrainLayer {
    limits: Limits,
}

#[derive(Debug, Clone)]
struct Limits {
    bytes: usize,
    time: Duration,
    at_once: Arc<Semaphore>,
}

/// In the extensions of a request whose body a layer further out drains: once is enough.
#[derive(Clone)]
struct Drained;

impl DrainLayer {
    /// Reads 64 MiB at most, for 10 seconds at most, and for 256 requests at once.
    pub fn new() -> Self {
        let at_once = Arc::new(Semaphore::new(256));
        Self { limits: Limits { bytes: 64 << 20, time: Duration::from_secs(10), at_once } }
    }

    /// So many bytes of one request at most; of a client that goes on, the connection is closed.
    #[must_use]
    pub fn with_limit(mut self, bytes: usize) -> Self {
        self.limits.bytes = bytes;
        self
    }

    /// For so long at most, counted from when nobody wants the body any more.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.limits.time = timeout;
        self
    }

    /// Of so many requests at once, by this layer and its clones. The bodies of others are dropped.
    #[must_use]
    pub fn with_concurrency(mut self, requests: usize) -> Self {
        let requests = requests.min(Semaphore::MAX_PERMITS);
        self.limits.at_once = Arc::new(Semaphore::new(requests));
        self
    }

    /// What the layer does, for whoever has a request in hand and no service to put a layer around.
    pub fn drain<B>(&self, mut request: Request<B>) -> Request<DrainBody<B>>
    where
        B: Body<Data: Send, Error: Into<BoxError>> + Send + Unpin + 'static,
    {
        let has_rest = request.version() <= Version::HTTP_11
            && !request.body().is_end_stream()
            && request.extensions_mut().insert(Drained).is_none();
        let rest = has_rest.then(|| Rest {
            limits: self.limits.clone(),
            read: read::<B>,
            awaited: request.headers().contains_key(EXPECT).then(Awaited::default),
        });
        request.map(|body| DrainBody { body: Some(body), rest })
    }
}

impl Default for DrainLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Layer<S> for DrainLayer {
    type Service = DrainService<S>;

    fn layer(&self, inner: S) -> DrainService<S> {
        DrainService { inner, layer: self.clone() }
    }
}

/// What [`DrainLayer`] puts around a service.
#[derive(Debug, Clone)]
pub struct DrainService<S> {
    inner: S,
    layer: DrainLayer,
}

impl<S, B, R> Service<Request<B>> for DrainService<S>
where
    S: Service<Request<DrainBody<B>>, Response = Response<R>>,
    B: Body<Data: Send, Error: Into<BoxError>> + Send + Unpin + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = DrainFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut task::Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let request = self.layer.drain(request);
        let awaited = request.body().rest.as_ref().and_then(|rest| rest.awaited.clone());
        DrainFuture { future: self.inner.call(request), awaited }
    }
}

pin_project! {
    /// The response of a [`DrainService`].
    pub struct DrainFuture<F> {
        #[pin]
        future: F,
        awaited: Option<Awaited>,
    }
}

impl<F, R, E> Future for DrainFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let mut answered = ready!(this.future.poll(cx));
        if let (Ok(response), Some(awaited)) = (&mut answered, this.awaited)
            && awaited.is_so()
        {
            // hyper closes it, since it does not know whether the body comes, and says nothing.
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        Poll::Ready(answered)
    }
}

impl<F> fmt::Debug for DrainFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DrainFuture").finish_non_exhaustive()
    }
}

/// Whether a client still waits until somebody wants its body.
#[derive(Clone)]
struct Awaited(Arc<AtomicBool>);

impl Awaited {
    fn is_so(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn is_over(&self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

impl Default for Awaited {
    fn default() -> Self {
        Self(Arc::new(AtomicBool::new(true)))
    }
}

/// The body of a request, whose rest is read when it is dropped.
pub struct DrainBody<B> {
    // `None` only while it is dropped.
    body: Option<B>,
    rest: Option<Rest<B>>,
}

/// What becomes of what nobody wanted.
struct Rest<B> {
    limits: Limits,
    // A pointer, so that the body needs no bounds to be dropped.
    read: fn(B, Limits),
    // `None` where the client did not ask.
    awaited: Option<Awaited>,
}

/// Reads a body in a task of its own, which holds the connection for as long.
fn read<B>(body: B, limits: Limits)
where
    B: Body<Data: Send, Error: Into<BoxError>> + Send + Unpin + 'static,
{
    let Limits { bytes, time, at_once } = limits;
    // Who knows how much is to come stops before the end is told.
    if body.is_end_stream() {
        return;
    }
    if let (Ok(runtime), Ok(permit)) = (Handle::try_current(), at_once.try_acquire_owned()) {
        runtime.spawn(async move {
            let mut body = Limited::new(body, bytes);
            let end = async { while let Some(Ok(_)) = body.frame().await {} };
            let _in_time = timeout(time, end).await;
            drop(permit);
        });
    }
}

impl<B: Body + Unpin> Body for DrainBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut task::Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let Self { body, rest } = self.get_mut();
        let Some(body) = body else { return Poll::Ready(None) };
        if let Some(Rest { awaited: Some(awaited), .. }) = rest {
            awaited.is_over();
        }
        let frame = Pin::new(body).poll_frame(cx);
        if let Poll::Ready(None | Some(Err(_))) = frame {
            *rest = None;
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map(Body::size_hint).unwrap_or_default()
    }
}

impl<B> Drop for DrainBody<B> {
    fn drop(&mut self) {
        if let (Some(body), Some(rest)) = (self.body.take(), self.rest.take())
            && !rest.awaited.is_some_and(|awaited| awaited.is_so())
        {
            (rest.read)(body, rest.limits);
        }
    }
}

impl<B> fmt::Debug for DrainBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DrainBody").finish_non_exhaustive()
    }
}
