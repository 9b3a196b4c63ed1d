use http::Method;
use keyward_core::dialect::management::{Management, Operation};
use keyward_core::key::KeyId;

use super::answer::Trouble;
use crate::request::key_id;

/// What a request asks for.
pub(super) struct Route<'r, 'd> {
    pub(super) operation: Operation<'d>,
    /// As it stands in the path.
    id: &'r str,
}

impl<'r, 'd> Route<'r, 'd> {
    /// Finds the operation of a method at a path.
    pub(super) fn find(
        management: Management<'d>,
        method: &Method,
        path: &'r str,
    ) -> Result<Self, Trouble> {
        let below = path.strip_prefix(management.path()).ok_or(Trouble::NotFound)?;
        let (id, suffix) = match below.strip_prefix('/').map(|key| key.split_once('/')) {
            None if below.is_empty() => ("", None),
            Some(None) => (&below[1..], Some("")),
            Some(Some((id, suffix))) if !suffix.is_empty() => (id, Some(suffix)),
            _ => return Err(Trouble::NotFound),
        };
        let here = || management.operations().filter(|operation| operation.suffix() == suffix);
        // A HEAD is a GET whose body stays here.
        let method = if *method == Method::HEAD { "GET" } else { method.as_str() };
        if let Some(operation) = here().find(|operation| operation.method() == method) {
            return Ok(Self { operation, id });
        }
        let mut allowed: Vec<&str> = here().map(|operation| operation.method()).collect();
        if allowed.is_empty() {
            return Err(Trouble::NotFound);
        }
        allowed.extend(allowed.contains(&"GET").then_some("HEAD"));
        Err(Trouble::MethodNotAllowed(allowed.join(", ")))
    }

    /// The key in the path.
    pub(super) fn key(&self) -> Result<KeyId, Trouble> {
        key_id(self.id).ok_or(Trouble::NotFound)
    }
}
