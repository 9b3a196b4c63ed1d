use std::time::Duration;

use super::error::ManageError;
use super::manager::KeyManager;
use super::page::{Cursor, ListKeys};
use crate::clock::Timestamp;
use crate::dialect::Dialect;
use crate::key::{Grant, KeyRecord, Resources};

/// A day.
const DAY: Duration = Duration::from_hours(24);

/// From when on something about a key that is let in is worth a look.
///
/// ```
/// use std::time::Duration;
///
/// use keyward_core::clock::Timestamp;
/// use keyward_core::dialect::Dialect;
/// use keyward_core::key::{Grant, KeyId, KeyRecord};
/// use keyward_core::manage::{Finding, Hygiene};
///
/// let (made, dialect) = (Timestamp::from_millis(0), Dialect::bigspin());
/// let after = |days: u64| made.plus(Duration::from_hours(24 * days));
/// let mut record = KeyRecord::new(KeyId::new("key_1"), "acme", "secret").with_grant(Grant::All);
/// record.last_used_at = Some(after(20));
///
/// let hygiene = Hygiene::default();
/// assert_eq!(
///     hygiene.findings(&record, &dialect, after(200)),
///     [Finding::Idle, Finding::WithoutExpiry, Finding::FullAccess, Finding::DueForRotation]
/// );
/// let record = record
///     .with_expires_at(Some(after(30)))
///     .with_grant(Grant::Only("projects-read".parse()?));
/// assert_eq!(hygiene.findings(&record, &dialect, after(29)), []);
/// # Ok::<(), keyward_core::key::InvalidScope>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hygiene {
    unused_for: Duration,
    idle_for: Duration,
    rotate_after: Duration,
}

/// What is worth a look about a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Finding {
    /// It was made a while ago, and nobody has used it.
    NeverUsed,
    /// It was used, but not for long.
    Idle,
    /// It has no end.
    WithoutExpiry,
    /// It may do everything to everything.
    FullAccess,
    /// It is as old as a key should get.
    DueForRotation,
}

/// What was found about a key.
#[derive(Debug, Clone)]
pub struct Found {
    /// The key.
    pub record: KeyRecord,
    /// At least one.
    pub findings: Vec<Finding>,
}

/// What was found on one page of keys.
#[derive(Debug, Clone, Default)]
pub struct HygienePage {
    /// The keys about which there is something to say; there may be none, and more on the next page.
    pub found: Vec<Found>,
    /// Where to go on; `None` after the last page.
    pub next: Option<Cursor>,
}

impl Hygiene {
    /// How old a key is that should have been used by now: 30 days by default.
    #[must_use]
    pub fn with_unused_for(mut self, age: Duration) -> Self {
        self.unused_for = age;
        self
    }

    /// How long ago the last use is of a key that is idle: 90 days by default.
    #[must_use]
    pub fn with_idle_for(mut self, idle: Duration) -> Self {
        self.idle_for = idle;
        self
    }

    /// How old a key may get before it is rotated: 180 days by default.
    #[must_use]
    pub fn with_rotate_after(mut self, age: Duration) -> Self {
        self.rotate_after = age;
        self
    }

    /// What is worth a look about a key at this moment: nothing about one that is refused. Its use is
    /// what the record says of it.
    pub fn findings(&self, record: &KeyRecord, dialect: &Dialect, now: Timestamp) -> Vec<Finding> {
        if record.is_revoked(now) || dialect.end_of(record).is_some_and(|end| end <= now) {
            return Vec::new();
        }
        let is_past = |since: Timestamp, age: Duration| since.plus(age) <= now;
        let never_used = record.last_used_at.is_none();
        // A grace of a rotation is an end, and the rotation was done.
        let has_end = record.expires_at.is_some() || record.revoked_at.is_some();
        let kind = dialect.kind_id(&record.kind);
        let is_capped = kind.is_some_and(|kind| dialect.kind(kind).cap().is_some());
        [
            (Finding::NeverUsed, never_used && is_past(record.created_at, self.unused_for)),
            (Finding::Idle, record.last_used_at.is_some_and(|used| is_past(used, self.idle_for))),
            (Finding::WithoutExpiry, !has_end),
            (
                Finding::FullAccess,
                record.grant == Grant::All && record.resources == Resources::All && !is_capped,
            ),
            (
                Finding::DueForRotation,
                record.revoked_at.is_none() && is_past(record.created_at, self.rotate_after),
            ),
        ]
        .into_iter()
        .filter(|(_, is_so)| *is_so)
        .map(|(finding, _)| finding)
        .collect()
    }
}

impl Default for Hygiene {
    fn default() -> Self {
        Self { unused_for: 30 * DAY, idle_for: 90 * DAY, rotate_after: 180 * DAY }
    }
}

impl Finding {
    /// The word for it: `never_used`, `idle`, `without_expiry`, `full_access` or
    /// `due_for_rotation`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NeverUsed => "never_used",
            Self::Idle => "idle",
            Self::WithoutExpiry => "without_expiry",
            Self::FullAccess => "full_access",
            Self::DueForRotation => "due_for_rotation",
        }
    }
}

impl KeyManager {
    /// Looks through one page of keys, so that the memory for a look at all of them has a bound.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use keyward_core::dialect::Dialect;
    /// use keyward_core::manage::{Finding, Hygiene, KeyManager, ListKeys, NewKey, Status};
    /// use keyward_core::store::MemoryStore;
    ///
    /// let manager = KeyManager::builder(Dialect::bigspin(), MemoryStore::new()).open().await?;
    /// manager.create(NewKey::new("acme", "production-upload")).await?;
    ///
    /// let mut keys = ListKeys::new().with_status(Status::Active);
    /// loop {
    ///     let page = manager.hygiene(&Hygiene::default(), &keys).await?;
    ///     for found in &page.found {
    ///         assert_eq!(found.findings, [Finding::WithoutExpiry, Finding::FullAccess]);
    ///     }
    ///     let Some(cursor) = page.next else { break };
    ///     keys = keys.with_after(cursor);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`list`](Self::list).
    pub async fn hygiene(
        &self,
        hygiene: &Hygiene,
        keys: &ListKeys,
    ) -> Result<HygienePage, ManageError> {
        let page = self.list(keys).await?;
        let now = self.now();
        let look = |record: KeyRecord| {
            let findings = hygiene.findings(&record, &self.dialect, now);
            (!findings.is_empty()).then_some(Found { record, findings })
        };
        let found = page.keys.into_iter().filter_map(look).collect();
        Ok(HygienePage { found, next: page.next })
    }
}
