use std::fmt;
use std::pin::Pin;
use std::task::{self, Poll, ready};

use http::request::Parts;
use http::{Request, Response};
use keyward_core::verify::{self, Rejection};
use pin_project_lite::pin_project;
use tower::Service;

use crate::body::ResponseBody;
use crate::context::Context;
use crate::in_flight::{Returned, Watch};
use crate::mark::Mark;
use crate::refused::Refused;
use crate::service::ApiKeyService;

/// What came of asking the store, whoever counts, or a guard.
pub(crate) enum Verdict {
    Key(verify::ApiKey),
    Pass,
    Refused(Rejection),
}

/// The head travels with the question, because a guard looks at it.
pub(crate) type Verifying = Pin<Box<dyn Future<Output = (Parts, Verdict)> + Send>>;

pin_project! {
    /// The response of an [`ApiKeyService`].
    pub struct ResponseFuture<S, B, R>
    where
        S: Service<Request<B>>,
    {
        #[pin]
        state: State<S, S::Future, B, R>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<S, F, B, R> {
        Refused { response: Option<Response<R>> },
        // A cached key goes to `Inner` at once, unless its requests are counted elsewhere.
        Verifying { verdict: Verifying, rest: Option<Box<Rest<S, B>>> },
        Inner { #[pin] future: F, mark: Mark },
        // As `Inner`, where the dialect does not just let requests in flight finish.
        Watched { #[pin] future: F, watch: Option<Box<Watch>> },
        Returned { returned: Option<Box<Returned<R>>> },
    }
}

struct Rest<S, B> {
    body: B,
    service: ApiKeyService<S>,
    context: Context,
}

impl<S, B, R> ResponseFuture<S, B, R>
where
    S: Service<Request<B>>,
{
    pub(crate) fn refused(response: Response<R>) -> Self {
        Self { state: State::Refused { response: Some(response) } }
    }

    pub(crate) fn verifying(
        verdict: Verifying,
        body: B,
        service: ApiKeyService<S>,
        context: Context,
    ) -> Self {
        let rest = Some(Box::new(Rest { body, service, context }));
        Self { state: State::Verifying { verdict, rest } }
    }

    pub(crate) fn inner(future: S::Future, mark: Mark) -> Self {
        Self { state: State::Inner { future, mark } }
    }

    pub(crate) fn watched(future: S::Future, watch: Box<Watch>) -> Self {
        Self { state: State::Watched { future, watch: Some(watch) } }
    }
}

impl<S, B, R> Future for ResponseFuture<S, B, R>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: ResponseBody,
{
    type Output = Result<Response<R>, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            let next = match state.as_mut().project() {
                StateProj::Inner { future, mark } => {
                    let mut response = ready!(future.poll(cx))?;
                    mark.put_into(response.headers_mut());
                    return Poll::Ready(Ok(response));
                }
                StateProj::Watched { future, watch } => {
                    let Some(watching) = watch else { return Poll::Pending };
                    if let Poll::Ready(rejection) = watching.poll_ended(cx) {
                        // The handler is dropped when the state is set.
                        Self::refused(watching.context.refuse(rejection).into_response()).state
                    } else {
                        let mut response = ready!(future.poll(cx))?;
                        watching.mark.put_into(response.headers_mut());
                        let Some(watch) = watch.take() else { return Poll::Pending };
                        let returned = Box::new(watch.returned(response));
                        State::Returned { returned: Some(returned) }
                    }
                }
                StateProj::Returned { returned } => {
                    let Some(waiting) = returned else { return Poll::Pending };
                    let look = ready!(waiting.poll_key(cx));
                    let Some(returned) = returned.take() else { return Poll::Pending };
                    return Poll::Ready(Ok(returned.after(look)));
                }
                StateProj::Refused { response } => match response.take() {
                    Some(response) => return Poll::Ready(Ok(response)),
                    None => return Poll::Pending,
                },
                StateProj::Verifying { verdict, rest } => {
                    let (parts, verdict) = ready!(verdict.as_mut().poll(cx));
                    let Some(rest) = rest.take() else { return Poll::Pending };
                    let Rest { body, mut service, mut context } = *rest;
                    let request = Request::from_parts(parts, body);
                    match verdict {
                        Verdict::Key(key) => {
                            context.admitted(key);
                            service.admit(request, context)
                        }
                        Verdict::Pass => service.admit(request, context),
                        Verdict::Refused(rejection) => {
                            Self::refused(Refused::new(rejection, context).into_response())
                        }
                    }
                    .state
                }
            };
            state.set(next);
        }
    }
}

impl<S, B, R> fmt::Debug for ResponseFuture<S, B, R>
where
    S: Service<Request<B>>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
