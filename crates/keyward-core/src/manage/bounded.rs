use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use crate::audit::{AuditEntry, AuditQuery};
use crate::key::{KeyDigest, KeyId, KeyRecord};
use crate::store::{ChangeFeed, KeyStore, ListQuery, StoreError, StoreErrorKind, Write};

/// A store that answers in time, or with an error.
#[derive(Clone)]
pub(super) struct BoundedStore {
    pub(super) store: Arc<dyn KeyStore>,
    pub(super) limit: Duration,
}

impl BoundedStore {
    pub(super) async fn claim(&self, dialect: &str) -> Result<(), StoreError> {
        self.within(self.store.claim(dialect)).await
    }

    pub(super) async fn lookup(&self, digest: &KeyDigest) -> Result<Option<KeyRecord>, StoreError> {
        self.within(self.store.lookup(digest)).await
    }

    pub(super) async fn get(&self, id: &KeyId) -> Result<Option<KeyRecord>, StoreError> {
        self.within(self.store.get(id)).await
    }

    pub(super) async fn list(&self, query: &ListQuery) -> Result<Vec<KeyRecord>, StoreError> {
        self.within(self.store.list(query)).await
    }

    pub(super) async fn count(&self, query: &ListQuery) -> Result<u64, StoreError> {
        self.within(self.store.count(query)).await
    }

    pub(super) async fn audit(&self, query: &AuditQuery) -> Result<Vec<AuditEntry>, StoreError> {
        self.within(self.store.audit(query)).await
    }

    /// Given up half-way, it raises barriers like any commit whose caller is gone.
    pub(super) async fn commit(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        timeout(self.limit, self.store.commit(writes)).await.unwrap_or_else(|elapsed| {
            let message = "the key store did not answer in time, and may have made the change or \
                           not: look before you try again";
            Err(StoreError::new(StoreErrorKind::Unavailable, message).with_source(elapsed))
        })
    }

    pub(super) fn feed(&self) -> Option<Arc<dyn ChangeFeed>> {
        self.store.feed()
    }

    pub(super) async fn within<T>(
        &self,
        question: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let answer = timeout(self.limit, question).await;
        answer.unwrap_or_else(|elapsed| Err(StoreError::unavailable(elapsed)))
    }
}
