use std::fmt;
use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::Error;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use keyward_core::peer::TrustedProxies;
use keyward_core::verify::Verifier;

use crate::guard::{AnyGuard, Guard};
use crate::head::KeyHeaders;
use crate::service::ApiKeyService;

/// Lets requests with a good API key through, and refuses all others as the dialect says.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use actix_web::test::{TestRequest, call_service, init_service};
/// use actix_web::{App, web};
/// use keyward::actix::{ApiKey, ApiKeyAuth};
/// use keyward::dialect::Dialect;
/// use keyward::manage::{KeyManager, NewKey};
/// use keyward::store::MemoryStore;
/// use keyward::verify::Verifier;
///
/// async fn workspace(key: ApiKey) -> String {
///     key.workspace().to_owned()
/// }
///
/// let store = MemoryStore::new();
/// let manager = KeyManager::builder(Dialect::standard(), store.clone()).open().await?;
/// let verifier = Verifier::builder(Dialect::standard(), store).build()?;
/// let auth = ApiKeyAuth::new(verifier);
/// // In a server: `HttpServer::new(move || App::new().wrap(auth.clone())…)`.
/// let app = init_service(App::new().wrap(auth).route("/", web::get().to(workspace))).await;
///
/// let key = manager.create(NewKey::new("acme", "ci")).await?.key;
/// let bearer = ("authorization", format!("Bearer {}", key.expose()));
/// let with_key = TestRequest::get().insert_header(bearer).to_request();
/// assert_eq!(call_service(&app, with_key).await.status(), 200);
/// let without = TestRequest::get().to_request();
/// assert_eq!(call_service(&app, without).await.status(), 401);
/// # Ok(()) }
/// ```
///
/// Make the verifier once, before the server, and give each worker a clone: all of them share what
/// is known of keys.
///
/// # What is guarded
///
/// Everything inside, unknown paths and `OPTIONS` included: of the whole app, of a
/// [`Scope`](actix_web::Scope), or of a [`Resource`](actix_web::Resource). The last `wrap` is the
/// outermost. Refusals are `Ok` responses, so `Cors`, `Compress` and `Logger` outside see them; CORS
/// belongs outside, where it answers preflights and adds its headers to refusals.
///
/// # Uploads
///
/// A request is refused before its body is read, and asking the store blocks no worker. Two things
/// are settled in actix-http before any middleware runs: it answers `Expect: 100-continue` with
/// `100` also to those who are refused then, and it reads and drops the body of a refused upload for
/// its `client_disconnect_timeout`, one second by default, so that the client receives the refusal
/// and no reset, and closes the connection. Where slow clients send a whole body before they read,
/// set that to more.
///
/// What a handler leaves of a body is not the layer's, nor what an extractor leaves that refuses,
/// such as [`RequireScope`](crate::RequireScope). actix-http reads that alike where the client has
/// said its length. Where it comes in chunks, it reads for as long as they come: whoever lets in
/// clients that are not to be trusted with a connection bounds that in a middleware outside, as
/// `patience` in the examples does.
///
/// # Request ids
///
/// An id that the application gave the request is used: middleware outside puts a
/// [`verify::RequestId`](keyward_core::verify::RequestId) into the request's extensions.
///
/// # Requests in flight
///
/// What becomes of a request whose key is revoked or deleted while its handler works is the
/// dialect's [`in_flight`](keyward_core::dialect::InFlight), and a handler that ends the key of its
/// own request calls [`let_finish`](keyward_core::verify::ApiKey::let_finish) before:
///
/// ```
/// use actix_web::test::{TestRequest, call_service, init_service};
/// use actix_web::{App, HttpResponse, web};
/// use keyward::actix::{ApiKey, ApiKeyAuth};
/// use keyward::dialect::{Dialect, InFlight};
/// use keyward::key::KeyId;
/// use keyward::manage::{KeyManager, Reach};
///
/// async fn sign_off(key: ApiKey, manager: web::Data<KeyManager>) -> HttpResponse {
///     key.let_finish();
///     match manager.revoke(&KeyId::new(key.id()), Reach::Key).await {
///         Ok(_) => HttpResponse::NoContent().finish(),
///         Err(_) => HttpResponse::ServiceUnavailable().finish(),
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let dialect = Dialect::builder("strict").in_flight(InFlight::Cancel).build()?;
/// # let keys = keyward_tests::Keys::of(dialect).await;
/// # let (manager, verifier) = (keys.manager.clone(), keys.verifier.clone());
/// let app = App::new()
///     .app_data(web::Data::new(manager))
///     .wrap(ApiKeyAuth::new(verifier))
///     .route("/me", web::delete().to(sign_off));
/// let app = init_service(app).await;
///
/// # let key = keys.key("read").await;
/// for status in [204, 401] {
///     let bearer = ("authorization", format!("Bearer {}", key.expose()));
///     let request = TestRequest::delete().uri("/me").insert_header(bearer).to_request();
///     assert_eq!(call_service(&app, request).await.status(), status);
/// }
/// # Ok(()) }
/// ```
///
/// - `refuse_on_return`: when the handler is done, the client gets the 401 of a bad key in place of
///   its response. A response whose head has left stands, and its body goes on.
/// - `cancel`: as soon as this process hears of it, the handler's future is dropped and the client
///   gets the 401. The request is gone with the handler, so middleware outside sees that one refusal
///   as an `Err`, which most of it leaves as it is. A response whose head has left is cut off; the
///   frames of a websocket are the body of its handshake's response, and are cut off as well.
///
/// A key that expires meanwhile was good when it came, and one that nobody can ask about, because
/// the store is down, was not called bad by anybody: both are answered.
///
/// # Middleware outside
///
/// Like the routing of actix-web itself, the layer changes the request and needs it alone: a
/// middleware that calls on while it keeps a clone of the `HttpRequest` makes actix-web panic. An
/// `Err` of a middleware inside becomes a response with the request's id, and so is another type
/// outside: `error.as_error::<T>()` does not find it there.
#[derive(Clone)]
pub struct ApiKeyAuth {
    config: Arc<Config>,
}

#[derive(Clone)]
pub(crate) struct Config {
    pub(crate) verifier: Verifier,
    pub(crate) key_headers: KeyHeaders,
    pub(crate) guard: Option<Arc<dyn AnyGuard>>,
    pub(crate) optional: bool,
    pub(crate) allow_preflight: bool,
    pub(crate) accept_request_id: bool,
}

impl ApiKeyAuth {
    /// Guards what is inside with a verifier's keys.
    pub fn new(verifier: Verifier) -> Self {
        let key_headers = KeyHeaders::of(verifier.dialect());
        let config = Config {
            verifier,
            key_headers,
            guard: None,
            optional: false,
            allow_preflight: false,
            accept_request_id: false,
        };
        Self { config: Arc::new(config) }
    }

    /// Lets requests without a key through as well: [`MaybeApiKey`](crate::MaybeApiKey) says which
    /// it was. A bad key is still refused.
    #[must_use]
    pub fn optional(mut self) -> Self {
        Arc::make_mut(&mut self.config).optional = true;
        self
    }

    /// Asks another guard about credentials that are no keys; see [`Guard`].
    #[must_use]
    pub fn or(mut self, guard: impl Guard) -> Self {
        Arc::make_mut(&mut self.config).guard = Some(Arc::new(guard));
        self
    }

    /// Lets CORS preflights through: `OPTIONS` with `Origin` and `Access-Control-Request-Method`,
    /// which browsers send without credentials. Not needed where the CORS middleware is outside.
    #[must_use]
    pub fn allow_preflight(mut self) -> Self {
        Arc::make_mut(&mut self.config).allow_preflight = true;
        self
    }

    /// Takes over a well-formed `x-request-id` of the client (1 to 128 of `[A-Za-z0-9._-]`).
    /// For services behind a proxy that sets it; otherwise clients write into the logs.
    #[must_use]
    pub fn accept_request_id(mut self) -> Self {
        Arc::make_mut(&mut self.config).accept_request_id = true;
        self
    }

    /// Believes these proxies in what `X-Forwarded-For` says of where a request comes from. Without,
    /// it comes from the other end of its socket, and the header is what the client made up.
    ///
    /// That is where keys with [networks](keyward_core::key::Networks) work from or do not, and what
    /// attempts with unknown keys are counted by: behind a proxy of which the layer does not know,
    /// all clients are one.
    #[must_use]
    pub fn trusted_proxies(mut self, proxies: TrustedProxies) -> Self {
        Arc::make_mut(&mut self.config).key_headers.proxies = proxies;
        self
    }
}

impl<S, B> Transform<S, ServiceRequest> for ApiKeyAuth
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = ApiKeyService<S>;
    type InitError = ();
    type Future = Ready<Result<ApiKeyService<S>, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        ready(Ok(ApiKeyService::new(inner, Arc::clone(&self.config))))
    }
}

impl fmt::Debug for ApiKeyAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiKeyAuth")
            .field("verifier", &self.config.verifier)
            .field("optional", &self.config.optional)
            .field("allow_preflight", &self.config.allow_preflight)
            .field("trusted_proxies", &self.config.key_headers.proxies)
            .finish_non_exhaustive()
    }
}
