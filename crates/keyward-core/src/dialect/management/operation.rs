use super::form::{By, Show};
use super::{Field, Management, Parameter};
use crate::dialect::template::{Names, Piece, Placeholder, Template};
use crate::manage::Status;

/// What can be done to keys over HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Action {
    /// Shows a page of keys.
    List,
    /// Makes a key.
    Create,
    /// Shows a key.
    Get,
    /// Changes a key.
    Update,
    /// Ends a key.
    Revoke,
    /// Lets a revoked key in again.
    Reactivate,
    /// Puts a new key in the place of one.
    Rotate,
    /// Removes a key.
    Delete,
}

/// One operation of a dialect's management API.
#[derive(Debug, Clone, Copy)]
pub struct Operation<'d> {
    pub(super) management: Management<'d>,
    pub(super) rule: &'d Rule,
}

/// An operation, checked.
#[derive(Debug)]
pub(in crate::dialect) struct Rule {
    pub(super) action: Action,
    pub(super) method: Box<str>,
    /// None: at the collection. Some: below a key, empty for the key itself.
    pub(super) suffix: Option<Box<str>>,
    pub(super) scope: Option<Box<str>>,
    pub(super) status: u16,
    /// In the order of what they are.
    pub(super) fields: Vec<(Box<str>, Field)>,
    pub(super) body: Option<Template<Slot>>,
}

/// How keys are listed.
#[derive(Debug)]
pub struct Listing {
    pub(super) by: By,
    pub(super) limit_parameter: Box<str>,
    pub(super) default_limit: u16,
    pub(super) most: u16,
    pub(super) show: Show,
    pub(super) parameters: Vec<(Box<str>, Parameter)>,
    pub(super) counts: bool,
}

/// The placeholders of an answer's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    Record,
    Issued,
    Old,
    Records,
    Limit,
    Page,
    Total,
    Next,
    Prev,
    HasMore,
    RequestId,
    Timestamp,
}

impl Slot {
    const REQUEST_ID: (&str, Self) = ("request_id", Self::RequestId);
    const TIMESTAMP: (&str, Self) = ("timestamp", Self::Timestamp);
    const RECORDS: (&str, Self) = ("records", Self::Records);
    const LIMIT: (&str, Self) = ("limit", Self::Limit);
    const TOTAL: (&str, Self) = ("total", Self::Total);
    const NEXT: (&str, Self) = ("next", Self::Next);
    const HAS_MORE: (&str, Self) = ("has_more", Self::HasMore);

    pub(super) const OF_RECORD: Names<Self> =
        &[("record", Self::Record), Self::REQUEST_ID, Self::TIMESTAMP];
    pub(super) const OF_CREATION: Names<Self> =
        &[("issued", Self::Issued), Self::REQUEST_ID, Self::TIMESTAMP];
    pub(super) const OF_ROTATION: Names<Self> =
        &[("old", Self::Old), ("issued", Self::Issued), Self::REQUEST_ID, Self::TIMESTAMP];
    pub(super) const OF_DELETION: Names<Self> = &[Self::REQUEST_ID, Self::TIMESTAMP];
    /// `next` is a cursor.
    pub(super) const BY_CURSOR: Names<Self> = &[
        Self::RECORDS,
        Self::LIMIT,
        Self::TOTAL,
        Self::NEXT,
        Self::HAS_MORE,
        Self::REQUEST_ID,
        Self::TIMESTAMP,
    ];
    /// `next` and `prev` are URLs.
    pub(super) const BY_OFFSET: Names<Self> = &[
        Self::RECORDS,
        Self::LIMIT,
        Self::TOTAL,
        Self::NEXT,
        ("prev", Self::Prev),
        Self::HAS_MORE,
        Self::REQUEST_ID,
        Self::TIMESTAMP,
    ];
    pub(super) const BY_PAGE: Names<Self> = &[
        Self::RECORDS,
        Self::LIMIT,
        Self::TOTAL,
        ("page", Self::Page),
        Self::HAS_MORE,
        Self::REQUEST_ID,
        Self::TIMESTAMP,
    ];
}

impl Placeholder for Slot {
    fn sample(self, wide: bool) -> Piece<'static> {
        match self {
            Self::Record | Self::Issued | Self::Old => Piece::Json(br#"{"-":"-"}"#.into()),
            Self::Records => Piece::Json(if wide { br#""-","-""#.into() } else { Vec::new() }),
            Self::Limit | Self::Page | Self::Total => {
                Piece::Number(if wide { u64::MAX } else { 0 })
            }
            Self::HasMore => Piece::Bool(wide),
            Self::Next | Self::Prev if !wide => Piece::Null,
            Self::Next | Self::Prev => "-".into(),
            Self::RequestId | Self::Timestamp => if wide { "-" } else { "" }.into(),
        }
    }
}

impl<'d> Operation<'d> {
    /// What it does.
    pub fn action(&self) -> Action {
        self.rule.action
    }

    /// Its HTTP method.
    pub fn method(&self) -> &'d str {
        &self.rule.method
    }

    /// What comes after the key's id in the path, without a slash and mostly nothing; `None` for an
    /// operation at the collection.
    pub fn suffix(&self) -> Option<&'d str> {
        self.rule.suffix.as_deref()
    }

    /// What a key needs for it. Without one it is for people, and for no key.
    pub fn scope(&self) -> Option<&'d str> {
        self.rule.scope.as_deref()
    }

    /// What its body may hold: what the API calls a field, and what that is.
    pub fn fields(&self) -> impl Iterator<Item = (&'d str, Field)> {
        self.rule.fields.iter().map(|(name, field)| (&**name, *field))
    }

    /// The API that it belongs to.
    pub fn management(&self) -> Management<'d> {
        self.management
    }
}

impl Listing {
    /// How the list is cut into pages.
    pub fn by(&self) -> By {
        self.by
    }

    /// The name of the query parameter that says how many keys a page has.
    pub fn limit_parameter(&self) -> &str {
        &self.limit_parameter
    }

    /// How many keys a page has, when nothing is said.
    pub fn default_limit(&self) -> u16 {
        self.default_limit
    }

    /// How many keys a page can have.
    pub fn most(&self) -> u16 {
        self.most
    }

    /// Which keys are shown, when nothing is said.
    pub fn status(&self) -> Status {
        match self.show {
            Show::Active => Status::Active,
            Show::Revoked => Status::Revoked,
            Show::All => Status::Any,
        }
    }

    /// The query parameters beside those of the pages.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, Parameter)> {
        self.parameters.iter().map(|(name, parameter)| (&**name, *parameter))
    }

    /// Whether the answer says how many keys there are.
    pub fn counts(&self) -> bool {
        self.counts
    }
}
