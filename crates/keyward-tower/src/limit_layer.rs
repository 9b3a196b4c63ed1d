use std::fmt;
use std::marker::PhantomData;

use keyward_core::key::Literal;
use tower::Layer;

use crate::require_layer::{Asked, RequireService};

/// Counts requests by one of the dialect's named limits where there are no extractors. Goes inside
/// [`ApiKeyAuth`](crate::ApiKeyAuth), and refuses in gRPC where that does. A limit that the dialect
/// has not is a 500, whose log line names it.
///
/// ```
/// use axum::{Router, routing::post};
/// use keyward::dialect::Dialect;
/// use keyward::scope;
/// use keyward::tower::RequireLimitLayer;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let dialect = Dialect::builder("acme").named_limits([("uploads", 1)]).build()?;
/// # let keys = keyward_tests::Keys::of(dialect).await;
/// # let (key, auth) = (keys.key("").await, keys.auth());
/// let app = Router::new()
///     .route("/uploads", post(|| async {}))
///     .layer(RequireLimitLayer::<scope!("uploads")>::new())
///     .layer(auth); // in axum the last layer is the outermost
/// # let server = keyward_tests::Server::start(app).await;
/// # let client = server.client();
/// # let post = async |key: &str| {
/// #     client.send(client.request("POST".parse().unwrap(), "/uploads").bearer_auth(key)).await
/// # };
/// assert_eq!(post(key.expose()).await.status, 200);
/// assert_eq!(post(key.expose()).await.status, 429);
/// # Ok(()) }
/// ```
pub struct RequireLimitLayer<N>(PhantomData<fn() -> N>);

impl<N: Literal> RequireLimitLayer<N> {
    /// Counts by the limit that a type names: `RequireLimitLayer::<scope!("uploads")>::new()`.
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

impl<N: Literal> Default for RequireLimitLayer<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<N> Clone for RequireLimitLayer<N> {
    fn clone(&self) -> Self {
        Self(PhantomData)
    }
}

impl<N: Literal> fmt::Debug for RequireLimitLayer<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RequireLimitLayer").field(&N::NAME).finish()
    }
}

impl<N: Literal, I> Layer<I> for RequireLimitLayer<N> {
    type Service = RequireService<I>;

    fn layer(&self, inner: I) -> RequireService<I> {
        RequireService::new(inner, |key| {
            Asked::Later(Box::pin(async move { key.require_limit(N::NAME).await }))
        })
    }
}
