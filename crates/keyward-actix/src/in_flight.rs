use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;

use actix_web::Error;
use actix_web::body::{BodySize, BoxBody, EitherBody, MessageBody};
use actix_web::dev::ServiceResponse;
use keyward_core::dialect::InFlight;
use keyward_core::verify::{ApiKey, Rejection};

use crate::body::CutBody;
use crate::context::Context;
use crate::mark::Mark;

/// When a key has ended, and how.
pub(crate) type Ended = Pin<Box<dyn Future<Output = Rejection>>>;

/// What the layer keeps of a request whose handler is at work, where the dialect does not just let
/// it finish.
pub(crate) struct Watch {
    context: Context,
    key: ApiKey,
}

impl Watch {
    /// Nothing for a request that has no key or may finish.
    pub(crate) fn of(context: &Context) -> Option<Self> {
        let key = context.key.clone().filter(ApiKey::is_watched)?;
        Some(Self { context: context.clone(), key })
    }

    /// Lets the handler work, and looks at its key before the response leaves.
    pub(crate) async fn over<B: MessageBody + 'static>(
        self,
        handler: impl Future<Output = Result<ServiceResponse<B>, Error>>,
        mark: Mark,
    ) -> Result<ServiceResponse<EitherBody<B>>, Error> {
        let Self { context, key } = self;
        let mut ended = Self::ended(&context, &key);
        let mut handler = pin!(handler);
        let answered = poll_fn(|cx| match ended.as_mut().map(|ended| ended.as_mut().poll(cx)) {
            Some(Poll::Ready(rejection)) => Poll::Ready(Err(rejection)),
            Some(Poll::Pending) | None => handler.as_mut().poll(cx).map(Ok),
        });
        let answered = match answered.await {
            Ok(answered) => mark.put_on(answered),
            // The request is the handler's, and goes with it: what is outside sees an error.
            Err(rejection) => return Err(context.refuse(rejection).into()),
        };
        let look = context.verifier.recheck(&key).await;
        match (answered, look.map_err(|rejection| context.refuse(rejection))) {
            (Ok(response), Err(refused)) => {
                Ok(response.error_response(refused).map_into_right_body())
            }
            (Err(_), Err(refused)) => Err(refused.into()),
            (Ok(response), Ok(())) => Ok(match ended {
                Some(ended) if !is_empty(response.response().body()) => {
                    let cut = |body| EitherBody::right(BoxBody::new(CutBody::new(body, ended)));
                    response.map_body(|_, body| cut(body))
                }
                _ => response.map_into_left_body(),
            }),
            (Err(error), Ok(())) => Err(error),
        }
    }

    /// Under a policy that does not wait for the handler.
    fn ended(context: &Context, key: &ApiKey) -> Option<Ended> {
        let cancels = context.verifier.dialect().in_flight() == InFlight::Cancel;
        cancels.then(|| -> Ended {
            let (verifier, key) = (context.verifier.clone(), key.clone());
            Box::pin(async move { verifier.ended(&key).await })
        })
    }
}

fn is_empty(body: &impl MessageBody) -> bool {
    matches!(body.size(), BodySize::None | BodySize::Sized(0))
}
