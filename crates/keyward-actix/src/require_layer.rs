use std::fmt;
use std::pin::Pin;
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
    inner: I,
    ask: fn(&ApiKey) -> Result<(), Refused>,
}

impl<I> RequireService<I> {
    pub(crate) fn new(inner: I, ask: fn(&ApiKey) -> Result<(), Refused>) -> Self {
        Self { inner, ask }
    }
}

impl<I: fmt::Debug> fmt::Debug for RequireService<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequireService").field("inner", &self.inner).finish_non_exhaustive()
    }
}

impl<I, B> Service<ServiceRequest> for RequireService<I>
where
    I: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = RequireFuture<I::Future>;

    forward_ready!(inner);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let asked = ApiKey::of(&request.extensions()).and_then(|key| (self.ask)(&key));
        let state = match asked {
            Ok(()) => State::Inner { future: self.inner.call(request) },
            Err(refused) => State::Refused { response: Some(request.error_response(refused)) },
        };
        RequireFuture { state }
    }
}

pin_project! {
    /// The response of a [`RequireService`].
    pub struct RequireFuture<F> {
        #[pin]
        state: State<F>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<F> {
        Refused { response: Option<ServiceResponse> },
        Inner { #[pin] future: F },
    }
}

impl<F, B> Future for RequireFuture<F>
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
            StateProj::Refused { response } => match response.take() {
                Some(response) => Poll::Ready(Ok(response.map_into_right_body())),
                None => Poll::Pending,
            },
        }
    }
}

impl<F> fmt::Debug for RequireFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequireFuture").finish_non_exhaustive()
    }
}
