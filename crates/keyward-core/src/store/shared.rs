//! A store that several own is a store, and so is one of a kind that is known only when it runs.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Answers, ChangeFeed, KeyLookup, KeyStore, ListQuery, StoreError, UseStore, Write};
use crate::audit::{AuditEntry, AuditQuery};
use crate::key::{KeyDigest, KeyId, KeyRecord};

#[async_trait]
impl<S: KeyLookup + ?Sized> KeyLookup for Arc<S> {
    async fn lookup(&self, digest: &KeyDigest) -> Result<Option<KeyRecord>, StoreError> {
        (**self).lookup(digest).await
    }

    async fn lookup_many(&self, digests: &[KeyDigest]) -> Result<Answers, StoreError> {
        (**self).lookup_many(digests).await
    }

    fn feed(&self) -> Option<Arc<dyn ChangeFeed>> {
        (**self).feed()
    }

    fn uses(&self) -> Option<&dyn UseStore> {
        (**self).uses()
    }
}

#[async_trait]
impl<S: KeyStore + ?Sized> KeyStore for Arc<S> {
    async fn claim(&self, dialect: &str) -> Result<(), StoreError> {
        (**self).claim(dialect).await
    }

    async fn dialect(&self) -> Result<Option<String>, StoreError> {
        (**self).dialect().await
    }

    async fn get(&self, id: &KeyId) -> Result<Option<KeyRecord>, StoreError> {
        (**self).get(id).await
    }

    async fn list(&self, query: &ListQuery) -> Result<Vec<KeyRecord>, StoreError> {
        (**self).list(query).await
    }

    async fn count(&self, query: &ListQuery) -> Result<u64, StoreError> {
        (**self).count(query).await
    }

    async fn audit(&self, query: &AuditQuery) -> Result<Vec<AuditEntry>, StoreError> {
        (**self).audit(query).await
    }

    async fn commit(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        (**self).commit(writes).await
    }

    async fn close(&self) {
        (**self).close().await;
    }
}
