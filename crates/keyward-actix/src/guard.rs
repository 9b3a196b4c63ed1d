use actix_web::HttpMessage;
#[cfg(feature = "tower")]
use actix_web::dev::Extensions;
use actix_web::dev::{RequestHead, ServiceRequest};
use async_trait::async_trait;
use keyward_core::verify::RejectionKind;

/// Another way in beside keys, such as a JWT or a session for people.
///
/// It is asked about requests whose credential no kind of the dialect claims, and about those
/// without any. The [`Caller`](crate::Caller) extractor says who came in. Its futures need not be
/// `Send`.
///
/// ```
/// use actix_web::dev::RequestHead;
/// use actix_web::test::{TestRequest, call_and_read_body, call_service, init_service};
/// use actix_web::{App, web};
/// use async_trait::async_trait;
/// use keyward::actix::{ApiKeyAuth, Caller, Guard};
/// use keyward::verify::RejectionKind;
///
/// struct Sessions;
///
/// #[async_trait(?Send)]
/// impl Guard for Sessions {
///     type Principal = String;
///
///     async fn authenticate(&self, head: &RequestHead) -> Result<Option<String>, RejectionKind> {
///         let Some(session) = head.headers().get("x-session") else { return Ok(None) };
///         match session.as_bytes() {
///             b"7" => Ok(Some("alice".to_owned())),
///             _ => Err(RejectionKind::Unknown),
///         }
///     }
/// }
///
/// async fn who(caller: Caller<String>) -> String {
///     match caller {
///         Caller::Key(key) => key.name().to_owned(),
///         Caller::Guard(person) => person,
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # let keys = keyward_tests::Keys::of(keyward::dialect::Dialect::bigspin()).await;
/// # let (key, verifier) = (keys.key("projects-read").await, keys.verifier.clone());
/// let auth = ApiKeyAuth::new(verifier).or(Sessions);
/// let app = init_service(App::new().wrap(auth).route("/", web::get().to(who))).await;
///
/// let bearer = format!("Bearer {}", key.expose());
/// for (header, name) in [(("authorization", &*bearer), "a test's key"), (("x-session", "7"), "alice")] {
///     let request = TestRequest::get().insert_header(header).to_request();
///     assert_eq!(call_and_read_body(&app, request).await, name);
/// }
/// for request in [TestRequest::get(), TestRequest::get().insert_header(("x-session", "8"))] {
///     assert_eq!(call_service(&app, request.to_request()).await.status(), 401);
/// }
/// # }
/// ```
#[async_trait(?Send)]
pub trait Guard: Send + Sync + 'static {
    /// Who it lets in.
    type Principal: Clone + Send + Sync + 'static;

    /// Looks at the head of a request: `None` when it knows no such credential either.
    ///
    /// # Errors
    /// Why the request is refused; the dialect has the words.
    async fn authenticate(
        &self,
        head: &RequestHead,
    ) -> Result<Option<Self::Principal>, RejectionKind>;
}

/// A guard whose principal is already in the request's extensions.
#[async_trait(?Send)]
pub(crate) trait AnyGuard: Send + Sync {
    async fn admit(&self, request: &ServiceRequest) -> Result<bool, RejectionKind>;
}

#[async_trait(?Send)]
impl<G: Guard> AnyGuard for G {
    async fn admit(&self, request: &ServiceRequest) -> Result<bool, RejectionKind> {
        let principal = self.authenticate(request.head()).await?;
        let admitted = principal.is_some();
        if let Some(principal) = principal {
            let mut extensions = request.extensions_mut();
            extensions.insert(Principal(principal));
            #[cfg(feature = "tower")]
            extensions.insert(HandOver(hand_over::<G::Principal>));
        }
        Ok(admitted)
    }
}

/// Who a guard let in. A type of its own, so that no other middleware's value is taken for it.
#[derive(Clone)]
pub(crate) struct Principal<P>(pub(crate) P);

/// How a principal, whose type only its guard knows, gets to a mounted service.
#[cfg(feature = "tower")]
pub(crate) struct HandOver(pub(crate) fn(&Extensions, &mut http::Extensions));

#[cfg(feature = "tower")]
fn hand_over<P: Clone + Send + Sync + 'static>(from: &Extensions, to: &mut http::Extensions) {
    if let Some(Principal(principal)) = from.get::<Principal<P>>() {
        keyward_tower::handover::principal(to, principal.clone());
    }
}
