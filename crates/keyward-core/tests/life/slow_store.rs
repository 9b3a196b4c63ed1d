//! A store that does not answer keeps nobody waiting for longer than is said.

use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use keyward_core::audit::{AuditEntry, AuditQuery};
use keyward_core::dialect::Dialect;
use keyward_core::key::{KeyDigest, KeyId, KeyRecord};
use keyward_core::manage::{
    KeyManager, KeyUpdate, ListKeys, ManageError, ManageErrorKind, NewKey, Reach, Rotate,
};
use keyward_core::store::{
    Answers, ChangeFeed, KeyLookup, KeyStore, ListQuery, MemoryStore, StoreError, Write,
};
use keyward_core::verify::RejectionKind;

use crate::setting::{Setting, refusal, verifier};

const TIMEOUT: Duration = Duration::from_millis(50);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Conduct {
    Answers,
    IsSilent,
    /// It reads; it does what it is told to do to this key, and nobody hears of it.
    CommitsInSilence(KeyDigest),
}

#[derive(Clone)]
struct Store {
    store: MemoryStore,
    conduct: Arc<Mutex<Conduct>>,
}

impl Store {
    fn set(&self, conduct: Conduct) {
        *self.conduct.lock().unwrap() = conduct;
    }

    fn conduct(&self) -> Conduct {
        *self.conduct.lock().unwrap()
    }

    async fn answer(&self) {
        if self.conduct() == Conduct::IsSilent {
            pending::<()>().await;
        }
    }
}

#[async_trait]
impl KeyLookup for Store {
    async fn lookup(&self, digest: &KeyDigest) -> Result<Option<KeyRecord>, StoreError> {
        self.answer().await;
        self.store.lookup(digest).await
    }

    async fn lookup_many(&self, digests: &[KeyDigest]) -> Result<Answers, StoreError> {
        self.store.lookup_many(digests).await
    }

    fn feed(&self) -> Option<Arc<dyn ChangeFeed>> {
        self.store.feed()
    }
}

#[async_trait]
impl KeyStore for Store {
    async fn claim(&self, dialect: &str) -> Result<(), StoreError> {
        self.answer().await;
        self.store.claim(dialect).await
    }

    async fn dialect(&self) -> Result<Option<String>, StoreError> {
        self.answer().await;
        self.store.dialect().await
    }

    async fn get(&self, id: &KeyId) -> Result<Option<KeyRecord>, StoreError> {
        self.answer().await;
        self.store.get(id).await
    }

    async fn list(&self, query: &ListQuery) -> Result<Vec<KeyRecord>, StoreError> {
        self.answer().await;
        self.store.list(query).await
    }

    async fn count(&self, query: &ListQuery) -> Result<u64, StoreError> {
        self.answer().await;
        self.store.count(query).await
    }

    async fn audit(&self, query: &AuditQuery) -> Result<Vec<AuditEntry>, StoreError> {
        self.answer().await;
        self.store.audit(query).await
    }

    async fn commit(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        self.answer().await;
        let Conduct::CommitsInSilence(digest) = self.conduct() else {
            return self.store.commit(writes).await;
        };
        let mut mutation = ChangeFeed::table(&self.store).mutation();
        mutation.touch(digest);
        // By another handle: it raises nothing in this process.
        self.store.other_process().commit(writes).await?;
        pending::<()>().await;
        mutation.rolled_back();
        Ok(())
    }
}

async fn setting() -> (Setting, Store, KeyManager) {
    let it = Setting::new().await;
    let conduct = Arc::new(Mutex::new(Conduct::Answers));
    let store = Store { store: it.store.clone(), conduct };
    let manager = KeyManager::builder(Dialect::bigspin(), store.clone())
        .with_clock(it.clock.clone())
        .with_timeout(TIMEOUT)
        .open()
        .await
        .unwrap();
    (it, store, manager)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_act_fails_in_time_when_the_store_is_silent() {
    let (it, store, manager) = setting().await;
    let id = it.create().await.record.id;
    store.set(Conduct::IsSilent);
    let begun = Instant::now();
    let open = KeyManager::builder(Dialect::bigspin(), store.clone()).with_timeout(TIMEOUT).open();
    let errors: [ManageError; 10] = [
        open.await.unwrap_err(),
        manager.get(&id).await.unwrap_err(),
        manager.list(&ListKeys::new()).await.unwrap_err(),
        manager.audit(&AuditQuery::new()).await.unwrap_err(),
        manager.create(NewKey::new("acme", "a key")).await.unwrap_err(),
        manager.update(&id, KeyUpdate::new().with_name("renamed")).await.unwrap_err(),
        manager.rotate(&id, Rotate::now()).await.unwrap_err(),
        manager.revoke(&id, Reach::Descendants).await.unwrap_err(),
        manager.reactivate(&id).await.unwrap_err(),
        manager.delete(&id).await.unwrap_err(),
    ];
    let took = begun.elapsed();
    assert!(took >= TIMEOUT * 10 && took < Duration::from_secs(10), "{took:?}");
    for error in errors {
        assert_eq!(error.kind(), ManageErrorKind::Unavailable, "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_whose_answer_does_not_come_is_looked_up_anew() {
    let (it, store, manager) = setting().await;
    let issued = it.create().await;
    let digest = KeyDigest::sha256(issued.key.expose().as_bytes());
    // An hour of staleness: no poll tells it.
    let verifier = verifier(Dialect::bigspin(), it.store.clone(), &it.clock);
    assert_eq!(refusal(&verifier, issued.key.expose()).await, None);

    store.set(Conduct::CommitsInSilence(digest));
    let error = manager.revoke(&issued.record.id, Reach::Key).await.unwrap_err();
    assert_eq!(error.kind(), ManageErrorKind::Unavailable);
    assert_eq!(
        error.to_string(),
        "the key store did not answer in time, and may have made the change or not: \
         look before you try again"
    );
    let refused = refusal(&verifier, issued.key.expose()).await;
    assert_eq!(refused, Some(RejectionKind::Revoked), "by the store, which was asked");
    let found = manager.get(&issued.record.id).await.unwrap();
    assert!(found.revoked_at.is_some(), "so does whoever looks");
}
