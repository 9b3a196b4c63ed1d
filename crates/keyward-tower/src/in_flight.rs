use std::pin::Pin;
use std::task::{self, Poll};

use http::Response;
use keyward_core::dialect::InFlight;
use keyward_core::verify::{ApiKey, Rejection};

use crate::body::{CutBody, Ended, ResponseBody};
use crate::context::Context;
use crate::mark::Mark;

/// What the layer keeps of a request whose handler is at work, where the dialect does not just let
/// it finish.
pub(crate) struct Watch {
    pub(crate) context: Context,
    pub(crate) mark: Mark,
    /// The look at the key when the handler is done.
    recheck: Pin<Box<dyn Future<Output = Result<(), Rejection>> + Send>>,
    /// Under a policy that does not wait for the handler.
    ended: Option<Ended>,
}

/// A response that waits for the look at its key.
pub(crate) struct Returned<R> {
    response: Response<R>,
    watch: Watch,
}

impl Watch {
    /// Nothing for a request that has no key or may finish.
    #[inline]
    pub(crate) fn of(context: &Context) -> Option<Box<Self>> {
        let key = context.key.as_ref().filter(|key| key.is_watched())?;
        Some(Box::new(Self::over(key, context)))
    }

    #[cold]
    fn over(key: &ApiKey, context: &Context) -> Self {
        let cancels = context.verifier.dialect().in_flight() == InFlight::Cancel;
        let ended = cancels.then(|| -> Ended {
            let (verifier, key) = (context.verifier.clone(), key.clone());
            Box::pin(async move { verifier.ended(&key).await })
        });
        let (verifier, key) = (context.verifier.clone(), key.clone());
        let recheck = Box::pin(async move { verifier.recheck(&key).await });
        Self { context: context.clone(), mark: Mark::of(context), recheck, ended }
    }

    /// Whether the request is over before its handler is.
    pub(crate) fn poll_ended(&mut self, cx: &mut task::Context<'_>) -> Poll<Rejection> {
        self.ended.as_mut().map_or(Poll::Pending, |ended| ended.as_mut().poll(cx))
    }

    /// The handler is done.
    pub(crate) fn returned<R>(self, response: Response<R>) -> Returned<R> {
        Returned { response, watch: self }
    }
}

impl<R: ResponseBody> Returned<R> {
    pub(crate) fn poll_key(&mut self, cx: &mut task::Context<'_>) -> Poll<Result<(), Rejection>> {
        self.watch.recheck.as_mut().poll(cx)
    }

    /// The response, which may still be cut off, or the refusal in its place.
    pub(crate) fn after(self, look: Result<(), Rejection>) -> Response<R> {
        let Self { response, watch } = self;
        match (look, watch.ended) {
            (Err(rejection), _) => watch.context.refuse(rejection).into_response(),
            (Ok(()), Some(ended)) if !response.body().is_end_stream() => {
                response.map(|body| R::cut(CutBody::new(body, ended, watch.context.grpc)))
            }
            (Ok(()), _) => response,
        }
    }
}
