use axum::extract::FromRequestParts;
use http::request::Parts;

use crate::context::{ApiKey, Context, RequestId};
use crate::maybe::MaybeApiKey;
use crate::refused::Refused;

impl<S: Sync> FromRequestParts<S> for ApiKey {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refused> {
        Self::of(&parts.extensions)
    }
}

impl<S: Sync> FromRequestParts<S> for MaybeApiKey {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refused> {
        Self::of(&parts.extensions)
    }
}

impl<S: Sync> FromRequestParts<S> for RequestId {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refused> {
        let context = Context::of(&parts.extensions).ok_or_else(Refused::no_layer)?;
        Ok(Self(context.request_id.clone()))
    }
}
