use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{RequestHead, Service, ServiceRequest, ServiceResponse, forward_ready};
use actix_web::http::Method;
use actix_web::http::header::{ACCESS_CONTROL_REQUEST_METHOD, ORIGIN};
use actix_web::{Error, HttpMessage};
use keyward_core::verify::{self, Check, Rejection, RejectionKind};

use crate::context::{Context, RequestId};
use crate::future::ResponseFuture;
use crate::held::HeldBody;
use crate::in_flight::Watch;
use crate::layer::Config;
use crate::mark::{Mark, REQUEST_ID};

/// What [`ApiKeyAuth`](crate::ApiKeyAuth) puts around a service.
pub struct ApiKeyService<S> {
    inner: Rc<S>,
    config: Arc<Config>,
}

impl<S> ApiKeyService<S> {
    pub(crate) fn new(inner: S, config: Arc<Config>) -> Self {
        Self { inner: Rc::new(inner), config }
    }
}

impl<S, B> Service<ServiceRequest> for ApiKeyService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = ResponseFuture<S::Future, B>;

    forward_ready!(inner);

    fn call(&self, mut request: ServiceRequest) -> Self::Future {
        let config = &self.config;
        let mut context = Context {
            verifier: config.verifier.clone(),
            request_id: config.request_id(&request),
            key: None,
        };
        if config.allow_preflight && is_preflight(request.head()) {
            return admit(&*self.inner, request, context);
        }
        let rejection = match config.check(&mut request) {
            Check::Done(Ok(key)) => {
                context.admitted(key);
                return admit(&*self.inner, request, context);
            }
            Check::Pending(pending) => {
                let inner = Rc::clone(&self.inner);
                return ResponseFuture::waiting(async move {
                    match pending.resolve().await {
                        Ok(key) => {
                            context.admitted(key);
                            admit(&*inner, request, context).await
                        }
                        Err(rejection) => Ok(refuse(request, rejection, &context)),
                    }
                });
            }
            Check::Done(Err(rejection)) => rejection,
        };
        let Some(guard) = config.guard.clone().filter(|_| rejection.is_unclaimed()) else {
            if config.lets_pass(&rejection) {
                return admit(&*self.inner, request, context);
            }
            return ResponseFuture::refused(refuse(request, rejection, &context));
        };
        let (config, inner) = (Arc::clone(config), Rc::clone(&self.inner));
        ResponseFuture::waiting(async move {
            let refused = match guard.admit(&request).await {
                Ok(true) => None,
                Ok(false) if config.lets_pass(&rejection) => None,
                Ok(false) => Some(rejection),
                Err(kind) => Some(Rejection::new(kind)),
            };
            match refused {
                None => admit(&*inner, request, context).await,
                Some(rejection) => Ok(refuse(request, rejection, &context)),
            }
        })
    }
}

/// Lets a request through, with or without a key.
fn admit<S, B>(inner: &S, request: ServiceRequest, context: Context) -> ResponseFuture<S::Future, B>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    let mark = Mark::of(&context);
    let watch = Watch::of(&context);
    request.extensions_mut().insert(context);
    let future = inner.call(request);
    match watch {
        None => ResponseFuture::inner(future, mark),
        Some(watch) => ResponseFuture::waiting(watch.over(future, mark)),
    }
}

/// Answers in the place of what is inside. The payload is not read.
fn refuse<B>(
    mut request: ServiceRequest,
    rejection: Rejection,
    context: &Context,
) -> ServiceResponse<EitherBody<B>> {
    let payload = request.take_payload();
    let response = request.error_response(context.refuse(rejection));
    response.map_body(|_, body| HeldBody::around(body, payload)).map_into_right_body()
}

impl Config {
    fn check(&self, request: &mut ServiceRequest) -> Check {
        let counted = Context::verified(&request.extensions(), &self.verifier);
        self.verifier.check(&self.key_headers.look(request.head_mut(), counted.as_ref()))
    }

    fn lets_pass(&self, rejection: &Rejection) -> bool {
        self.optional && rejection.kind() == RejectionKind::Missing
    }

    /// The application's id, the client's where that is accepted, or a new one.
    fn request_id(&self, request: &ServiceRequest) -> verify::RequestId {
        if let Some(RequestId(set)) = RequestId::of(&request.extensions()) {
            return set;
        }
        if self.accept_request_id
            && let Some(sent) = request.headers().get(REQUEST_ID)
            && let Some(id) = verify::RequestId::from_client(sent.as_bytes())
        {
            return id;
        }
        self.verifier.dialect().new_request_id()
    }
}

fn is_preflight(head: &RequestHead) -> bool {
    head.method == Method::OPTIONS
        && head.headers.contains_key(ORIGIN)
        && head.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

impl<S: fmt::Debug> fmt::Debug for ApiKeyService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiKeyService").field("inner", &self.inner).finish_non_exhaustive()
    }
}
