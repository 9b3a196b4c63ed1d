use std::ops::Deref;

use axum::extract::FromRequestParts;
use http::request::Parts;

use crate::context::{ApiKey, Context, RequestId};
use crate::refused::Refused;

impl<S: Sync> FromRequestParts<S> for ApiKey {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refused> {
        Self::of(&parts.extensions)
    }
}

/// The key of a request on a layer made `.optional()`: `None` only when no key was presented.
#[derive(Debug, Clone)]
pub struct MaybeApiKey(pub Option<ApiKey>);

impl Deref for MaybeApiKey {
    type Target = Option<ApiKey>;

    fn deref(&self) -> &Option<ApiKey> {
        &self.0
    }
}

impl<S: Sync> FromRequestParts<S> for MaybeApiKey {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refused> {
        let context = Context::of(&parts.extensions).ok_or_else(Refused::no_layer)?;
        Ok(Self(ApiKey::in_context(context)))
    }
}

impl<S: Sync> FromRequestParts<S> for RequestId {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refused> {
        let context = Context::of(&parts.extensions).ok_or_else(Refused::no_layer)?;
        Ok(Self(context.request_id.clone()))
    }
}
