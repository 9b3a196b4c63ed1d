use keyward::key::{Creator, Grant, PlainKey};
use keyward::manage::{ListKeys, NewKey};
use keyward::verify::ApiKey;

use super::keys::Keys;
use super::options::Options;
use crate::failure::Result;
use crate::operator;

/// Opens the store of the operators' keys.
pub(super) async fn open(options: &Options) -> Result<Keys> {
    Keys::open(&options.operators, Some(operator::dialect()?), options).await
}

/// The key of a first operator, who may do everything, where there has been none yet.
pub(super) async fn first(operators: &Keys) -> Result<Option<PlainKey>> {
    if !operators.manager.list(&ListKeys::new().with_limit(1)).await?.keys.is_empty() {
        return Ok(None);
    }
    let new = NewKey::new(operator::EVERY_WORKSPACE, "first operator").with_grant(Grant::All);
    Ok(Some(operators.manager.create(new).await?.key))
}

/// The workspace that an operator works in; `None` where it is every one.
pub(super) fn workspace(operator: &ApiKey) -> Option<&str> {
    Some(operator.workspace()).filter(|workspace| *workspace != operator::EVERY_WORKSPACE)
}

/// In whose name an operator acts. Names are not unique.
pub(super) fn person(operator: &ApiKey) -> Creator {
    Creator::Person(format!("{} ({})", operator.name(), operator.id()))
}
