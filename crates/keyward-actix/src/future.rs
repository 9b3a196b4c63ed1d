use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_web::Error;
use actix_web::body::EitherBody;
use actix_web::dev::ServiceResponse;
use pin_project_lite::pin_project;

use crate::mark::Mark;

/// A request on its long way: the store, whoever counts, or a guard is asked about it, or its key is
/// watched.
type Waiting<B> = Pin<Box<dyn Future<Output = Result<ServiceResponse<EitherBody<B>>, Error>>>>;

pin_project! {
    /// The response of an [`ApiKeyService`](crate::ApiKeyService).
    pub struct ResponseFuture<F, B> {
        #[pin]
        state: State<F, B>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<F, B> {
        Refused { response: Option<ServiceResponse<EitherBody<B>>> },
        // A cached key goes to `Inner` at once, where the dialect lets requests in flight finish and
        // nobody else counts them.
        Waiting { waiting: Waiting<B> },
        Inner { #[pin] future: F, mark: Mark },
    }
}

impl<F, B> ResponseFuture<F, B> {
    pub(crate) fn refused(response: ServiceResponse<EitherBody<B>>) -> Self {
        Self { state: State::Refused { response: Some(response) } }
    }

    pub(crate) fn waiting(
        waiting: impl Future<Output = Result<ServiceResponse<EitherBody<B>>, Error>> + 'static,
    ) -> Self {
        Self { state: State::Waiting { waiting: Box::pin(waiting) } }
    }

    pub(crate) fn inner(future: F, mark: Mark) -> Self {
        Self { state: State::Inner { future, mark } }
    }
}

impl<F, B> Future for ResponseFuture<F, B>
where
    F: Future<Output = Result<ServiceResponse<B>, Error>>,
{
    type Output = Result<ServiceResponse<EitherBody<B>>, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProj::Inner { future, mark } => {
                let answered = mark.put_on(ready!(future.poll(cx)));
                Poll::Ready(answered.map(ServiceResponse::map_into_left_body))
            }
            StateProj::Refused { response } => {
                response.take().map_or(Poll::Pending, |response| Poll::Ready(Ok(response)))
            }
            StateProj::Waiting { waiting } => waiting.as_mut().poll(cx),
        }
    }
}

impl<F, B> fmt::Debug for ResponseFuture<F, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
