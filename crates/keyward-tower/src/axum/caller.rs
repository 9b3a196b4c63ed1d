use axum::extract::FromRequestParts;
use http::request::Parts;

use crate::caller::Caller;
use crate::refused::Refused;

impl<S: Sync, P: Clone + Send + Sync + 'static> FromRequestParts<S> for Caller<P> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refused> {
        Self::of(&parts.extensions)
    }
}
