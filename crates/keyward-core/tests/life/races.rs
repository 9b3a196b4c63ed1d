//! What the key that acts has is looked at in the transaction that does the act.

use std::pin::Pin;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use keyward_core::audit::{AuditEntry, AuditQuery};
use keyward_core::dialect::Dialect;
use keyward_core::key::{Creator, KeyDigest, KeyId, KeyRecord, PlainKey};
use keyward_core::manage::{KeyManager, KeyUpdate, ListKeys, NewKey, Reach, Rotate};
use keyward_core::store::{
    Changes, KeyLookup, KeyStore, ListQuery, MemoryStore, Operation, Position, StoreError, Write,
};

use crate::setting::{POWERLESS, Setting, Wrong, denied, error_of, manager, only};

/// A store in which something happens just before a commit, after all that the act has read.
#[derive(Clone)]
struct Meddled {
    store: MemoryStore,
    before: Arc<Mutex<Option<Meddling>>>,
}

type Meddling = Pin<Box<dyn Future<Output = ()> + Send>>;

#[async_trait]
impl KeyLookup for Meddled {
    async fn lookup(&self, digest: &KeyDigest) -> Result<Option<KeyRecord>, StoreError> {
        self.store.lookup(digest).await
    }
}

#[async_trait]
impl KeyStore for Meddled {
    async fn claim(&self, dialect: &str) -> Result<(), StoreError> {
        self.store.claim(dialect).await
    }

    async fn dialect(&self) -> Result<Option<String>, StoreError> {
        self.store.dialect().await
    }

    async fn get(&self, id: &KeyId) -> Result<Option<KeyRecord>, StoreError> {
        self.store.get(id).await
    }

    async fn list(&self, query: &ListQuery) -> Result<Vec<KeyRecord>, StoreError> {
        self.store.list(query).await
    }

    async fn count(&self, query: &ListQuery) -> Result<u64, StoreError> {
        self.store.count(query).await
    }

    async fn audit(&self, query: &AuditQuery) -> Result<Vec<AuditEntry>, StoreError> {
        self.store.audit(query).await
    }

    async fn commit(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        let before = self.before.lock().unwrap().take();
        if let Some(before) = before {
            before.await;
        }
        self.store.commit(writes).await
    }
}

#[derive(Debug, Clone, Copy)]
enum Loss {
    Narrowed,
    Revoked,
    Deleted,
}

impl Loss {
    /// Takes from the acting key what it needs.
    async fn befall(self, manager: KeyManager, id: KeyId) {
        match self {
            Self::Narrowed => {
                let less = KeyUpdate::new().with_grant(only("projects-read"));
                manager.update(&id, less).await.map(drop)
            }
            Self::Revoked => manager.revoke(&id, Reach::Key).await.map(drop),
            Self::Deleted => manager.delete(&id).await,
        }
        .unwrap();
    }

    fn expected(self) -> Wrong {
        match self {
            Self::Narrowed => denied("scopes"),
            Self::Revoked | Self::Deleted => POWERLESS,
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Act {
    Create,
    Adopt,
    Widen,
    Rotate,
    Revoke,
    Reactivate,
    Delete,
}

impl Act {
    async fn attempt(self, manager: &KeyManager, target: &KeyId) -> Wrong {
        let child = || NewKey::new("acme", "a child").with_grant(only("projects-write"));
        let legacy = PlainKey::new("sk-prism-api03-0123456789abcdef".to_owned());
        let wider = KeyUpdate::new().with_grant(only("projects-read projects-write"));
        error_of(match self {
            Self::Create => manager.create(child()).await.map(drop),
            Self::Adopt => manager.adopt(&legacy, child()).await.map(drop),
            Self::Widen => manager.update(target, wider).await.map(drop),
            Self::Rotate => manager.rotate(target, Rotate::now()).await.map(drop),
            Self::Revoke => manager.revoke(target, Reach::Descendants).await.map(drop),
            Self::Reactivate => manager.reactivate(target).await.map(drop),
            Self::Delete => manager.delete(target).await,
        })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_that_is_lost_between_look_and_commit_is_not_used() {
    let acts = [
        Act::Create,
        Act::Adopt,
        Act::Widen,
        Act::Rotate,
        Act::Revoke,
        Act::Reactivate,
        Act::Delete,
    ];
    for loss in [Loss::Narrowed, Loss::Revoked, Loss::Deleted] {
        for act in acts {
            let it = Setting::new().await;
            let actor = it.create().await.record.id;
            let target = NewKey::new("acme", "target").with_grant(only("projects-write"));
            let mut target = it.manager.create(target).await.unwrap().record;
            if let Act::Reactivate = act {
                target = it.manager.revoke(&target.id, Reach::Key).await.unwrap();
            }
            let befalling: Meddling = Box::pin(loss.befall(it.manager.clone(), actor.clone()));
            let before = Arc::new(Mutex::new(Some(befalling)));
            let store = Meddled { store: it.store.clone(), before: Arc::clone(&before) };
            let meddled = manager(Dialect::bigspin(), store, &it.clock).await;

            let wrong = act.attempt(&meddled.acting_as(Creator::Key(actor)), &target.id).await;
            assert!(before.lock().unwrap().is_none(), "the loss came before the commit");
            assert_eq!(wrong, loss.expected(), "{act:?}, {loss:?}");
            assert_eq!(it.manager.get(&target.id).await.unwrap(), target, "{act:?}, {loss:?}");
            let made = ListKeys::new().with_created_by(Creator::Key(target.id.clone()));
            assert_eq!(it.manager.list(&made).await.unwrap().keys, []);
            let left = it.manager.list(&ListKeys::new()).await.unwrap().keys.len();
            assert_eq!(left, if let Loss::Deleted = loss { 1 } else { 2 }, "nothing was made");
        }
    }
}

/// The same without a hand in it: either the child is older than the loss, or there is none.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_child_that_has_more_is_older_than_its_makers_loss() {
    let it = Setting::new().await;
    for round in 0..200 {
        let parent = it.create().await.record;
        let start = head(&it.store).await;
        let making = tokio::spawn({
            let manager = it.by(&parent);
            let child = NewKey::new("acme", "child").with_grant(only("projects-write"));
            async move { manager.create(child).await }
        });
        let less = KeyUpdate::new().with_grant(only("projects-read"));
        it.manager.update(&parent.id, less).await.unwrap();
        let made = making.await.unwrap().map(|issued| issued.record.id);

        let feed = it.store.feed().unwrap();
        let Changes::Since { changes, .. } = feed.changes_since(Some(start)).await.unwrap() else {
            panic!("nothing was lost");
        };
        let changes: Vec<_> = changes.iter().map(|it| (&it.id, it.operation)).collect();
        let lost = (&parent.id, Operation::Updated);
        match &made {
            Ok(child) => assert_eq!(changes, [(child, Operation::Created), lost], "round {round}"),
            Err(_) => assert_eq!(changes, [lost], "round {round}"),
        }
        if made.is_err() {
            assert_eq!(error_of(made), denied("scopes"));
        }
    }
}

async fn head(store: &MemoryStore) -> Position {
    match store.feed().unwrap().changes_since(None).await.unwrap() {
        Changes::Lost { head } | Changes::Since { head, .. } => head,
    }
}
