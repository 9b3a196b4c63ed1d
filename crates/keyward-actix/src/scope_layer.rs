use std::fmt;
use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::Error;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use keyward_core::key::Literal;

use crate::require_layer::{Asked, RequireService};

/// Asks for scopes where there are no extractors: of all routes of a scope or a resource. Goes
/// inside [`ApiKeyAuth`](crate::ApiKeyAuth).
///
/// ```
/// use actix_web::test::{TestRequest, call_service, init_service};
/// use actix_web::{App, HttpResponse, web};
/// use keyward::actix::{ApiKeyAuth, RequireScopeLayer};
/// use keyward::scope;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # let keys = keyward_tests::Keys::of(keyward::dialect::Dialect::bigspin()).await;
/// # let (reader, writer) = (keys.key("projects-read").await, keys.key("projects-write").await);
/// # let verifier = keys.verifier.clone();
/// let projects = web::scope("/projects")
///     .wrap(RequireScopeLayer::<scope!("projects-read")>::new())
///     .route("", web::get().to(HttpResponse::Ok));
/// let app = init_service(App::new().wrap(ApiKeyAuth::new(verifier)).service(projects)).await;
///
/// for (key, status) in [(reader, 200), (writer, 403)] {
///     let bearer = ("authorization", format!("Bearer {}", key.expose()));
///     let request = TestRequest::get().uri("/projects").insert_header(bearer).to_request();
///     assert_eq!(call_service(&app, request).await.status(), status);
/// }
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

impl<S, I, B> Transform<I, ServiceRequest> for RequireScopeLayer<S>
where
    S: Literal,
    I: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = RequireService<I>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, inner: I) -> Self::Future {
        ready(Ok(RequireService::new(inner, |key| Asked::Now(key.require(S::NAME)))))
    }
}
