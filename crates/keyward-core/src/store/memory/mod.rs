mod state;
mod trail;
mod uses;

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use self::state::State;
use super::{
    Answers, ChangeFeed, ChangeTable, Changes, Flush, Instance, Instances, KeyLookup, KeyStore,
    ListQuery, Position, Sign, StoreError, UseStore, Write,
};
use crate::audit::{AuditEntry, AuditQuery};
use crate::clock::Timestamp;
use crate::key::{KeyDigest, KeyId, KeyRecord};
use crate::usage::UsePoint;

/// Keys in this process's memory: for tests, demonstrations, and keys that a program makes itself.
///
/// Clones share the keys. Nothing outlives the last of them. Of the audit trail the newest 100,000
/// entries are kept.
///
/// ```
/// use keyward_core::key::{KeyDigest, KeyId, KeyRecord, StoredDigest};
/// use keyward_core::store::{KeyLookup, KeyStore, MemoryStore, Write};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let store = MemoryStore::new();
/// let digest = KeyDigest::sha256(b"kw_live_example");
/// let record = Box::new(KeyRecord::new(KeyId::new("key_1"), "acme", "secret"));
/// store.commit(vec![Write::Insert { digest: StoredDigest::new(digest, None), record }]).await?;
/// assert!(store.lookup(&digest).await?.is_some());
/// assert!(store.lookup(&KeyDigest::sha256(b"another key")).await?.is_none());
/// # Ok::<(), keyward_core::store::StoreError>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct MemoryStore {
    state: Arc<Mutex<State>>,
    table: Arc<ChangeTable>,
}

impl MemoryStore {
    /// A store without keys.
    pub fn new() -> Self {
        Self { state: Arc::new(Mutex::new(State::new())), table: ChangeTable::new() }
    }

    /// The same keys as another process would see them: it hears of changes by polling alone.
    #[must_use]
    pub fn other_process(&self) -> Self {
        Self { state: Arc::clone(&self.state), table: ChangeTable::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl KeyLookup for MemoryStore {
    async fn lookup(&self, digest: &KeyDigest) -> Result<Option<KeyRecord>, StoreError> {
        Ok(self.state().by_digest(digest))
    }

    async fn lookup_many(&self, digests: &[KeyDigest]) -> Result<Answers, StoreError> {
        let state = self.state();
        let records = digests.iter().map(|digest| state.by_digest(digest)).collect();
        Ok(Answers { records, as_of: Some(state.head()) })
    }

    fn feed(&self) -> Option<Arc<dyn ChangeFeed>> {
        Some(Arc::new(self.clone()))
    }

    fn uses(&self) -> Option<&dyn UseStore> {
        Some(self)
    }
}

#[async_trait]
impl UseStore for MemoryStore {
    async fn record(&self, flush: &Flush) -> Result<(), StoreError> {
        self.state().record(flush);
        Ok(())
    }

    async fn usage(
        &self,
        id: &KeyId,
        hours: Range<Timestamp>,
    ) -> Result<Vec<UsePoint>, StoreError> {
        Ok(self.state().usage(id, hours))
    }

    async fn prune(&self, before: Timestamp) -> Result<bool, StoreError> {
        self.state().prune_uses(before);
        Ok(false)
    }
}

#[async_trait]
impl ChangeFeed for MemoryStore {
    fn table(&self) -> &Arc<ChangeTable> {
        &self.table
    }

    async fn changes_since(&self, position: Option<Position>) -> Result<Changes, StoreError> {
        Ok(self.state().changes_since(position))
    }

    fn instances(&self) -> Option<&dyn Instances> {
        Some(self)
    }
}

#[async_trait]
impl Instances for MemoryStore {
    async fn sign(&self, sign: &Sign) -> Result<bool, StoreError> {
        Ok(self.state().sign(sign))
    }

    async fn sign_off(&self, id: u64) -> Result<(), StoreError> {
        self.state().sign_off(id);
        Ok(())
    }

    async fn await_all(&self) -> Result<u64, StoreError> {
        let awaited = self.state().await_all();
        self.table.wake_all();
        Ok(awaited)
    }

    async fn signed(&self) -> Result<Vec<Instance>, StoreError> {
        Ok(self.state().signed())
    }
}

#[async_trait]
impl KeyStore for MemoryStore {
    async fn claim(&self, dialect: &str) -> Result<(), StoreError> {
        let claimed = self.state().claim(dialect);
        if claimed == dialect { Ok(()) } else { Err(StoreError::other_dialect(&claimed, dialect)) }
    }

    async fn dialect(&self) -> Result<Option<String>, StoreError> {
        Ok(self.state().dialect())
    }

    async fn get(&self, id: &KeyId) -> Result<Option<KeyRecord>, StoreError> {
        Ok(self.state().by_id(id))
    }

    async fn list(&self, query: &ListQuery) -> Result<Vec<KeyRecord>, StoreError> {
        Ok(self.state().list(query))
    }

    async fn count(&self, query: &ListQuery) -> Result<u64, StoreError> {
        Ok(self.state().count(query))
    }

    async fn audit(&self, query: &AuditQuery) -> Result<Vec<AuditEntry>, StoreError> {
        Ok(self.state().audit(query))
    }

    async fn commit(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        let mut mutation = self.table.mutation();
        // A commit that fails touches nothing, so that its guard has nothing to say.
        let seq = self.state().commit(writes, &mut mutation)?;
        mutation.committed(seq);
        Ok(())
    }
}
