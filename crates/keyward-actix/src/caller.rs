use std::future::{Ready, ready};

use actix_web::dev::{Extensions, Payload};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use keyward_core::verify::{Rejection, RejectionKind};

use crate::context::{ApiKey, Context};
use crate::guard::Principal;
use crate::refused::Refused;

/// Who sent a request: a key, or somebody whom the other guard of
/// [`ApiKeyAuth::or`](crate::ApiKeyAuth::or) knows. An extractor, and [`Caller::of`] its extensions.
/// [`Guard`](crate::Guard) has an example.
#[derive(Debug, Clone)]
pub enum Caller<P> {
    /// A key.
    Key(ApiKey),
    /// The guard's principal.
    Guard(P),
}

impl<P: Clone + 'static> Caller<P> {
    /// Who sent a request that went through [`ApiKeyAuth`](crate::ApiKeyAuth).
    ///
    /// # Errors
    /// A refusal when the layer let somebody pass who is neither, or when it is missing.
    pub fn of(extensions: &Extensions) -> Result<Self, Refused> {
        let context = Context::expected(extensions)?;
        if let Some(key) = ApiKey::in_context(context) {
            return Ok(Self::Key(key));
        }
        match extensions.get::<Principal<P>>() {
            Some(Principal(principal)) => Ok(Self::Guard(principal.clone())),
            None => Err(context.refuse(Rejection::new(RejectionKind::Missing))),
        }
    }
}

impl<P: Clone + 'static> FromRequest for Caller<P> {
    type Error = Refused;
    type Future = Ready<Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(&request.extensions()))
    }
}
