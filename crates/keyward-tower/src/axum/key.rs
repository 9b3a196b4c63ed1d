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

/// The key of a request on a layer made [`optional`](crate::ApiKeyAuth::optional): `None` only when
/// no key was presented. A bad key is refused; axum's `Option<ApiKey>` does not exist, because it
/// would make a stranger of whoever has a bad key, or of everybody when the layer is missing.
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
