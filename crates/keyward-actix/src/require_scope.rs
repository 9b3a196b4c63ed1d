use std::fmt;
use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::ops::Deref;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use keyward_core::key::Literal;

use crate::context::ApiKey;
use crate::refused::Refused;

/// The key of a request that holds the scopes which the route asks for.
///
/// Written `RequireScope<"projects-read">` in a function with `#[scoped]`. Space means all of them,
/// ` | ` separates alternatives. It dereferences to [`ApiKey`], so one argument is enough.
///
/// ```
/// use actix_web::test::{TestRequest, call_service, init_service};
/// use actix_web::{App, web};
/// use keyward::actix::{ApiKeyAuth, RequireScope};
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
/// # let verifier = keys.verifier.clone();
/// let app = App::new()
///     .wrap(ApiKeyAuth::new(verifier))
///     .route("/projects", web::get().to(list_projects));
/// let app = init_service(app).await;
///
/// for (key, status) in [(reader, 200), (writer, 403)] {
///     let bearer = ("authorization", format!("Bearer {}", key.expose()));
///     let request = TestRequest::get().uri("/projects").insert_header(bearer).to_request();
///     assert_eq!(call_service(&app, request).await.status(), status);
/// }
/// # }
/// ```
///
/// `#[scoped]` stands above actix-web's route macros, such as `#[get("/projects")]`: the compiler
/// expands the upper one first. Without it rustc says *E0747: constant provided when a type was
/// expected*:
///
/// ```compile_fail,E0747
/// # use keyward::actix::RequireScope;
/// async fn list_projects(key: RequireScope<"projects-read">) {}
/// ```
///
/// Put `#[scoped]` on the function, or write the type by hand:
///
/// ```
/// # use keyward::actix::RequireScope;
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

impl<S: Literal> RequireScope<S> {
    fn of(key: ApiKey) -> Result<Self, Refused> {
        key.require(S::NAME)?;
        Ok(Self { key, scope: PhantomData })
    }
}

impl<S: Literal> FromRequest for RequireScope<S> {
    type Error = Refused;
    type Future = Ready<Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(ApiKey::of(&request.extensions()).and_then(Self::of))
    }
}
