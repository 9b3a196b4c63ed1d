use std::pin::Pin;
use std::task::{self, Poll};

use http::Response;
use keyward_core::dialect::InFlight;
use keyward_core::verify::{ApiKey, Rejection};

use crate::body::{CutBody, Ended, ResponseBody};
use crate::context::Context;

/// What the layer keeps of a request whose handler is at work, where the dialect does not just let
/// it finish.
pub(crate) struct Watch {
    pub(crate) context: Context,
    pub(crate) private: bool,
    look: Look,
}

/// When to look at the key.
enum Look {
    OnReturn(Recheck),
    Always(Ended),
}

type Recheck = Pin<Box<dyn Future<Output = Result<(), Rejection>> + Send>>;

/// A response that waits for the last look at its key.
pub(crate) struct Returned<R> {
    response: Response<R>,
    recheck: Recheck,
    context: Context,
}

impl Watch {
    /// Nothing for a request that has no key or may finish.
    #[inline]
    pub(crate) fn of(context: &Context, private: bool) -> Option<Box<Self>> {
        let key = context.key.as_ref().filter(|key| key.is_watched())?;
        Some(Box::new(Self::over(key.clone(), context, private)))
    }

    #[cold]
    fn over(key: ApiKey, context: &Context, private: bool) -> Self {
        let verifier = context.verifier.clone();
        let look = match verifier.dialect().in_flight() {
            InFlight::Cancel => Look::Always(Box::pin(async move { verifier.ended(&key).await })),
            _ => Look::OnReturn(Box::pin(async move { verifier.recheck(&key).await })),
        };
        Self { context: context.clone(), private, look }
    }

    /// Whether the request is over before its handler is.
    pub(crate) fn poll_ended(&mut self, cx: &mut task::Context<'_>) -> Poll<Rejection> {
        match &mut self.look {
            Look::OnReturn(_) => Poll::Pending,
            Look::Always(ended) => ended.as_mut().poll(cx),
        }
    }

    /// What a handler answered goes out, or is looked at first.
    pub(crate) fn returned<R: ResponseBody>(
        self,
        response: Response<R>,
    ) -> Result<Response<R>, Box<Returned<R>>> {
        match self.look {
            Look::Always(_) if response.body().is_end_stream() => Ok(response),
            Look::Always(ended) => Ok(response.map(|body| R::cut(CutBody::new(body, ended)))),
            Look::OnReturn(recheck) => {
                Err(Box::new(Returned { response, recheck, context: self.context }))
            }
        }
    }
}

impl<R: ResponseBody> Returned<R> {
    pub(crate) fn poll_key(&mut self, cx: &mut task::Context<'_>) -> Poll<Result<(), Rejection>> {
        self.recheck.as_mut().poll(cx)
    }

    /// The response, or what stands in its place.
    pub(crate) fn after(self, look: Result<(), Rejection>) -> Response<R> {
        match look {
            Ok(()) => self.response,
            Err(rejection) => self.context.refuse(rejection).into_response(),
        }
    }
}
