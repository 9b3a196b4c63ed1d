use async_trait::async_trait;
use http::request::Parts;
use keyward_core::dialect::management::Operation;
use keyward_core::key::{Creator, KeyId};
use keyward_core::verify::{self, RejectionKind};
use keyward_tower::ApiKey;

use super::{Admin, AdminGuard, Denied};

/// Lets keys manage keys: the verified key of the layer outside, in its own workspace, where it has
/// the operation's scope. It can give and touch no more than it has.
#[derive(Debug, Clone, Copy)]
pub struct KeyGuard;

#[async_trait]
impl AdminGuard for KeyGuard {
    async fn admit(&self, head: &Parts, operation: &Operation<'_>) -> Result<Admin, Denied> {
        let key = ApiKey::of(&head.extensions)?;
        let key: &verify::ApiKey = &key;
        match operation.scope() {
            Some(scope) => key.require(scope)?,
            // An operation without a scope is for people.
            None => return Err(key.refuse(RejectionKind::Scope).into()),
        }
        Ok(Admin::new(Creator::Key(KeyId::new(key.id()))).within(key.workspace()))
    }
}
