//! Who verifies keys of a store: so that a revocation can be waited for.

use std::time::Duration;

use async_trait::async_trait;

use super::{Position, StoreError};

/// What an instance knows of changes counts for so long after it signed last, and its own bound
/// after that: one that has been silent for longer accepts no key that was revoked meanwhile.
pub(crate) const LEASE: Duration = Duration::from_secs(30);

/// The instances that have signed: each [`Verifier`](crate::verify::Verifier) with a name. Part of a
/// [`ChangeFeed`](super::ChangeFeed).
#[async_trait]
pub trait Instances: Send + Sync {
    /// Writes this in the place of what the instance signed before, and says so. Writes nothing, and
    /// says that, when the position is not part of the sequence, as after a backup was restored.
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn sign(&self, sign: &Sign) -> Result<bool, StoreError>;

    /// Forgets the instance that signed with this id.
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn sign_off(&self, id: u64) -> Result<(), StoreError>;

    /// Says that somebody waits until every instance has come to where the sequence stands, and
    /// which number that is. From now on it comes with [`Changes::Since`](super::Changes::Since).
    ///
    /// Ends with [`ChangeTable::wake_all`](super::ChangeTable::wake_all): the instances shall look at
    /// once, and whoever pushes tells them.
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn await_all(&self) -> Result<u64, StoreError>;

    /// All that have signed and did not sign off. One that has been silent for a day longer than its
    /// bound may be left out, and forgotten.
    ///
    /// # Errors
    /// When the store cannot say.
    async fn signed(&self) -> Result<Vec<Instance>, StoreError>;
}

/// What an instance says of itself.
#[derive(Debug, Clone)]
pub struct Sign {
    /// Drawn when it started: one that is started again is another instance.
    pub id: u64,
    /// Its name, for people.
    pub name: String,
    /// Up to here it knows the changes, and accepts nothing that they ended.
    pub position: Position,
    /// How long it may accept a key of whose end it does not hear.
    pub bound: Duration,
}

/// What a store knows of an instance.
#[derive(Debug, Clone)]
pub struct Instance {
    /// Its name, for people.
    pub name: String,
    /// The number up to which it knows the changes.
    pub seq: u64,
    /// How long it may accept a key of whose end it does not hear.
    pub bound: Duration,
    /// How long ago it signed, by the store's clock.
    pub silence: Duration,
}
