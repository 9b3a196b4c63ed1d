//! Who may manage keys.

mod key;
mod person;

pub use key::KeyGuard;
pub use person::{Membership, PersonGuard};

use async_trait::async_trait;
use http::request::Parts;
use keyward_core::dialect::management::Operation;
use keyward_core::key::{Creator, KeyId};
use keyward_core::verify::{Rejection, RejectionKind};
use keyward_tower::{ApiKey, Refused};

/// Says who may manage keys, in whose name and in which workspace.
///
/// [`KeyGuard`] and [`PersonGuard`] ask the [layer](keyward_tower::ApiKeyAuth) outside. A guard of
/// one's own may ask anything; where it believes cookies, it also keeps other sites from sending
/// them, since not every operation has a body.
///
/// ```
/// use async_trait::async_trait;
/// use http::request::Parts;
/// use keyward::dialect::management::Operation;
/// use keyward::key::Creator;
/// use keyward::verify::RejectionKind;
/// use keyward_admin::{Admin, AdminGuard, Denied};
///
/// /// Whoever knows the word is the operator of every workspace.
/// struct Operator(&'static str);
///
/// #[async_trait]
/// impl AdminGuard for Operator {
///     async fn admit(&self, head: &Parts, _: &Operation<'_>) -> Result<Admin, Denied> {
///         match head.headers.get("x-operator") {
///             Some(word) if word == self.0 => Ok(Admin::new(Creator::Person("operator".into()))),
///             Some(_) => Err(RejectionKind::Unknown.into()),
///             None => Err(RejectionKind::Missing.into()),
///         }
///     }
/// }
/// ```
#[async_trait]
pub trait AdminGuard: Send + Sync + 'static {
    /// Looks at the head of a request for this operation.
    ///
    /// # Errors
    /// Why nothing is done.
    async fn admit(&self, head: &Parts, operation: &Operation<'_>) -> Result<Admin, Denied>;
}

/// Somebody who may manage keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admin {
    pub(crate) creator: Creator,
    pub(crate) workspace: Option<String>,
}

impl Admin {
    /// In whose name keys are managed: of every workspace, so that a new key's request has to name
    /// one.
    pub fn new(creator: Creator) -> Self {
        Self { creator, workspace: None }
    }

    /// Of this workspace alone: keys of others do not exist.
    #[must_use]
    pub fn within(mut self, workspace: impl Into<String>) -> Self {
        self.workspace = Some(workspace.into());
        self
    }

    /// A key that does this to itself gets its answer, also where requests of keys that ended are
    /// refused.
    pub(crate) fn let_finish(&self, head: &Parts, id: &KeyId) {
        if self.creator == Creator::Key(id.clone())
            && let Ok(key) = ApiKey::of(&head.extensions)
            && key.id() == id.as_str()
        {
            key.let_finish();
        }
    }
}

/// Why somebody may not manage keys.
#[derive(Debug)]
#[non_exhaustive]
pub enum Denied {
    /// Refused, in the dialect's words.
    Rejected(Rejection),
    /// Not even the existence of keys is told.
    NotFound,
    /// A mistake of the application, such as a missing layer; its log has it.
    Mistake,
}

impl From<Rejection> for Denied {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

impl From<RejectionKind> for Denied {
    fn from(kind: RejectionKind) -> Self {
        Self::Rejected(Rejection::new(kind))
    }
}

impl From<Refused> for Denied {
    fn from(refused: Refused) -> Self {
        refused.kind().map_or(Self::Mistake, Into::into)
    }
}
