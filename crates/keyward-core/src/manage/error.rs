use std::error::Error;
use std::fmt;

use crate::key::KeyId;
use crate::store::{StoreError, StoreErrorKind};

/// Why an act on a key was not done.
#[derive(Debug)]
pub struct ManageError {
    kind: ManageErrorKind,
    message: String,
    field: Option<&'static str>,
    source: Option<StoreError>,
}

/// What to do about a [`ManageError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ManageErrorKind {
    /// What was asked for breaks a rule; [`ManageError::field`] says where.
    Invalid,
    /// The key that acts has less than it would give, or than the key it would touch; or it has
    /// ended.
    Denied,
    /// There is no such key here.
    NotFound,
    /// The key is not in a state for this, or somebody else was faster.
    Conflict,
    /// The store could not be reached. Try again later.
    Unavailable,
}

impl ManageError {
    pub(super) fn new(kind: ManageErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), field: None, source: None }
    }

    pub(super) fn invalid(field: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { kind: ManageErrorKind::Invalid, message, field: Some(field), source: None }
    }

    pub(super) fn denied(field: &'static str, message: impl Into<String>) -> Self {
        Self { kind: ManageErrorKind::Denied, ..Self::invalid(field, message) }
    }

    pub(super) fn not_found(id: &KeyId) -> Self {
        let id = id.as_str().escape_default();
        Self::new(ManageErrorKind::NotFound, format!("there is no key `{id}` here"))
    }

    pub(super) fn conflict(message: impl Into<String>) -> Self {
        Self::new(ManageErrorKind::Conflict, message)
    }

    pub(super) fn with_message(self, message: impl Into<String>) -> Self {
        Self { message: message.into(), ..self }
    }

    /// What to do about it.
    pub fn kind(&self) -> ManageErrorKind {
        self.kind
    }

    /// Which field of the request breaks a rule.
    pub fn field(&self) -> Option<&'static str> {
        self.field
    }
}

impl fmt::Display for ManageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for ManageError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| source as &(dyn Error + 'static))
    }
}

impl From<StoreError> for ManageError {
    fn from(error: StoreError) -> Self {
        let kind = match error.kind() {
            StoreErrorKind::Exists | StoreErrorKind::Conflict | StoreErrorKind::OtherDialect => {
                ManageErrorKind::Conflict
            }
            _ => ManageErrorKind::Unavailable,
        };
        Self { kind, message: error.to_string(), field: None, source: Some(error) }
    }
}
