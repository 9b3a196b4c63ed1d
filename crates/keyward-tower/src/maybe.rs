use std::ops::Deref;

use http::Extensions;

use crate::context::{ApiKey, Context};
use crate::refused::Refused;

/// The key of a request on a layer made [`optional`](crate::ApiKeyAuth::optional): `None` only when
/// no key was presented, and an extractor in axum. A bad key is refused; axum's `Option<ApiKey>` does
/// not exist, because it would make a stranger of whoever has a bad key, or of everybody when the
/// layer is missing.
///
/// ```
/// use axum::{Router, routing::get};
/// use keyward::axum::MaybeApiKey;
///
/// async fn greet(MaybeApiKey(key): MaybeApiKey) -> String {
///     key.map_or_else(|| "a stranger".to_owned(), |key| key.workspace().to_owned())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # let keys = keyward_tests::Keys::of(keyward::dialect::Dialect::bigspin()).await;
/// # let (key, auth) = (keys.key("projects-read").await, keys.auth());
/// let app = Router::new().route("/", get(greet)).layer(auth.optional());
/// # let server = keyward_tests::Server::start(app).await;
/// # let client = server.client();
/// assert_eq!(client.get("/", key.expose()).await.body, "acme");
/// assert_eq!(client.get_without_key("/").await.body, "a stranger");
/// assert_eq!(client.get("/", "not a key").await.status, 401);
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct MaybeApiKey(pub Option<ApiKey>);

impl MaybeApiKey {
    /// The key of a request that went through [`ApiKeyAuth`](crate::ApiKeyAuth), if it has one.
    ///
    /// # Errors
    /// A refusal when the layer is missing, which `ApiKey::of(…).ok()` would hide.
    pub fn of(extensions: &Extensions) -> Result<Self, Refused> {
        let context = Context::of(extensions).ok_or_else(Refused::no_layer)?;
        Ok(Self(ApiKey::in_context(context)))
    }
}

impl Deref for MaybeApiKey {
    type Target = Option<ApiKey>;

    fn deref(&self) -> &Option<ApiKey> {
        &self.0
    }
}
