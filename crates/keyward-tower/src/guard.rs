use async_trait::async_trait;
use http::request::Parts;
use keyward_core::verify::RejectionKind;

/// Another way in beside keys, such as a JWT or a session for people.
///
/// It is asked about requests whose credential no kind of the dialect claims, and about those
/// without any.
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
pub(crate) struct Principal<P>(#[cfg_attr(not(feature = "axum"), expect(dead_code))] pub(crate) P);
