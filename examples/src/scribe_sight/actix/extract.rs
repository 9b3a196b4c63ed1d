//! What handlers take and give, as those of actix-web.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse, Responder, ResponseError};

use crate::actix::{json_object, parameters, unfinished};
use crate::scribe_sight::answer::{Data, Error};
use crate::scribe_sight::body::Body;

/// The ids in the path. Empty where it is no UTF-8: nothing is called that.
pub(super) struct Ids<const N: usize>(pub(super) [String; N]);

impl<const N: usize> FromRequest for Ids<N> {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let ids = parameters(request);
        ready(Ok(Self(ids.unwrap_or([const { String::new() }; N]))))
    }
}

impl FromRequest for Body {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let object = json_object(request, payload.take(), Self::LARGEST);
        Box::pin(async { Ok(Self(object.await?)) })
    }
}

impl Responder for Data {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        unfinished(self.status(), self.into_body())
    }
}

impl ResponseError for Error {
    fn error_response(&self) -> HttpResponse {
        unfinished(self.status(), self.clone().into_body())
    }
}
