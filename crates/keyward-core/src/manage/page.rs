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
    after: Option<Cursor>,
    limit: usize,
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
    created_at: Timestamp,
    id: KeyId,
}

/// A text that is not a [`Cursor`]'s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a cursor of a list of keys: send back the one that a page gave")]
pub struct InvalidCursor;

/// Some keys, and where the next ones begin.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// The keys, the newest first.
    pub keys: Vec<KeyRecord>,
    /// Where to go on; `None` after the last page.
    pub next: Option<Cursor>,
}

impl ListKeys {
    /// Every key, a hundred a page.
    pub fn new() -> Self {
        Self { workspace: None, created_by: None, status: Status::Any, after: None, limit: 100 }
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

    /// Goes on after a page.
    #[must_use]
    pub fn with_after(mut self, cursor: Cursor) -> Self {
        self.after = Some(cursor);
        self
    }

    /// 1 to 1,000 keys a page.
    #[must_use]
    pub fn with_limit(mut self, limit: usize) -> Self {
        self.limit = limit.clamp(1, 1_000);
        self
    }

    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// One more than the page holds, to see whether another follows.
    pub(super) fn query(&self, now: Timestamp) -> ListQuery {
        ListQuery {
            workspace: self.workspace.clone(),
            created_by: self.created_by.clone(),
            revoked: match self.status {
                Status::Any => None,
                Status::Active => Some((false, now)),
                Status::Revoked => Some((true, now)),
            },
            after: self.after.as_ref().map(|cursor| (cursor.created_at, cursor.id.clone())),
            limit: self.limit + 1,
        }
    }
}

impl Default for ListKeys {
    fn default() -> Self {
        Self::new()
    }
}

impl Page {
    pub(super) fn cut(mut keys: Vec<KeyRecord>, limit: usize) -> Self {
        let more = keys.len() > limit;
        keys.truncate(limit);
        let next = keys
            .last()
            .filter(|_| more)
            .map(|last| Cursor { created_at: last.created_at, id: last.id.clone() });
        Self { keys, next }
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
