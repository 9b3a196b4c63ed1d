use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{FromRequestParts, RawPathParams};
use http::request::Parts;
use keyward_core::key::Literal;
use keyward_core::verify::RejectionKind;

use crate::context::ApiKey;
use crate::refused::Refused;

/// The key of a request that is allowed at the resource which the path names.
///
/// Written `RequireResource<"project_id">` in a function with `#[scoped]`, for a route such as
/// `/projects/{project_id}`. It dereferences to [`ApiKey`].
///
/// It asks whether the key is restricted to other resources, not whether there is such a resource
/// or whose it is: the handler looks for it in the key's [workspace](keyward_core::verify::ApiKey::workspace).
///
/// ```
/// use axum::{Router, routing::get};
/// use keyward::axum::RequireResource;
/// use keyward::scoped;
///
/// #[scoped]
/// async fn read_project(key: RequireResource<"project_id">) -> String {
///     format!("a project of {}", key.workspace())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let keys = keyward_tests::Keys::of(keyward::dialect::Dialect::bigspin()).await;
/// # let (manager, auth) = (&keys.manager, keys.auth());
/// use keyward::key::Resources;
/// use keyward::manage::NewKey;
///
/// let restricted = NewKey::new("acme", "one project's")
///     .with_resources(Resources::Only(vec!["p-1".to_owned()]));
/// let key = manager.create(restricted).await?.key;
/// let app = Router::new().route("/projects/{project_id}", get(read_project)).layer(auth);
/// # let server = keyward_tests::Server::start(app).await;
/// # let client = server.client();
/// assert_eq!(client.get("/projects/p-1", key.expose()).await.status, 200);
/// assert_eq!(client.get("/projects/p-2", key.expose()).await.status, 403);
/// # Ok(()) }
/// ```
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
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &T) -> Result<Self, Refused> {
        let key = ApiKey::of(&parts.extensions)?;
        let parameters = match RawPathParams::from_request_parts(parts, state).await {
            Ok(parameters) => parameters,
            // A path that is not text names nothing that a key may touch.
            Err(RawPathParamsRejection::InvalidUtf8InPathParam(_)) => {
                return Err(key.refuse(RejectionKind::Resource));
            }
            Err(_) => return Err(Refused::no_parameter(N::NAME)),
        };
        let resource = parameters.iter().find(|(name, _)| *name == N::NAME);
        let (_, resource) = resource.ok_or_else(|| Refused::no_parameter(N::NAME))?;
        key.require_resource(resource)?;
        Ok(Self { key, parameter: PhantomData })
    }
}
