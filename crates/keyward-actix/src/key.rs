use std::future::{Ready, ready};
use std::ops::Deref;

use actix_web::dev::{Extensions, Payload};
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use crate::context::{ApiKey, Context, RequestId};
use crate::refused::Refused;

impl FromRequest for ApiKey {
    type Error = Refused;
    type Future = Ready<Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(&request.extensions()))
    }
}

/// The key of a request on a layer made [`optional`](crate::ApiKeyAuth::optional): `None` only when
/// no key was presented.
///
/// A bad key is refused, and so is everybody when the layer is missing. That is why this is not
/// `Option<ApiKey>`: actix-web makes a `None` of *every* error of an extractor, so that whoever
/// forgot the layer would serve strangers and never hear of it.
///
/// ```
/// use actix_web::test::{TestRequest, call_and_read_body, call_service, init_service};
/// use actix_web::{App, web};
/// use keyward::actix::{ApiKeyAuth, MaybeApiKey};
///
/// async fn greet(MaybeApiKey(key): MaybeApiKey) -> String {
///     key.map_or_else(|| "a stranger".to_owned(), |key| key.workspace().to_owned())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # let keys = keyward_tests::Keys::of(keyward::dialect::Dialect::bigspin()).await;
/// # let (key, verifier) = (keys.key("projects-read").await, keys.verifier.clone());
/// let auth = ApiKeyAuth::new(verifier).optional();
/// let app = init_service(App::new().wrap(auth).route("/", web::get().to(greet))).await;
///
/// let bearer = |key| ("authorization", format!("Bearer {key}"));
/// let with_key = TestRequest::get().insert_header(bearer(key.expose())).to_request();
/// assert_eq!(call_and_read_body(&app, with_key).await, "acme");
/// let without = TestRequest::get().to_request();
/// assert_eq!(call_and_read_body(&app, without).await, "a stranger");
/// let with_junk = TestRequest::get().insert_header(bearer("not a key")).to_request();
/// assert_eq!(call_service(&app, with_junk).await.status(), 401);
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct MaybeApiKey(pub Option<ApiKey>);

impl MaybeApiKey {
    /// The key of a request that went through [`ApiKeyAuth`](crate::ApiKeyAuth), if it has one, for
    /// middleware: `MaybeApiKey::of(&request.extensions())`.
    ///
    /// # Errors
    /// A refusal when the layer is missing, which `ApiKey::of(…).ok()` would hide.
    pub fn of(extensions: &Extensions) -> Result<Self, Refused> {
        Context::expected(extensions).map(|context| Self(ApiKey::in_context(context)))
    }
}

impl Deref for MaybeApiKey {
    type Target = Option<ApiKey>;

    fn deref(&self) -> &Option<ApiKey> {
        &self.0
    }
}

impl FromRequest for MaybeApiKey {
    type Error = Refused;
    type Future = Ready<Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(&request.extensions()))
    }
}

impl FromRequest for RequestId {
    type Error = Refused;
    type Future = Ready<Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let extensions = request.extensions();
        let context = Context::expected(&extensions);
        ready(context.map(|context| Self(context.request_id.clone())))
    }
}
