use std::fmt;
use std::pin::Pin;
use std::task::{self, Poll, ready};

use http::{Request, Response};
use pin_project_lite::pin_project;
use tower::Service;

use crate::body::ResponseBody;
use crate::context::ApiKey;
use crate::refused::Refused;

/// What [`RequireScopeLayer`](crate::RequireScopeLayer) and
/// [`RequireLimitLayer`](crate::RequireLimitLayer) put around a service.
#[derive(Clone)]
pub struct RequireService<I> {
    inner: I,
    ask: fn(&ApiKey) -> Result<(), Refused>,
}

impl<I> RequireService<I> {
    pub(crate) fn new(inner: I, ask: fn(&ApiKey) -> Result<(), Refused>) -> Self {
        Self { inner, ask }
    }
}

impl<I, B, R> Service<Request<B>> for RequireService<I>
where
    I: Service<Request<B>, Response = Response<R>>,
    R: ResponseBody,
{
    type Response = Response<R>;
    type Error = I::Error;
    type Future = RequireFuture<I::Future, R>;

    fn poll_ready(&mut self, cx: &mut task::Context<'_>) -> Poll<Result<(), I::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let asked = ApiKey::of(request.extensions()).and_then(|key| (self.ask)(&key));
        let state = match asked {
            Ok(()) => State::Inner { future: self.inner.call(request) },
            Err(refused) => State::Refused { response: Some(refused.into_response()) },
        };
        RequireFuture { state }
    }
}

impl<I: fmt::Debug> fmt::Debug for RequireService<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequireService").field("inner", &self.inner).finish_non_exhaustive()
    }
}

pin_project! {
    /// The response of a [`RequireService`].
    pub struct RequireFuture<F, R> {
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

impl<F, R, E> Future for RequireFuture<F, R>
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

impl<F, R> fmt::Debug for RequireFuture<F, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequireFuture").finish_non_exhaustive()
    }
}
