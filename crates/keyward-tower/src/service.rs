use std::fmt;
use std::mem;
use std::sync::Arc;
use std::task::{self, Poll};

use http::header::{ACCESS_CONTROL_REQUEST_METHOD, ORIGIN};
use http::{Extensions, HeaderMap, Method, Request, Response};
use keyward_core::verify::{self, Check, Rejection, RejectionKind};
use tower::Service;

use crate::body::ResponseBody;
use crate::context::{Context, RequestId};
use crate::future::{ResponseFuture, Verdict};
use crate::grpc;
use crate::in_flight::Watch;
use crate::layer::Config;
use crate::mark::{Mark, sent_request_id};
use crate::refused::Refused;

/// What [`ApiKeyAuth`](crate::ApiKeyAuth) puts around a service.
#[derive(Clone)]
pub struct ApiKeyService<S> {
    inner: S,
    config: Arc<Config>,
}

impl<S> ApiKeyService<S> {
    pub(crate) fn new(inner: S, config: Arc<Config>) -> Self {
        Self { inner, config }
    }
}

impl<S, B, R> Service<Request<B>> for ApiKeyService<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone,
    R: ResponseBody,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = ResponseFuture<S, B, R>;

    fn poll_ready(&mut self, cx: &mut task::Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let config = &self.config;
        let mut context = Context {
            verifier: config.verifier.clone(),
            request_id: config.request_id(request.headers(), request.extensions()),
            grpc: config.grpc && grpc::speaks(&request),
            head_only: request.method() == Method::HEAD,
            key: None,
        };
        if config.allow_preflight && is_preflight(&request) {
            return self.admit(request, context);
        }
        let rejection = match config.check(&mut request) {
            Check::Done(Ok(key)) => {
                context.admitted(key);
                return self.admit(request, context);
            }
            Check::Pending(pending) => {
                let (parts, body) = request.into_parts();
                let verdict = Box::pin(async move {
                    match pending.resolve().await {
                        Ok(key) => (parts, Verdict::Key(key)),
                        Err(rejection) => (parts, Verdict::Refused(rejection)),
                    }
                });
                let service = self.take_ready();
                return ResponseFuture::verifying(verdict, body, service, context);
            }
            Check::Done(Err(rejection)) => rejection,
        };
        let Some(guard) = config.guard.clone().filter(|_| rejection.is_unclaimed()) else {
            if config.lets_pass(&rejection) {
                return self.admit(request, context);
            }
            return ResponseFuture::refused(Refused::new(rejection, context).into_response());
        };
        let (mut parts, body) = request.into_parts();
        let config = Arc::clone(config);
        let verdict = Box::pin(async move {
            let verdict = match guard.admit(&mut parts).await {
                Ok(true) => Verdict::Pass,
                Ok(false) if config.lets_pass(&rejection) => Verdict::Pass,
                Ok(false) => Verdict::Refused(rejection),
                Err(kind) => Verdict::Refused(Rejection::new(kind)),
            };
            (parts, verdict)
        });
        let service = self.take_ready();
        ResponseFuture::verifying(verdict, body, service, context)
    }
}

impl<S: Clone> ApiKeyService<S> {
    /// The service that was polled ready; a fresh clone stays behind.
    fn take_ready(&mut self) -> Self {
        let fresh = self.clone();
        mem::replace(self, fresh)
    }
}

impl<S> ApiKeyService<S> {
    /// Lets a request through, with or without a key.
    #[expect(clippy::inline_always, reason = "each call by value copies the whole request")]
    #[inline(always)]
    pub(crate) fn admit<B, R>(
        &mut self,
        mut request: Request<B>,
        context: Context,
    ) -> ResponseFuture<S, B, R>
    where
        S: Service<Request<B>, Response = Response<R>>,
    {
        if let Some(watch) = Watch::of(&context) {
            request.extensions_mut().insert(context);
            return ResponseFuture::watched(self.inner.call(request), watch);
        }
        let mark = Mark::of(&context);
        request.extensions_mut().insert(context);
        ResponseFuture::inner(self.inner.call(request), mark)
    }
}

impl Config {
    fn check<B>(&self, request: &mut Request<B>) -> Check {
        // A copy, because a request does not lend URI and headers together; few APIs look there.
        let query = self.key_headers.query_of(request.uri());
        // Nor headers and extensions: these are a pointer, which is put back.
        let extensions = mem::take(request.extensions_mut());
        let counted = Context::verified(&extensions, &self.verifier);
        let headers = request.headers_mut();
        let query = query.as_deref();
        let check =
            self.verifier.check(&self.key_headers.look(headers, query, counted, &extensions));
        *request.extensions_mut() = extensions;
        check
    }

    fn lets_pass(&self, rejection: &Rejection) -> bool {
        self.optional && rejection.kind() == RejectionKind::Missing
    }

    /// The application's id, the client's where that is accepted, or a new one.
    fn request_id(&self, headers: &HeaderMap, extensions: &Extensions) -> verify::RequestId {
        if let Some(RequestId(set)) = RequestId::of(extensions) {
            return set;
        }
        if self.accept_request_id
            && let Some(sent) = sent_request_id(headers)
            && let Some(id) = verify::RequestId::from_client(sent.as_bytes())
        {
            return id;
        }
        self.verifier.dialect().new_request_id()
    }
}

fn is_preflight<B>(request: &Request<B>) -> bool {
    request.method() == Method::OPTIONS
        && request.headers().contains_key(ORIGIN)
        && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

impl<S: fmt::Debug> fmt::Debug for ApiKeyService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiKeyService").field("inner", &self.inner).finish_non_exhaustive()
    }
}
