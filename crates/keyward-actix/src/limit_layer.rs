use std::fmt;
use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::Error;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use keyward_core::key::Literal;

use crate::require_layer::{Asked, RequireService};

/// Counts requests by one of the dialect's named limits where there are no extractors: of all routes
/// of a scope or a resource. Goes inside [`ApiKeyAuth`](crate::ApiKeyAuth). A limit that the dialect
/// has not is a 500, whose log line names it.
///
/// ```
/// use actix_web::test::{TestRequest, call_service, init_service};
/// use actix_web::{App, HttpResponse, web};
/// use keyward::actix::{ApiKeyAuth, RequireLimitLayer};
/// use keyward::dialect::Dialect;
/// use keyward::scope;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let dialect = Dialect::builder("acme").named_limits([("uploads", 1)]).build()?;
/// # let keys = keyward_tests::Keys::of(dialect).await;
/// # let (key, verifier) = (keys.key("").await, keys.verifier.clone());
/// let uploads = web::scope("/uploads")
///     .wrap(RequireLimitLayer::<scope!("uploads")>::new())
///     .route("", web::post().to(HttpResponse::Ok));
/// let app = init_service(App::new().wrap(ApiKeyAuth::new(verifier)).service(uploads)).await;
///
/// for status in [200, 429] {
///     let bearer = ("authorization", format!("Bearer {}", key.expose()));
///     let request = TestRequest::post().uri("/uploads").insert_header(bearer).to_request();
///     assert_eq!(call_service(&app, request).await.status(), status);
/// }
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

impl<N, I, B> Transform<I, ServiceRequest> for RequireLimitLayer<N>
where
    N: Literal,
    I: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = RequireService<I>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, inner: I) -> Self::Future {
        ready(Ok(RequireService::new(inner, |key| {
            Asked::Later(Box::pin(async move { key.require_limit(N::NAME).await }))
        })))
    }
}
