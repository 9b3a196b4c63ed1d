use std::fmt;
use std::str::FromStr;

use crate::clock::Timestamp;
use crate::key::{Creator, KeyId, KeyRecord};
use crate::store::ListQuery;

/// Which keys to list, and from where on.
#[derive(Debug, Clone)]
pub struct ListKeys {
    workspace: Option<String>,
    created_by: Option<Creator>,
    status: Status,
    expired: Option<bool>,
    kind: Option<String>,
    name: Option<String>,
    oldest_first: bool,
    pub(super) start: Start,
    pub(super) limit: usize,
}

/// Where a page begins.
#[derive(Debug, Clone)]
pub(super) enum Start {
    First,
    After(Cursor),
    Offset(u64),
}

/// Whether a key is let in, expiry aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Status {
    /// Either.
    #[default]
    Any,
    /// Not revoked, or only from a later instant on.
    Active,
    /// Revoked.
    Revoked,
}

/// Where a page ended. Its text is opaque to clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    pub(super) created_at: Timestamp,
    pub(super) id: KeyId,
}

/// A text that is not a [`Cursor`]'s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a cursor of a list of keys: send back the one that a page gave")]
pub struct InvalidCursor;

/// Some keys, and where the next ones begin.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// The keys, in the order that was asked for.
    pub keys: Vec<KeyRecord>,
    /// Where to go on; `None` after the last page.
    pub next: Option<Cursor>,
    /// How many keys there are on all pages, of a page [at an offset](ListKeys::with_offset).
    pub total: Option<u64>,
}

impl ListKeys {
    /// Every key, a hundred a page.
    pub fn new() -> Self {
        Self {
            workspace: None,
            created_by: None,
            status: Status::Any,
            expired: None,
            kind: None,
            name: None,
            oldest_first: false,
            start: Start::First,
            limit: 100,
        }
    }

    /// Only this workspace's.
    #[must_use]
    pub fn with_workspace(mut self, workspace: impl Into<String>) -> Self {
        self.workspace = Some(workspace.into());
        self
    }

    /// Only those that this person or key made.
    #[must_use]
    pub fn with_created_by(mut self, creator: Creator) -> Self {
        self.created_by = Some(creator);
        self
    }

    /// Only those that are, or are not, revoked.
    #[must_use]
    pub fn with_status(mut self, status: Status) -> Self {
        self.status = status;
        self
    }

    /// Only those that have, or have not, expired by now.
    #[must_use]
    pub fn with_expired(mut self, expired: bool) -> Self {
        self.expired = Some(expired);
        self
    }

    /// Only those of this kind of the dialect.
    #[must_use]
    pub fn with_kind(mut self, kind: impl Into<String>) -> Self {
        self.kind = Some(kind.into());
        self
    }

    /// Only those in whose name this text stands, the letters of ASCII in either case. A store reads
    /// what it must to find them: of a million keys all, where none has such a name.
    #[must_use]
    pub fn with_name(mut self, text: impl Into<String>) -> Self {
        self.name = Some(text.into());
        self
    }

    /// From the oldest to the newest. A cursor or an offset counts from there.
    #[must_use]
    pub fn with_oldest_first(mut self) -> Self {
        self.oldest_first = true;
        self
    }

    /// Goes on after a page. Takes the place of an offset.
    #[must_use]
    pub fn with_after(mut self, cursor: Cursor) -> Self {
        self.start = Start::After(cursor);
        self
    }

    /// Leaves out so many keys, of the first. Takes the place of a cursor, and all keys are counted:
    /// [`Page::total`]. Keys that are made meanwhile shift what comes after; a cursor is not moved by
    /// them.
    #[must_use]
    pub fn with_offset(mut self, offset: u64) -> Self {
        self.start = Start::Offset(offset);
        self
    }

    /// 1 to 1,000 keys a page.
    #[must_use]
    pub fn with_limit(mut self, limit: usize) -> Self {
        self.limit = limit.clamp(1, 1_000);
        self
    }

    /// What is asked of the store, for the keys from the first on.
    pub(super) fn query(&self, now: Timestamp) -> ListQuery {
        ListQuery {
            workspace: self.workspace.clone(),
            created_by: self.created_by.clone(),
            revoked: match self.status {
                Status::Any => None,
                Status::Active => Some((false, now)),
                Status::Revoked => Some((true, now)),
            },
            expired: self.expired.map(|expired| (expired, now)),
            kind: self.kind.clone(),
            name: self.name.clone(),
            oldest_first: self.oldest_first,
            limit: self.limit,
            ..ListQuery::default()
        }
    }
}

impl Default for ListKeys {
    fn default() -> Self {
        Self::new()
    }
}

impl Cursor {
    pub(super) fn after(record: &KeyRecord) -> Self {
        Self { created_at: record.created_at, id: record.id.clone() }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}.{}", self.created_at.as_millis(), self.id)
    }
}

impl FromStr for Cursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        let (millis, id) = text.split_once('.').ok_or(InvalidCursor)?;
        let well_formed =
            (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
        if !well_formed || millis.starts_with(['+', '-']) {
            return Err(InvalidCursor);
        }
        // Hexadecimal of the two's complement, as `{:x}` writes it.
        let millis = u64::from_str_radix(millis, 16).map_err(|_| InvalidCursor)?.cast_signed();
        Ok(Self { created_at: Timestamp::from_millis(millis), id: KeyId::new(id) })
    }
}
