use std::fmt;
use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::{Error, HttpMessage};
use keyward_core::key::Literal;
use pin_project_lite::pin_project;

use crate::context::ApiKey;

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
    I: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = RequireScopeService<S, I>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, inner: I) -> Self::Future {
        ready(Ok(RequireScopeService { inner, scope: PhantomData }))
    }
}

/// What [`RequireScopeLayer`] puts around a service.
pub struct RequireScopeService<S, I> {
    inner: I,
    scope: PhantomData<fn() -> S>,
}

impl<S: Literal, I: fmt::Debug> fmt::Debug for RequireScopeService<S, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequireScopeService")
            .field("scope", &S::NAME)
            .field("inner", &self.inner)
            .finish()
    }
}

impl<S, I, B> Service<ServiceRequest> for RequireScopeService<S, I>
where
    S: Literal,
    I: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = RequireScopeFuture<I::Future>;

    forward_ready!(inner);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let asked = ApiKey::of(&request.extensions()).and_then(|key| key.require(S::NAME));
        let state = match asked {
            Ok(()) => State::Inner { future: self.inner.call(request) },
            Err(refused) => State::Refused { response: Some(request.error_response(refused)) },
        };
        RequireScopeFuture { state }
    }
}

pin_project! {
    /// The response of a [`RequireScopeService`].
    pub struct RequireScopeFuture<F> {
        #[pin]
        state: State<F>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<F> {
        Refused { response: Option<ServiceResponse> },
        Inner { #[pin] future: F },
    }
}

impl<F, B> Future for RequireScopeFuture<F>
where
    F: Future<Output = Result<ServiceResponse<B>, Error>>,
{
    type Output = Result<ServiceResponse<EitherBody<B>>, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProj::Inner { future } => {
                let response = ready!(future.poll(cx))?;
                Poll::Ready(Ok(response.map_into_left_body()))
            }
            StateProj::Refused { response } => match response.take() {
                Some(response) => Poll::Ready(Ok(response.map_into_right_body())),
                None => Poll::Pending,
            },
        }
    }
}

impl<F> fmt::Debug for RequireScopeFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequireScopeFuture").finish_non_exhaustive()
    }
}
