use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use axum::extract::FromRequestParts;
use http::request::Parts;
use keyward_core::key::Literal;

use crate::context::ApiKey;
use crate::refused::Refused;

/// The key of a request that one of the dialect's named limits admits, which the route asks for.
///
/// Written `RequireLimit<"upload_initiation">` in a function with `#[scoped]`. It dereferences to
/// [`ApiKey`]. Extractors run in the order of the arguments: ask for scopes before, so that requests
/// which are refused for those are not counted here. A limit that the dialect has not is a 500, whose
/// log line names it.
///
/// ```
/// use axum::{Router, routing::post};
/// use keyward::axum::{RequireLimit, RequireScope};
/// use keyward::dialect::Dialect;
/// use keyward::scoped;
///
/// #[scoped]
/// async fn upload(_: RequireScope<"write">, key: RequireLimit<"uploads">) -> String {
///     format!("{} may upload", key.workspace())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let dialect = Dialect::builder("acme").named_limits([("uploads", 1)]).build()?;
/// # let keys = keyward_tests::Keys::of(dialect).await;
/// # let (writer, auth) = (keys.key("write").await, keys.auth());
/// let app = Router::new().route("/uploads", post(upload)).layer(auth);
/// # let server = keyward_tests::Server::start(app).await;
/// # let client = server.client();
/// # let post = async |key: &str| {
/// #     client.send(client.request("POST".parse().unwrap(), "/uploads").bearer_auth(key)).await
/// # };
/// let first = post(writer.expose()).await;
/// assert_eq!((first.status, first.header("ratelimit")), (200, Some("\"uploads\";r=0;t=60")));
/// assert_eq!(post(writer.expose()).await.status, 429);
/// # Ok(()) }
/// ```
pub struct RequireLimit<N> {
    key: ApiKey,
    limit: PhantomData<fn() -> N>,
}

impl<N> RequireLimit<N> {
    /// The key.
    pub fn into_inner(self) -> ApiKey {
        self.key
    }
}

impl<N> Deref for RequireLimit<N> {
    type Target = ApiKey;

    fn deref(&self) -> &ApiKey {
        &self.key
    }
}

impl<N> Clone for RequireLimit<N> {
    fn clone(&self) -> Self {
        Self { key: self.key.clone(), limit: PhantomData }
    }
}

impl<N: Literal> fmt::Debug for RequireLimit<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequireLimit").field("limit", &N::NAME).field("key", &self.key).finish()
    }
}

impl<N: Literal, T: Sync> FromRequestParts<T> for RequireLimit<N> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &T) -> Result<Self, Refused> {
        let key = ApiKey::of(&parts.extensions)?;
        key.require_limit(N::NAME).await?;
        Ok(Self { key, limit: PhantomData })
    }
}
