use async_trait::async_trait;
use http::request::Parts;
use keyward::admin::{Admin, AdminGuard, Denied};
use keyward::axum::ApiKey;
use keyward::dialect::management::{Action, Field, Operation};
use keyward::verify;

use super::operators;
use crate::keys::WORKSPACE;
use crate::operator::{KEYS_READ, KEYS_WRITE};

/// Where the dialect names no header for it.
const HEADER: &str = "x-workspace-id";

/// Lets operators manage keys: of the workspace that their own key is of, or of any.
pub(super) struct OperatorGuard;

#[async_trait]
impl AdminGuard for OperatorGuard {
    async fn admit(&self, head: &Parts, operation: &Operation<'_>) -> Result<Admin, Denied> {
        let operator = ApiKey::of(&head.extensions)?;
        let operator: &verify::ApiKey = &operator;
        operator.require(match operation.action() {
            Action::List | Action::Get => KEYS_READ,
            _ => KEYS_WRITE,
        })?;
        let admin = Admin::new(operators::person(operator));
        let asked = asked(head, operation)?;
        Ok(match (operators::workspace(operator), asked) {
            (Some(own), Some(asked)) if own != asked => return Err(Denied::NotFound),
            (Some(own), _) => admin.within(own),
            (None, Some(asked)) => admin.within(asked),
            // Nothing in the request can name the workspace of a new key.
            (None, None) if is_nowhere_named(operation) => admin.within(WORKSPACE),
            (None, None) => admin,
        })
    }
}

/// The workspace that the request's header names.
fn asked<'h>(head: &'h Parts, operation: &Operation<'_>) -> Result<Option<&'h str>, Denied> {
    let name = operation.management().dialect().workspace_header().unwrap_or(HEADER);
    let mut values = head.headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| Denied::NotFound),
        (Some(_), Some(_)) => Err(Denied::NotFound),
    }
}

fn is_nowhere_named(operation: &Operation<'_>) -> bool {
    operation.action() == Action::Create
        && operation.fields().all(|(_, field)| field != Field::Workspace)
}
