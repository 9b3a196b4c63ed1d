use crate::clock::Timestamp;
use crate::key::{Creator, KeyId, StoredDigest};
use crate::manage::NewKey;

/// A key of which only the digest is known, and what is to be kept of it.
///
/// What it leaves out is as for a new key: an id is drawn, it is made now, by whoever imports it.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use keyward_core::dialect::Dialect;
/// use keyward_core::key::{KeyDigest, StoredDigest};
/// use keyward_core::manage::{ImportKey, KeyManager, ManageErrorKind, NewKey, Standing};
/// use keyward_core::store::MemoryStore;
///
/// let manager = KeyManager::builder(Dialect::bigspin(), MemoryStore::new()).open().await?;
/// let digest = StoredDigest::new(KeyDigest::sha256(b"sk-bigspin-api03-0123456789abcdef"), None);
/// let key = ImportKey::new(digest, NewKey::new("acme", "production-upload"));
/// assert_eq!(manager.import(std::slice::from_ref(&key)).await?, [Standing::New]);
/// assert_eq!(manager.import(&[key]).await?, [Standing::Kept]);
///
/// let other = ImportKey::new(digest, NewKey::new("acme", "staging-upload"));
/// let refused = manager.import(&[other]).await.unwrap_err();
/// assert_eq!(refused.kind(), ManageErrorKind::Conflict);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ImportKey {
    /// What it is stored under.
    pub digest: StoredDigest,
    /// What is said of every new key. Its end may be past.
    pub new: NewKey,
    /// Its id where it was.
    pub id: Option<KeyId>,
    /// What may be shown of it; its id without.
    pub mask: Option<String>,
    /// Who made it.
    pub created_by: Option<Creator>,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// When it was or will be revoked.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used.
    pub last_used_at: Option<Timestamp>,
    /// The key that was put in its place.
    pub rotated_to: Option<KeyId>,
}

/// Whether a key that is to be imported is here already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is not.
    New,
    /// It is, with the same record. What was changed of it here stays as it is.
    Kept,
}

impl ImportKey {
    /// A key that is stored under this digest.
    pub fn new(digest: StoredDigest, new: NewKey) -> Self {
        Self {
            digest,
            new,
            id: None,
            mask: None,
            created_by: None,
            created_at: None,
            revoked_at: None,
            last_used_at: None,
            rotated_to: None,
        }
    }
}
