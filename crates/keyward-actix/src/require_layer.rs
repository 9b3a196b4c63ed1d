use std::fmt;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, forward_ready};
use actix_web::{Error, HttpMessage};
use pin_project_lite::pin_project;

use crate::context::ApiKey;
use crate::refused::Refused;

/// What [`RequireScopeLayer`](crate::RequireScopeLayer) and
/// [`RequireLimitLayer`](crate::RequireLimitLayer) put around a service.
pub struct RequireService<I> {
    inner: Rc<I>,
    ask: fn(ApiKey) -> Asked,
}

/// Whether a key may go on.
pub(crate) enum Asked {
    Now(Result<(), Refused>),
    Later(Pin<Box<dyn Future<Output = Result<(), Refused>>>>),
}

impl<I> RequireService<I> {
    pub(crate) fn new(inner: I, ask: fn(ApiKey) -> Asked) -> Self {
        Self { inner: Rc::new(inner), ask }
    }
}

impl<I: fmt::Debug> fmt::Debug for RequireService<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequireService").field("inner", &self.inner).finish_non_exhaustive()
    }
}

impl<I, B> Service<ServiceRequest> for RequireService<I>
where
    I: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = RequireFuture<I::Future, B>;

    forward_ready!(inner);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let asked = ApiKey::of(&request.extensions()).map(self.ask);
        let state = match asked {
            Ok(Asked::Now(Ok(()))) => State::Inner { future: self.inner.call(request) },
            Ok(Asked::Later(answer)) => {
                let inner = Rc::clone(&self.inner);
                let waiting = Box::pin(async move {
                    match answer.await {
                        Ok(()) => Ok(inner.call(request).await?.map_into_left_body()),
                        Err(refused) => Ok(request.error_response(refused).map_into_right_body()),
                    }
                });
                State::Waiting { waiting }
            }
            Ok(Asked::Now(Err(refused))) | Err(refused) => {
                State::Refused { response: Some(request.error_response(refused)) }
            }
        };
        RequireFuture { state }
    }
}

type Waiting<B> = Pin<Box<dyn Future<Output = Result<ServiceResponse<EitherBody<B>>, Error>>>>;

pin_project! {
    /// The response of a [`RequireService`].
    pub struct RequireFuture<F, B> {
        #[pin]
        state: State<F, B>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<F, B> {
        Refused { response: Option<ServiceResponse> },
        Waiting { waiting: Waiting<B> },
        Inner { #[pin] future: F },
    }
}

impl<F, B> Future for RequireFuture<F, B>
where
    F: Future<Output = Result<ServiceResponse<B>, Error>>,
{
    type Output = Result<ServiceResponse<EitherBody<B>>, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProj::Inner { future } => {
                let response = ready!(future.poll(cx))?;
                Poll::Ready(Ok(response.map_into_left_body()))
            }
            StateProj::Waiting { waiting } => waiting.as_mut().poll(cx),
            StateProj::Refused { response } => match response.take() {
                Some(response) => Poll::Ready(Ok(response.map_into_right_body())),
                None => Poll::Pending,
            },
        }
    }
}

impl<F, B> fmt::Debug for RequireFuture<F, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequireFuture").finish_non_exhaustive()
    }
}
