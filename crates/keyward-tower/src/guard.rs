use async_trait::async_trait;
use http::request::Parts;
use keyward_core::verify::RejectionKind;

/// Another way in beside keys, such as a JWT or a session for people.
///
/// It is asked about requests whose credential no kind of the dialect claims, and about those
/// without any. The `Caller` extractor says who came in.
///
/// ```
/// use async_trait::async_trait;
/// use axum::http::request::Parts;
/// use axum::{Router, routing::get};
/// use keyward::axum::{Caller, Guard};
/// use keyward::verify::RejectionKind;
///
/// struct Sessions;
///
/// #[async_trait]
/// impl Guard for Sessions {
///     type Principal = String;
///
///     async fn authenticate(&self, head: &Parts) -> Result<Option<String>, RejectionKind> {
///         let Some(session) = head.headers.get("x-session") else { return Ok(None) };
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
/// # let (key, auth) = (keys.key("projects-read").await, keys.auth());
/// let app = Router::new().route("/", get(who)).layer(auth.or(Sessions));
/// # let server = keyward_tests::Server::start(app).await;
/// # let client = server.client();
/// # let session = async |id: &str| {
/// #     client.send(client.request("GET".parse().unwrap(), "/").header("x-session", id)).await
/// # };
/// assert_eq!(client.get("/", key.expose()).await.body, "a test's key");
/// assert_eq!(session("7").await.body, "alice");
/// assert_eq!(session("8").await.status, 401);
/// assert_eq!(client.get_without_key("/").await.status, 401);
/// # }
/// ```
#[async_trait]
pub trait Guard: Send + Sync + 'static {
    /// Who it lets in.
    type Principal: Clone + Send + Sync + 'static;

    /// Looks at the head of a request: `None` when it knows no such credential either.
    ///
    /// # Errors
    /// Why the request is refused; the dialect has the words.
    async fn authenticate(&self, head: &Parts) -> Result<Option<Self::Principal>, RejectionKind>;
}

/// A guard whose principal is already in the request's extensions.
#[async_trait]
pub(crate) trait AnyGuard: Send + Sync {
    async fn admit(&self, head: &mut Parts) -> Result<bool, RejectionKind>;
}

#[async_trait]
impl<G: Guard> AnyGuard for G {
    async fn admit(&self, head: &mut Parts) -> Result<bool, RejectionKind> {
        let principal = self.authenticate(head).await?;
        let admitted = principal.is_some();
        if let Some(principal) = principal {
            head.extensions.insert(Principal(principal));
        }
        Ok(admitted)
    }
}

/// Who a guard let in. A type of its own, so that no other layer's value is taken for it.
#[derive(Clone)]
pub(crate) struct Principal<P>(pub(crate) P);
