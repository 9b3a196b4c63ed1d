//! Where keys live: the one method that the middleware needs, and the whole lifecycle.
//!
//! Stores store, they never judge: a record comes back as it was written, revoked or not.

mod changes;
mod error;
mod history;
mod instances;
mod memory;
mod shared;
mod uses;

pub(crate) use changes::Stamp;
pub use changes::{Change, ChangeTable, Changes, Mutation, Operation, Position};
pub use error::{StoreError, StoreErrorKind};
pub(crate) use instances::LEASE;
pub use instances::{Instance, Instances, Sign};
pub use memory::MemoryStore;
pub use uses::{Flush, Use, UseStore};

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::audit::{AuditEntry, AuditQuery};
use crate::clock::Timestamp;
use crate::key::{Creator, KeyDigest, KeyId, KeyRecord, StoredDigest};

/// The read side: all that a [`Verifier`](crate::verify::Verifier) needs.
///
/// People with their own table of keys implement [`lookup`](Self::lookup) alone.
///
/// ```
/// use std::collections::HashMap;
///
/// use async_trait::async_trait;
/// use keyward_core::key::{Grant, KeyDigest, KeyId, KeyRecord};
/// use keyward_core::store::{KeyLookup, StoreError};
///
/// /// Workspaces by the SHA-256 of their key.
/// struct Table(HashMap<[u8; 32], &'static str>);
///
/// #[async_trait]
/// impl KeyLookup for Table {
///     async fn lookup(&self, digest: &KeyDigest) -> Result<Option<KeyRecord>, StoreError> {
///         let row = self.0.get(digest.as_bytes()).copied();
///         Ok(row.map(|workspace| {
///             KeyRecord::new(KeyId::new(workspace), workspace, "live").with_grant(Grant::All)
///         }))
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), StoreError> {
/// let (known, unknown) = (KeyDigest::sha256(b"kw_live_a"), KeyDigest::sha256(b"kw_live_b"));
/// let table = Table(HashMap::from([(*known.as_bytes(), "acme")]));
/// assert_eq!(table.lookup(&known).await?.map(|record| record.workspace).as_deref(), Some("acme"));
/// assert!(table.lookup(&unknown).await?.is_none());
/// # Ok(()) }
/// ```
#[async_trait]
pub trait KeyLookup: Send + Sync + 'static {
    /// The record stored under this digest, or `None` when there is none.
    ///
    /// # Errors
    /// When the store cannot say. Never answer `None` for that: it would turn a good key bad.
    async fn lookup(&self, digest: &KeyDigest) -> Result<Option<KeyRecord>, StoreError>;

    /// The records stored under these digests, in their order, from one snapshot of the store.
    ///
    /// The default asks [`lookup`](Self::lookup) for each, sixteen at a time, and knows no sequence
    /// number.
    ///
    /// # Errors
    /// As [`lookup`](Self::lookup); one digest that fails fails all.
    async fn lookup_many(&self, digests: &[KeyDigest]) -> Result<Answers, StoreError> {
        // Made before they are awaited: rustc cannot see that a closure over a borrow is general
        // enough here. The futures do nothing yet.
        let lookups: Vec<_> = digests.iter().map(|digest| self.lookup(digest)).collect();
        let records = stream::iter(lookups).buffered(16).try_collect().await?;
        Ok(Answers { records, as_of: None })
    }

    /// The sequence of changes, where the store keeps one.
    ///
    /// Without it a cached key is trusted for `max_staleness` after its lookup and no longer.
    fn feed(&self) -> Option<Arc<dyn ChangeFeed>> {
        None
    }

    /// Where it is kept how keys are used, if it is.
    fn uses(&self) -> Option<&dyn UseStore> {
        None
    }
}

/// What a store knew about some digests at one moment.
#[derive(Debug)]
pub struct Answers {
    /// One for each digest asked for, in that order.
    pub records: Vec<Option<KeyRecord>>,
    /// Where the change sequence stood in the same snapshot; `None` without a sequence.
    pub as_of: Option<Position>,
}

/// The commit-ordered sequence of a store's changes.
#[async_trait]
pub trait ChangeFeed: Send + Sync + 'static {
    /// What this process knows of the sequence. All clones of one store handle share it.
    fn table(&self) -> &Arc<ChangeTable>;

    /// The changes after a position; without one, only where the sequence stands.
    ///
    /// # Errors
    /// When the store cannot say.
    async fn changes_since(&self, position: Option<Position>) -> Result<Changes, StoreError>;

    /// Who verifies keys of this store, where it keeps that.
    fn instances(&self) -> Option<&dyn Instances> {
        None
    }
}

/// The whole lifecycle: what a [`KeyManager`](crate::manage::KeyManager) needs.
#[async_trait]
pub trait KeyStore: KeyLookup {
    /// Remembers the dialect's name on an empty store; later refuses any other.
    ///
    /// # Errors
    /// [`StoreErrorKind::OtherDialect`] names both; or the store cannot be reached.
    async fn claim(&self, dialect: &str) -> Result<(), StoreError>;

    /// The name of the dialect that claimed the store; `None` before one has.
    ///
    /// # Errors
    /// When the store cannot say.
    async fn dialect(&self) -> Result<Option<String>, StoreError>;

    /// The record of this id.
    ///
    /// # Errors
    /// When the store cannot say.
    async fn get(&self, id: &KeyId) -> Result<Option<KeyRecord>, StoreError>;

    /// Records from the newest to the oldest, by `(created_at, id)`, or the other way round.
    ///
    /// # Errors
    /// When the store cannot say.
    async fn list(&self, query: &ListQuery) -> Result<Vec<KeyRecord>, StoreError>;

    /// How many records there are in all of the pages, wherever this one begins and ends.
    ///
    /// # Errors
    /// When the store cannot say.
    async fn count(&self, query: &ListQuery) -> Result<u64, StoreError>;

    /// Entries of the audit trail, from the newest to the oldest.
    ///
    /// # Errors
    /// When the store cannot say.
    async fn audit(&self, query: &AuditQuery) -> Result<Vec<AuditEntry>, StoreError>;

    /// Does all of these in one transaction, or none of them. Each change of a key takes the next
    /// number of the change sequence in that transaction, and the store's [`ChangeTable`] has it
    /// before this returns.
    ///
    /// # Errors
    /// [`StoreErrorKind::Exists`] for an id or digest that is taken, [`StoreErrorKind::Conflict`]
    /// for a version that is not the expected one or a key that is gone.
    async fn commit(&self, writes: Vec<Write>) -> Result<(), StoreError>;

    /// Gives up what the store holds open, once every commit that had begun is done. What is asked of
    /// it later may fail.
    ///
    /// The default has nothing to give up.
    async fn close(&self) {}
}

/// One step of a [`KeyStore::commit`].
#[derive(Debug, Clone)]
pub enum Write {
    /// Creates a key; never overwrites one.
    Insert {
        /// What it is stored under.
        digest: StoredDigest,
        /// What is kept.
        record: Box<KeyRecord>,
    },
    /// Puts this record, version and all, in the place of the one with its id. Of the two last uses
    /// the later one stays.
    Replace {
        /// The whole new record.
        record: Box<KeyRecord>,
        /// The version it must still have.
        expected: u64,
    },
    /// Removes a key.
    Delete {
        /// Which.
        id: KeyId,
        /// The version it must still have.
        expected: u64,
    },
    /// Appends to the audit trail. The store gives the entry its number: in the order of the
    /// commits, and within one in the order of its steps.
    Audit(Box<AuditEntry>),
    /// Changes nothing, but fails the transaction when the key has changed.
    Require {
        /// Which.
        id: KeyId,
        /// The version it must still have.
        expected: u64,
    },
}

/// Which keys to list.
#[derive(Debug, Clone, Default)]
pub struct ListQuery {
    /// Only this workspace's.
    pub workspace: Option<String>,
    /// Only those made by this person or key.
    pub created_by: Option<Creator>,
    /// Only those in whose place a rotation put this key.
    pub rotated_to: Option<KeyId>,
    /// Only those that are, or are not, revoked at an instant.
    pub revoked: Option<(bool, Timestamp)>,
    /// Only those that have, or have not, expired at an instant.
    pub expired: Option<(bool, Timestamp)>,
    /// Only those of this kind.
    pub kind: Option<String>,
    /// Only those in whose name this text stands, the letters of ASCII in either case. No index
    /// helps: what is between two keys that match is read.
    pub name: Option<String>,
    /// From the oldest to the newest.
    pub oldest_first: bool,
    /// Only what comes after this `(created_at, id)`, which is the last of the page before.
    pub after: Option<(Timestamp, KeyId)>,
    /// Leaves out so many of the first.
    pub skip: u64,
    /// At most so many.
    pub limit: usize,
}
