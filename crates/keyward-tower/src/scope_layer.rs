use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{self, Poll, ready};

use http::{Request, Response};
use keyward_core::key::Literal;
use pin_project_lite::pin_project;
use tower::{Layer, Service};

use crate::body::ResponseBody;
use crate::context::ApiKey;

/// Asks for scopes where there are no extractors. Goes inside [`ApiKeyAuth`](crate::ApiKeyAuth), and
/// refuses in gRPC where that does.
///
/// ```
/// use axum::{Router, routing::get};
/// use keyward::scope;
/// use keyward::tower::RequireScopeLayer;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # let keys = keyward_tests::Keys::of(keyward::dialect::Dialect::bigspin()).await;
/// # let (reader, writer) = (keys.key("projects-read").await, keys.key("projects-write").await);
/// # let auth = keys.auth();
/// let app = Router::new()
///     .route("/projects", get(|| async { "projects" }))
///     .layer(RequireScopeLayer::<scope!("projects-read")>::new())
///     .layer(auth); // in axum the last layer is the outermost
/// # let server = keyward_tests::Server::start(app).await;
/// # let client = server.client();
/// assert_eq!(client.get("/projects", reader.expose()).await.status, 200);
/// assert_eq!(client.get("/projects", writer.expose()).await.status, 403);
/// # }
/// ```
pub struct RequireScopeLayer<S>(PhantomData<fn() -> S>);

impl<S: Literal> RequireScopeLayer<S> {
    /// Asks for the scopes of a type: `RequireScopeLayer::<scope!("skills:read")>::new()`.
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

impl<S: Literal> Default for RequireScopeLayer<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Clone for RequireScopeLayer<S> {
    fn clone(&self) -> Self {
        Self(PhantomData)
    }
}

impl<S: Literal> fmt::Debug for RequireScopeLayer<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RequireScopeLayer").field(&S::NAME).finish()
    }
}

impl<S: Literal, I> Layer<I> for RequireScopeLayer<S> {
    type Service = RequireScopeService<S, I>;

    fn layer(&self, inner: I) -> Self::Service {
        RequireScopeService { inner, scope: PhantomData }
    }
}

/// What [`RequireScopeLayer`] puts around a service.
pub struct RequireScopeService<S, I> {
    inner: I,
    scope: PhantomData<fn() -> S>,
}

impl<S, I: Clone> Clone for RequireScopeService<S, I> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), scope: PhantomData }
    }
}

impl<S: Literal, I: fmt::Debug> fmt::Debug for RequireScopeService<S, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequireScopeService")
            .field("scope", &S::NAME)
            .field("inner", &self.inner)
            .finish()
    }
}

impl<S, I, B, R> Service<Request<B>> for RequireScopeService<S, I>
where
    S: Literal,
    I: Service<Request<B>, Response = Response<R>>,
    R: ResponseBody,
{
    type Response = Response<R>;
    type Error = I::Error;
    type Future = RequireScopeFuture<I::Future, R>;

    fn poll_ready(&mut self, cx: &mut task::Context<'_>) -> Poll<Result<(), I::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let state = match ApiKey::of(request.extensions()).and_then(|key| key.require(S::NAME)) {
            Ok(()) => State::Inner { future: self.inner.call(request) },
            Err(refused) => State::Refused { response: Some(refused.into_response()) },
        };
        RequireScopeFuture { state }
    }
}

pin_project! {
    /// The response of a [`RequireScopeService`].
    pub struct RequireScopeFuture<F, R> {
        #[pin]
        state: State<F, R>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<F, R> {
        Refused { response: Option<Response<R>> },
        Inner { #[pin] future: F },
    }
}

impl<F, R, E> Future for RequireScopeFuture<F, R>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = Result<Response<R>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProj::Inner { future } => Poll::Ready(ready!(future.poll(cx))),
            StateProj::Refused { response } => {
                response.take().map_or(Poll::Pending, |response| Poll::Ready(Ok(response)))
            }
        }
    }
}
