use std::fmt;

use actix_web::body::BoxBody;
use actix_web::dev::ServiceResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderMap, HeaderName, HeaderValue};
use actix_web::{Error, HttpResponse, ResponseError};
use keyward_core::limit::{LimitField, Tally};
use keyward_core::verify;

use crate::context::Context;

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const POLICY: HeaderName = HeaderName::from_static(LimitField::Policy.name());
const STATE: HeaderName = HeaderName::from_static(LimitField::State.name());
const LIMIT: HeaderName = HeaderName::from_static(LimitField::Limit.name());
const REMAINING: HeaderName = HeaderName::from_static(LimitField::Remaining.name());
const RESET: HeaderName = HeaderName::from_static(LimitField::Reset.name());

/// What every response to a request that was let in carries.
#[derive(Clone)]
pub(crate) struct Mark {
    request_id: verify::RequestId,
    private: bool,
    tally: Tally,
}

impl Mark {
    pub(crate) fn of(context: &Context) -> Self {
        let request_id = context.request_id.clone();
        match &context.key {
            Some(key) => {
                let private = !key.came_in_authorization();
                Self { request_id, private, tally: key.tally().clone() }
            }
            None => Self { request_id, private: false, tally: Tally::default() },
        }
    }

    /// Marks a response, and an error that becomes one.
    #[inline]
    pub(crate) fn put_on<B>(
        &self,
        mut answered: Result<ServiceResponse<B>, Error>,
    ) -> Result<ServiceResponse<B>, Error> {
        match &mut answered {
            Ok(response) => self.put_into(response.headers_mut()),
            Err(_) => answered = answered.map_err(|error| self.around(error)),
        }
        answered
    }

    #[cold]
    fn around(&self, error: Error) -> Error {
        MarkedError { error, mark: self.clone() }.into()
    }

    fn put_into(&self, headers: &mut HeaderMap) {
        put_request_id(&self.request_id, headers);
        if self.private && !headers.contains_key(CACHE_CONTROL) {
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("private"));
        }
        self.tally.show(|field, value| put_limit(field, value, headers));
    }
}

pub(crate) fn put_request_id(id: &verify::RequestId, headers: &mut HeaderMap) {
    if let Ok(id) = HeaderValue::from_str(id.as_str()) {
        headers.insert(REQUEST_ID, id);
    }
}

/// Says how a key stands with a limit, unless the application has said so.
fn put_limit(field: LimitField, value: &str, headers: &mut HeaderMap) {
    let name = match field {
        LimitField::Policy => POLICY,
        LimitField::State => STATE,
        LimitField::Limit => LIMIT,
        LimitField::Remaining => REMAINING,
        LimitField::Reset => RESET,
    };
    if !headers.contains_key(&name)
        && let Ok(value) = HeaderValue::from_str(value)
    {
        headers.insert(name, value);
    }
}

/// An error of a middleware further in, which becomes a response only outside of the layer.
struct MarkedError {
    error: Error,
    mark: Mark,
}

impl ResponseError for MarkedError {
    fn status_code(&self) -> StatusCode {
        self.error.as_response_error().status_code()
    }

    fn error_response(&self) -> HttpResponse<BoxBody> {
        let mut response = self.error.error_response();
        self.mark.put_into(response.headers_mut());
        response
    }
}

impl fmt::Debug for MarkedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl fmt::Display for MarkedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}
