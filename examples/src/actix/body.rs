use std::cell::RefCell;
use std::error::Error as StdError;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::middleware::Next;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{Error, HttpMessage, HttpRequest};
use futures_util::{StreamExt, stream};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use tokio::time::sleep;

use crate::json::{BadJson, parse};
use crate::patience::PATIENCE;

/// Gives up a body that does not end in time: for `from_fn`, around everything.
///
/// # Errors
/// Those of the service inside.
pub async fn patience<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse, Error> {
    let payload = request.take_payload();
    if matches!(payload, Payload::None) {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    let payload = Rc::new(RefCell::new(payload));
    let mut deadline = Box::pin(sleep(PATIENCE));
    let timed = stream::poll_fn({
        let payload = Rc::clone(&payload);
        move |cx| {
            if deadline.as_mut().poll(cx).is_ready() {
                let late = io::Error::new(io::ErrorKind::TimedOut, "the body did not end in time");
                return Poll::Ready(Some(Err(PayloadError::Io(late))));
            }
            payload.borrow_mut().poll_next_unpin(cx)
        }
    });
    request.set_payload(Payload::Stream { payload: Box::pin(timed) });
    let response = next.call(request).await?;
    Ok(response.map_body(|_, body| BoxBody::new(Held { body: body.boxed(), _payload: payload })))
}

/// A response's body that holds what a handler has left of the request's. Of chunks that nobody
/// holds, actix-http reads whatever comes, and without an end.
struct Held {
    body: BoxBody,
    _payload: Rc<RefCell<Payload>>,
}

impl MessageBody for Held {
    type Error = Box<dyn StdError>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(cx)
    }
}

/// As [`json_object`](crate::json_object) of axum's requests.
///
/// # Errors
/// [`BadJson`], as there.
pub fn json_object(
    request: &HttpRequest,
    mut payload: Payload,
    largest: usize,
) -> impl Future<Output = Result<Map<String, Value>, BadJson>> + use<> {
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let announced = header(CONTENT_LENGTH).and_then(|length| length.parse::<usize>().ok());
    let of = header(CONTENT_TYPE).map(str::to_owned);
    async move {
        if announced.is_some_and(|length| length > largest) {
            return Err(BadJson::TooLarge);
        }
        let mut bytes = BytesMut::new();
        while let Some(piece) = payload.next().await {
            // The connection broke, or the client stopped half-way.
            let piece = piece.map_err(|_| BadJson::Malformed)?;
            if bytes.len() + piece.len() > largest {
                return Err(BadJson::TooLarge);
            }
            bytes.extend_from_slice(&piece);
        }
        parse(of.as_deref(), &bytes)
    }
}

/// The parameters of a path, in their order; nothing where it is no UTF-8.
pub fn parameters<const N: usize>(request: &HttpRequest) -> Option<[String; N]> {
    // actix-web has put something else where the path was not text, and left `%2F`, `%25` and `%2B`.
    percent_decode_str(request.path()).decode_utf8().ok()?;
    let decoded = request.match_info().iter().map(|(_, value)| percent_decode_str(value));
    let texts: Vec<String> = decoded.map(|text| text.decode_utf8_lossy().into_owned()).collect();
    texts.try_into().ok()
}
