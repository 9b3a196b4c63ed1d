use std::fmt;
use std::marker::PhantomData;

use keyward_core::key::Literal;
use tower::Layer;

use crate::require_layer::{Asked, RequireService};

/// Asks for scopes where there are no extractors. Goes inside [`ApiKeyAuth`](crate::ApiKeyAuth), and
/// refuses in gRPC where that does.
///
/// ```
/// use axum::{Router, routing::get};
/// use keyward::scope;
/// use keyward::tower::RequireScopeLayer;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # let keys = keyward_tests::Keys::of(keyward::dialect::Dialect::bigspin()).await;
/// # let (reader, writer) = (keys.key("projects-read").await, keys.key("projects-write").await);
/// # let auth = keys.auth();
/// let app = Router::new()
///     .route("/projects", get(|| async { "projects" }))
///     .layer(RequireScopeLayer::<scope!("projects-read")>::new())
///     .layer(auth); // in axum the last layer is the outermost
/// # let server = keyward_tests::Server::start(app).await;
/// # let client = server.client();
/// assert_eq!(client.get("/projects", reader.expose()).await.status, 200);
/// assert_eq!(client.get("/projects", writer.expose()).await.status, 403);
/// # }
/// ```
pub struct RequireScopeLayer<S>(PhantomData<fn() -> S>);

impl<S: Literal> RequireScopeLayer<S> {
    /// Asks for the scopes of a type: `RequireScopeLayer::<scope!("skills:read")>::new()`.
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

impl<S: Literal> Default for RequireScopeLayer<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Clone for RequireScopeLayer<S> {
    fn clone(&self) -> Self {
        Self(PhantomData)
    }
}

impl<S: Literal> fmt::Debug for RequireScopeLayer<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RequireScopeLayer").field(&S::NAME).finish()
    }
}

impl<S: Literal, I> Layer<I> for RequireScopeLayer<S> {
    type Service = RequireService<I>;

    fn layer(&self, inner: I) -> RequireService<I> {
        RequireService::new(inner, |key| Asked::Now(key.require(S::NAME)))
    }
}
