use axum::extract::FromRequestParts;
use http::request::Parts;
use keyward_core::verify::{Rejection, RejectionKind};

use crate::context::{ApiKey, Context};
use crate::guard::Principal;
use crate::refused::Refused;

/// Who sent a request: a key, or somebody whom the other guard of
/// [`ApiKeyAuth::or`](crate::ApiKeyAuth::or) knows. [`Guard`](crate::Guard) has an example.
#[derive(Debug, Clone)]
pub enum Caller<P> {
    /// A key.
    Key(ApiKey),
    /// The guard's principal.
    Guard(P),
}

impl<S: Sync, P: Clone + Send + Sync + 'static> FromRequestParts<S> for Caller<P> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refused> {
        let context = Context::of(&parts.extensions).ok_or_else(Refused::no_layer)?;
        if let Some(key) = ApiKey::in_context(context) {
            return Ok(Self::Key(key));
        }
        match parts.extensions.get::<Principal<P>>() {
            Some(Principal(principal)) => Ok(Self::Guard(principal.clone())),
            None => Err(context.refuse(Rejection::new(RejectionKind::Missing))),
        }
    }
}
