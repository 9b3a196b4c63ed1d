use std::ops::Deref;

use axum::extract::{FromRef, FromRequestParts};
use http::request::Parts;
use keyward_core::verify::Environments;

use crate::context::ApiKey;
use crate::refused::Refused;

/// The half of the application's state that the request's key sees, from [`Environments`] in the
/// router's state. A request without a key is refused as by [`ApiKey`].
///
/// ```
/// use axum::{Router, routing::get};
/// use keyward::axum::{Environments, PerEnvironment};
/// use keyward::dialect::{Dialect, Environment, KindForm};
/// use keyward::manage::NewKey;
///
/// async fn list_projects(projects: PerEnvironment<Vec<String>>) -> String {
///     projects.join(", ")
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let dialect = Dialect::builder("acme")
///     .kinds([
///         KindForm::new("live", "acme_live_"),
///         KindForm::new("test", "acme_test_").with_environment(Environment::Sandbox),
///     ])
///     .build()?;
/// # let keys = keyward_tests::Keys::of(dialect).await;
/// # let (manager, auth) = (&keys.manager, keys.auth());
/// let app = Router::new()
///     .route("/projects", get(list_projects))
///     .layer(auth)
///     .with_state(Environments::new(vec!["the real one".to_owned()], vec![]));
///
/// let live = manager.create(NewKey::new("acme", "production")).await?.key;
/// let test = manager.create(NewKey::new("acme", "ci").with_kind("test")).await?.key;
/// # let server = keyward_tests::Server::start(app).await;
/// # let client = server.client();
/// assert_eq!(client.get("/projects", live.expose()).await.body, "the real one");
/// assert_eq!(client.get("/projects", test.expose()).await.body, "");
/// assert_eq!(client.get_without_key("/projects").await.status, 401);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct PerEnvironment<T>(pub T);

impl<T> Deref for PerEnvironment<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<S, T> FromRequestParts<S> for PerEnvironment<T>
where
    S: Sync,
    T: Clone,
    Environments<T>: FromRef<S>,
{
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        let key = ApiKey::of(&parts.extensions)?;
        Ok(Self(Environments::from_ref(state).of(&key).clone()))
    }
}
