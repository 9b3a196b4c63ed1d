use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;
use keyward_core::key::Literal;

use crate::context::ApiKey;

/// The key of a request that is allowed at the resource which the path names.
///
/// Written `RequireResource<"project_id">` in a function with `#[scoped]`, for a route such as
/// `/projects/{project_id}`. It dereferences to [`ApiKey`].
pub struct RequireResource<N> {
    key: ApiKey,
    parameter: PhantomData<fn() -> N>,
}

impl<N> RequireResource<N> {
    /// The key.
    pub fn into_inner(self) -> ApiKey {
        self.key
    }
}

impl<N> Deref for RequireResource<N> {
    type Target = ApiKey;

    fn deref(&self) -> &ApiKey {
        &self.key
    }
}

impl<N> Clone for RequireResource<N> {
    fn clone(&self) -> Self {
        Self { key: self.key.clone(), parameter: PhantomData }
    }
}

impl<N: Literal> fmt::Debug for RequireResource<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequireResource")
            .field("parameter", &N::NAME)
            .field("key", &self.key)
            .finish()
    }
}

impl<N: Literal, T: Send + Sync> FromRequestParts<T> for RequireResource<N> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &T) -> Result<Self, Response> {
        let key = ApiKey::of(&parts.extensions).map_err(IntoResponse::into_response)?;
        let parameters = RawPathParams::from_request_parts(parts, state)
            .await
            .map_err(IntoResponse::into_response)?;
        let Some((_, resource)) = parameters.iter().find(|(name, _)| *name == N::NAME) else {
            tracing::error!(
                target: "keyward",
                parameter = N::NAME,
                "the route has no such path parameter, which RequireResource asks for"
            );
            return Err(StatusCode::INTERNAL_SERVER_ERROR.into_response());
        };
        key.require_resource(resource).map_err(IntoResponse::into_response)?;
        Ok(Self { key, parameter: PhantomData })
    }
}
