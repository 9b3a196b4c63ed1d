use std::fmt;
use std::sync::Arc;

use keyward_core::peer::TrustedProxies;
use keyward_core::verify::Verifier;
use tower::Layer;

use crate::guard::{AnyGuard, Guard};
use crate::head::KeyHeaders;
use crate::service::ApiKeyService;

/// Lets requests with a good API key through, and refuses all others as the dialect says.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use axum::body::Body;
/// use axum::http::Request;
/// use axum::{Router, routing::get};
/// use keyward::axum::{ApiKey, ApiKeyAuth};
/// use keyward::dialect::Dialect;
/// use keyward::manage::{KeyManager, NewKey};
/// use keyward::store::MemoryStore;
/// use keyward::verify::Verifier;
/// use tower::ServiceExt;
///
/// let store = MemoryStore::new();
/// let manager = KeyManager::builder(Dialect::standard(), store.clone()).open().await?;
/// let verifier = Verifier::builder(Dialect::standard(), store).build()?;
/// let app = Router::new()
///     .route("/", get(|key: ApiKey| async move { key.workspace().to_owned() }))
///     .layer(ApiKeyAuth::new(verifier));
///
/// let key = manager.create(NewKey::new("acme", "ci")).await?.key;
/// let bearer = format!("Bearer {}", key.expose());
/// let with_key = Request::get("/").header("authorization", bearer).body(Body::empty())?;
/// assert_eq!(app.clone().oneshot(with_key).await?.status(), 200);
/// let without = Request::get("/").body(Body::empty())?;
/// assert_eq!(app.oneshot(without).await?.status(), 401);
/// # Ok(()) }
/// ```
///
/// # What is guarded
///
/// Everything inside, unknown paths and `OPTIONS` included. With axum's `Router::route_layer`
/// unknown paths stay 404 for everybody.
///
/// axum tells whoever uses a wrong method which ones a path knows: it adds `Allow` to the answer of
/// every layer on a router, a 401 too, so that strangers learn which paths there are. Around the
/// router as a whole the layer keeps that to those with a key:
///
/// ```
/// # use axum::Router;
/// # use keyward::axum::ApiKeyAuth;
/// fn guarded(routes: Router, auth: ApiKeyAuth) -> Router {
///     Router::new().fallback_service(routes).layer(auth)
/// }
/// ```
///
/// # Uploads
///
/// A request is refused before its body is read. Over HTTP/1 hyper then closes the connection, and
/// a client that is still sending may be told of that before it sees the refusal. Where clients
/// upload, put a [`DrainLayer`](crate::DrainLayer) outside of this one. HTTP/2 needs nothing of the
/// kind.
///
/// # Requests in flight
///
/// What becomes of a request whose key is revoked or deleted while its handler works is the
/// dialect's [`in_flight`](keyward_core::dialect::InFlight):
///
/// - `finish`: it is answered.
/// - `refuse_on_return`: when the handler is done, the client gets the 401 of a bad key in place of
///   its response. A response whose head has left stands, and its body goes on.
/// - `cancel`: as soon as this process hears of it, the handler's future is dropped and the client
///   gets the 401. A response whose head has left is cut off: its body ends with an error, so that
///   HTTP/1 closes the connection and HTTP/2 resets the stream. What a handler spawned and a
///   connection that was upgraded are the application's.
///
/// A key that expires meanwhile was good when it came, and one that nobody can ask about, because
/// the store is down, was not called bad by anybody: both are answered. A handler that ends the key
/// of its own request says so before, or its client is told that the key is bad:
///
/// ```
/// use axum::{Extension, Router, http::StatusCode, routing::delete};
/// use keyward::axum::ApiKey;
/// use keyward::dialect::{Dialect, InFlight};
/// use keyward::key::KeyId;
/// use keyward::manage::{KeyManager, Reach};
///
/// async fn sign_off(key: ApiKey, Extension(manager): Extension<KeyManager>) -> StatusCode {
///     key.let_finish();
///     match manager.revoke(&KeyId::new(key.id()), Reach::Key).await {
///         Ok(_) => StatusCode::NO_CONTENT,
///         Err(_) => StatusCode::SERVICE_UNAVAILABLE,
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let dialect = Dialect::builder("strict").in_flight(InFlight::Cancel).build()?;
/// # let keys = keyward_tests::Keys::of(dialect).await;
/// # let (manager, auth) = (keys.manager.clone(), keys.auth());
/// let app = Router::new()
///     .route("/me", delete(sign_off))
///     .layer(auth)
///     .layer(Extension(manager));
/// # let key = keys.key("read").await;
/// # let server = keyward_tests::Server::start(app).await;
/// # let client = server.client();
/// # let delete = async |key: &str| {
/// #     client.send(client.request("DELETE".parse().unwrap(), "/me").bearer_auth(key)).await
/// # };
/// assert_eq!(delete(key.expose()).await.status, 204);
/// assert_eq!(delete(key.expose()).await.status, 401);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct ApiKeyAuth {
    config: Arc<Config>,
}

#[derive(Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the layer by itself")]
pub(crate) struct Config {
    pub(crate) verifier: Verifier,
    pub(crate) key_headers: KeyHeaders,
    pub(crate) guard: Option<Arc<dyn AnyGuard>>,
    pub(crate) optional: bool,
    pub(crate) allow_preflight: bool,
    pub(crate) accept_request_id: bool,
    pub(crate) grpc: bool,
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
            grpc: false,
        };
        Self { config: Arc::new(config) }
    }

    /// Lets requests without a key through as well: `MaybeApiKey` says which it
    /// was. A bad key is still refused.
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
    /// which browsers send without credentials. Not needed where the CORS layer is outside.
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

    /// Answers whoever speaks gRPC (a `POST` of `application/grpc` over HTTP/2) with gRPC statuses,
    /// which are an HTTP 200: 16 unauthenticated, 7 permission denied, 3 invalid argument, 8
    /// resource exhausted, 14 unavailable.
    ///
    /// `grpc-message` is [`RejectionKind::message`](keyward_core::verify::RejectionKind::message)
    /// and names the scopes that are missing; `x-request-id` and `retry-after` are metadata. There
    /// is no challenge, which is HTTP's. [`RequireScopeLayer`](crate::RequireScopeLayer) and
    /// [`ApiKey::refuse`](crate::ApiKey::refuse) further in follow, and a response that is cut off
    /// ends with the status. Everybody else gets the refusal of HTTP: a browser must not take one
    /// for a success.
    ///
    /// ```
    /// use axum::{Router, routing::post};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// # let keys = keyward_tests::Keys::of(keyward::dialect::Dialect::bigspin()).await;
    /// # let (key, auth) = (keys.key("projects-read").await, keys.auth());
    /// // tonic's `Server::builder().layer(…)` takes it as well.
    /// let app = Router::new().route("/projects.v1.Projects/List", post(|| async {})).layer(auth.grpc());
    /// # let call = async |key: &str, mime: &str| {
    /// #     let call = http::Request::post("/projects.v1.Projects/List");
    /// #     let call = call.version(http::Version::HTTP_2).header("content-type", mime);
    /// #     let call = call.header("authorization", format!("Bearer {key}"));
    /// #     let call = call.body(axum::body::Body::empty()).unwrap();
    /// #     tower::ServiceExt::oneshot(app.clone(), call).await.unwrap()
    /// # };
    /// let refused = call("not a key", "application/grpc").await;
    /// assert_eq!(refused.status(), 200);
    /// assert_eq!(refused.headers()["grpc-status"], "16");
    /// assert_eq!(call("not a key", "application/json").await.status(), 401);
    /// assert!(!call(key.expose(), "application/grpc").await.headers().contains_key("grpc-status"));
    /// # }
    /// ```
    #[must_use]
    pub fn grpc(mut self) -> Self {
        Arc::make_mut(&mut self.config).grpc = true;
        self
    }
}

impl<S> Layer<S> for ApiKeyAuth {
    type Service = ApiKeyService<S>;

    fn layer(&self, inner: S) -> ApiKeyService<S> {
        ApiKeyService::new(inner, Arc::clone(&self.config))
    }
}

impl fmt::Debug for ApiKeyAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiKeyAuth")
            .field("verifier", &self.config.verifier)
            .field("optional", &self.config.optional)
            .field("allow_preflight", &self.config.allow_preflight)
            .field("grpc", &self.config.grpc)
            .field("trusted_proxies", &self.config.key_headers.proxies)
            .finish_non_exhaustive()
    }
}
