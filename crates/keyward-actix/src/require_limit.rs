use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use keyward_core::key::Literal;

use crate::context::ApiKey;
use crate::refused::Refused;

/// The key of a request that one of the dialect's named limits admits, which the route asks for.
///
/// Written `RequireLimit<"upload_initiation">` in a function with `#[scoped]`. It dereferences to
/// [`ApiKey`]. Extractors run in the order of the arguments: ask for scopes before, so that requests
/// which are refused for those are not counted here. A limit that the dialect has not is a 500, whose
/// log line names it.
///
/// ```
/// use actix_web::test::{TestRequest, call_service, init_service};
/// use actix_web::{App, web};
/// use keyward::actix::{ApiKeyAuth, RequireLimit, RequireScope};
/// use keyward::dialect::Dialect;
/// use keyward::scoped;
///
/// #[scoped]
/// async fn upload(_: RequireScope<"write">, key: RequireLimit<"uploads">) -> String {
///     format!("{} may upload", key.workspace())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let dialect = Dialect::builder("acme").named_limits([("uploads", 1)]).build()?;
/// # let keys = keyward_tests::Keys::of(dialect).await;
/// # let (writer, verifier) = (keys.key("write").await, keys.verifier.clone());
/// let app =
///     App::new().wrap(ApiKeyAuth::new(verifier)).route("/uploads", web::post().to(upload));
/// let app = init_service(app).await;
///
/// for status in [200, 429] {
///     let bearer = ("authorization", format!("Bearer {}", writer.expose()));
///     let request = TestRequest::post().uri("/uploads").insert_header(bearer).to_request();
///     let response = call_service(&app, request).await;
///     assert_eq!(response.status(), status);
///     assert!(response.headers().contains_key("ratelimit"));
/// }
/// # Ok(()) }
/// ```
pub struct RequireLimit<N> {
    key: ApiKey,
    limit: PhantomData<fn() -> N>,
}

impl<N> RequireLimit<N> {
    /// The key.
    pub fn into_inner(self) -> ApiKey {
        self.key
    }
}

impl<N> Deref for RequireLimit<N> {
    type Target = ApiKey;

    fn deref(&self) -> &ApiKey {
        &self.key
    }
}

impl<N> Clone for RequireLimit<N> {
    fn clone(&self) -> Self {
        Self { key: self.key.clone(), limit: PhantomData }
    }
}

impl<N: Literal> fmt::Debug for RequireLimit<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequireLimit").field("limit", &N::NAME).field("key", &self.key).finish()
    }
}

impl<N: Literal> FromRequest for RequireLimit<N> {
    type Error = Refused;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Refused>>>>;

    /// Counts when the future is polled: actix-web makes those of all arguments before it polls the
    /// first of them, which may refuse.
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let key = ApiKey::of(&request.extensions());
        Box::pin(async {
            let key = key?;
            key.require_limit(N::NAME).await?;
            Ok(Self { key, limit: PhantomData })
        })
    }
}
