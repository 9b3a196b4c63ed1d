use std::fmt;
use std::marker::PhantomData;

use async_trait::async_trait;
use http::HeaderMap;
use http::request::Parts;
use keyward_core::dialect::management::Operation;
use keyward_core::key::Creator;
use keyward_core::store::StoreError;
use keyward_core::verify::RejectionKind;
use keyward_tower::Caller;

use super::{Admin, AdminGuard, Denied};

/// Knows which workspaces a person belongs to.
#[async_trait]
pub trait Membership: Send + Sync + 'static {
    /// The workspace that a person manages now: the one that they asked for, or their own choice of
    /// one. `None` when they are no member of it.
    ///
    /// # Errors
    /// When nobody can say. Never answer `None` for that: it would hide what is there.
    async fn workspace(
        &self,
        person: &str,
        asked: Option<&str>,
    ) -> Result<Option<String>, StoreError>;
}

/// Lets people manage keys: whoever [`ApiKeyAuth::or`](keyward_tower::ApiKeyAuth::or) let in beside
/// keys, in a workspace of theirs. An API key is refused as if it were none.
///
/// `P` is the principal of that other guard. The workspace is asked for in the dialect's
/// [`workspace_header`](keyward_core::dialect::Dialect::workspace_header).
pub struct PersonGuard<P, M, F> {
    membership: M,
    id: F,
    principal: PhantomData<fn(&P)>,
}

impl<P, M, F> PersonGuard<P, M, F>
where
    P: Clone + Send + Sync + 'static,
    M: Membership,
    F: Fn(&P) -> String + Send + Sync + 'static,
{
    /// People by their ids, such as `|claims: &Claims| claims.subject().to_owned()`.
    pub fn new(membership: M, id: F) -> Self {
        Self { membership, id, principal: PhantomData }
    }
}

#[async_trait]
impl<P, M, F> AdminGuard for PersonGuard<P, M, F>
where
    P: Clone + Send + Sync + 'static,
    M: Membership,
    F: Fn(&P) -> String + Send + Sync + 'static,
{
    async fn admit(&self, head: &Parts, operation: &Operation<'_>) -> Result<Admin, Denied> {
        let person = match Caller::<P>::of(&head.extensions)? {
            Caller::Guard(principal) => (self.id)(&principal),
            Caller::Key(key) => {
                return Err(
                    keyward_core::verify::ApiKey::refuse(&key, RejectionKind::Unknown).into()
                );
            }
        };
        let header = operation.management().dialect().workspace_header();
        let asked = header.map_or(Ok(None), |header| asked_for(&head.headers, header))?;
        match self.membership.workspace(&person, asked).await {
            Ok(Some(workspace)) => Ok(Admin::new(Creator::Person(person)).within(workspace)),
            Ok(None) => Err(Denied::NotFound),
            Err(error) => {
                let error: &dyn std::error::Error = &error;
                tracing::error!(target: "keyward", error, "whose members people are cannot be said");
                Err(RejectionKind::Unavailable.into())
            }
        }
    }
}

/// The workspace that the header names. One that cannot be read, or two, are none of anybody's.
fn asked_for<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>, Denied> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| Denied::NotFound),
        (Some(_), Some(_)) => Err(Denied::NotFound),
    }
}

impl<P, M, F> fmt::Debug for PersonGuard<P, M, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PersonGuard").finish_non_exhaustive()
    }
}
