use std::fmt;
use std::mem;
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
    ask: fn(ApiKey) -> Asked,
}

/// Whether a key may go on.
pub(crate) enum Asked {
    Now(Result<(), Refused>),
    Later(Pin<Box<dyn Future<Output = Result<(), Refused>> + Send>>),
}

impl<I> RequireService<I> {
    pub(crate) fn new(inner: I, ask: fn(ApiKey) -> Asked) -> Self {
        Self { inner, ask }
    }
}

impl<I, B, R> Service<Request<B>> for RequireService<I>
where
    I: Service<Request<B>, Response = Response<R>> + Clone,
    R: ResponseBody,
{
    type Response = Response<R>;
    type Error = I::Error;
    type Future = RequireFuture<I, B, R>;

    fn poll_ready(&mut self, cx: &mut task::Context<'_>) -> Poll<Result<(), I::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let state = match ApiKey::of(request.extensions()).map(self.ask) {
            Ok(Asked::Now(Ok(()))) => State::Inner { future: self.inner.call(request) },
            Ok(Asked::Later(answer)) => {
                // The service that was polled ready; a fresh clone stays behind.
                let fresh = self.inner.clone();
                let inner = mem::replace(&mut self.inner, fresh);
                State::Asking { answer, rest: Some(Box::new((inner, request))) }
            }
            Ok(Asked::Now(Err(refused))) | Err(refused) => State::refused(refused),
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
    pub struct RequireFuture<I, B, R>
    where
        I: Service<Request<B>>,
    {
        #[pin]
        state: State<I, I::Future, B, R>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<I, F, B, R> {
        Refused { response: Option<Response<R>> },
        Asking {
            answer: Pin<Box<dyn Future<Output = Result<(), Refused>> + Send>>,
            rest: Option<Box<(I, Request<B>)>>,
        },
        Inner { #[pin] future: F },
    }
}

impl<I, F, B, R: ResponseBody> State<I, F, B, R> {
    fn refused(refused: Refused) -> Self {
        Self::Refused { response: Some(refused.into_response()) }
    }
}

impl<I, B, R> Future for RequireFuture<I, B, R>
where
    I: Service<Request<B>, Response = Response<R>>,
    R: ResponseBody,
{
    type Output = Result<Response<R>, I::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            let next = match state.as_mut().project() {
                StateProj::Inner { future } => return future.poll(cx),
                StateProj::Refused { response } => {
                    let response = response.take();
                    return response.map_or(Poll::Pending, |response| Poll::Ready(Ok(response)));
                }
                StateProj::Asking { answer, rest } => {
                    let answer = ready!(answer.as_mut().poll(cx));
                    let Some(rest) = rest.take() else { return Poll::Pending };
                    let (mut inner, request) = *rest;
                    match answer {
                        Ok(()) => State::Inner { future: inner.call(request) },
                        Err(refused) => State::refused(refused),
                    }
                }
            };
            state.set(next);
        }
    }
}

impl<I, B, R> fmt::Debug for RequireFuture<I, B, R>
where
    I: Service<Request<B>>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequireFuture").finish_non_exhaustive()
    }
}
