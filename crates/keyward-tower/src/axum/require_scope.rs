use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use axum::extract::FromRequestParts;
use http::request::Parts;
use keyward_core::key::Literal;

use crate::context::ApiKey;
use crate::refused::Refused;

/// The key of a request that holds the scopes which the route asks for.
///
/// Written `RequireScope<"projects-read">` in a function with `#[scoped]`. Space means all of them,
/// ` | ` separates alternatives. It dereferences to [`ApiKey`], so one argument is enough.
///
/// ```
/// use axum::{Router, routing::get};
/// use keyward::axum::RequireScope;
/// use keyward::scoped;
///
/// #[scoped]
/// async fn list_projects(key: RequireScope<"projects-read">) -> String {
///     format!("the projects of {}", key.workspace())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # let keys = keyward_tests::Keys::of(keyward::dialect::Dialect::bigspin()).await;
/// # let (reader, writer) = (keys.key("projects-read").await, keys.key("projects-write").await);
/// # let auth = keys.auth();
/// let app = Router::new().route("/projects", get(list_projects)).layer(auth);
/// # let server = keyward_tests::Server::start(app).await;
/// # let client = server.client();
/// assert_eq!(client.get("/projects", reader.expose()).await.status, 200);
/// assert_eq!(client.get("/projects", writer.expose()).await.status, 403);
/// # }
/// ```
///
/// Without `#[scoped]` rustc says *E0747: constant provided when a type was expected*:
///
/// ```compile_fail,E0747
/// # use keyward::axum::RequireScope;
/// async fn list_projects(key: RequireScope<"projects-read">) {}
/// ```
///
/// Put `#[scoped]` on the function, or write the type by hand:
///
/// ```
/// # use keyward::axum::RequireScope;
/// use keyward::scope;
///
/// async fn list_projects(key: RequireScope<scope!("projects-read")>) {}
/// ```
pub struct RequireScope<S> {
    key: ApiKey,
    scope: PhantomData<fn() -> S>,
}

impl<S> RequireScope<S> {
    /// The key.
    pub fn into_inner(self) -> ApiKey {
        self.key
    }
}

impl<S> Deref for RequireScope<S> {
    type Target = ApiKey;

    fn deref(&self) -> &ApiKey {
        &self.key
    }
}

impl<S> Clone for RequireScope<S> {
    fn clone(&self) -> Self {
        Self { key: self.key.clone(), scope: PhantomData }
    }
}

impl<S: Literal> fmt::Debug for RequireScope<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequireScope").field("scope", &S::NAME).field("key", &self.key).finish()
    }
}

impl<S: Literal, T: Sync> FromRequestParts<T> for RequireScope<S> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &T) -> Result<Self, Refused> {
        let key = ApiKey::of(&parts.extensions)?;
        key.require(S::NAME)?;
        Ok(Self { key, scope: PhantomData })
    }
}
