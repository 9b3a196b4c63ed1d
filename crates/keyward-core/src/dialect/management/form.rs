//! The management part of a dialect as a file gives it, before the check.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::field::{Field, Parameter};
use crate::dialect::form::built;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::dialect) struct ManagementForm {
    /// Of the collection; one key is below it.
    pub(super) path: Spanned<String>,
    pub(super) instants: InstantsForm,
    pub(super) unknown_fields: UnknownFieldsForm,
    /// JSON with placeholders, as all the bodies.
    pub(super) record: Spanned<String>,
    /// A record with its key in it.
    pub(super) issued: Option<Spanned<String>>,
    pub(super) list: Option<ListForm>,
    pub(super) create: Option<OperationForm>,
    pub(super) get: Option<OperationForm>,
    pub(super) update: Option<OperationForm>,
    pub(super) revoke: Option<OperationForm>,
    pub(super) reactivate: Option<OperationForm>,
    pub(super) rotate: Option<OperationForm>,
    pub(super) delete: Option<OperationForm>,
    pub(super) errors: ErrorsForm,
}

/// How exact an instant is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::dialect) enum InstantsForm {
    Seconds,
    Milliseconds,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::dialect) enum UnknownFieldsForm {
    Ignore,
    Refuse,
}

/// An operation whose table is missing does not exist.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OperationForm {
    /// `POST`, or `POST /{id}/rotate`.
    pub(super) route: Spanned<String>,
    /// What a key needs for it; without one, no key may.
    pub(super) scope: Option<Spanned<String>>,
    /// 200, where it is left out.
    pub(super) status: Option<Spanned<u16>>,
    /// What the API calls a field, and what that is. Only these are accepted.
    pub(super) fields: Option<Spanned<BTreeMap<String, Field>>>,
    /// None for 204.
    pub(super) body: Option<Spanned<String>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListForm {
    pub(super) route: Spanned<String>,
    pub(super) scope: Option<Spanned<String>>,
    pub(super) by: By,
    pub(super) limit: Spanned<LimitForm>,
    /// Unless a parameter says otherwise.
    pub(super) show: Show,
    /// Query parameters beside those of the pages.
    #[serde(default = "none")]
    pub(super) parameters: Spanned<BTreeMap<String, Parameter>>,
    pub(super) body: Spanned<String>,
}

/// How a list is cut into pages; also the name of the parameter that says which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// After the opaque end of the page before.
    Cursor,
    /// After so many keys.
    Offset,
    /// Pages have numbers, from 1.
    Page,
}

impl By {
    /// The name of the query parameter that says which page.
    pub fn parameter(self) -> &'static str {
        match self {
            Self::Cursor => "cursor",
            Self::Offset => "offset",
            Self::Page => "page",
        }
    }
}

fn none() -> Spanned<BTreeMap<String, Parameter>> {
    built(BTreeMap::new())
}

/// Which keys a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Show {
    Active,
    Revoked,
    All,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LimitForm {
    /// `limit`, where it is left out.
    pub(super) parameter: Option<String>,
    pub(super) default: u16,
    pub(super) most: u16,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ErrorsForm {
    /// One fault of a request, where the body of `invalid` has `{{faults}}`.
    pub(super) fault: Option<Spanned<String>>,
    pub(super) invalid: ErrorForm,
    /// A request whose first fault is that something is not there; `invalid`, where it is left out.
    pub(super) missing: Option<ErrorForm>,
    pub(super) not_found: ErrorForm,
    pub(super) conflict: ErrorForm,
    pub(super) too_large: ErrorForm,
    pub(super) method_not_allowed: ErrorForm,
    pub(super) internal: ErrorForm,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ErrorForm {
    /// The usual one, where it is left out.
    pub(super) status: Option<Spanned<u16>>,
    pub(super) body: Spanned<String>,
}
