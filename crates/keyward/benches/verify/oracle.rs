use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use keyward::clock::Timestamp;
use keyward::key::{KeyDigest, KeyId, KeyRecord};
use keyward::store::{Flush, KeyLookup, StoreError, UseStore};
use keyward::usage::UsePoint;

/// A store without memory: it makes a record of every key, or knows none. Of how they are used it
/// keeps the sum.
#[derive(Clone, Default)]
pub(crate) struct Oracle {
    record: Option<fn() -> KeyRecord>,
    requests: Arc<AtomicU64>,
}

impl Oracle {
    pub(crate) fn knows(record: fn() -> KeyRecord) -> Self {
        Self { record: Some(record), ..Self::default() }
    }

    /// How many requests it was told of.
    pub(crate) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl KeyLookup for Oracle {
    async fn lookup(&self, _: &KeyDigest) -> Result<Option<KeyRecord>, StoreError> {
        Ok(self.record.map(|record| record()))
    }

    fn uses(&self) -> Option<&dyn UseStore> {
        Some(self)
    }
}

#[async_trait]
impl UseStore for Oracle {
    async fn record(&self, flush: &Flush) -> Result<(), StoreError> {
        let requests = flush.uses.iter().map(|used| used.counts.requests).sum();
        self.requests.fetch_add(requests, Ordering::Relaxed);
        Ok(())
    }

    async fn usage(&self, _: &KeyId, _: Range<Timestamp>) -> Result<Vec<UsePoint>, StoreError> {
        Ok(Vec::new())
    }

    async fn prune(&self, _: Timestamp) -> Result<bool, StoreError> {
        Ok(false)
    }
}
