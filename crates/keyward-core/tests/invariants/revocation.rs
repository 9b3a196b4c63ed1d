//! A revoked key is refused on the next request, whatever is in flight.

use std::sync::Arc;

use keyward_core::dialect::Dialect;
use keyward_core::key::{KeyDigest, KeyId};
use keyward_core::manage::{KeyManager, Reach};
use keyward_core::store::{KeyLookup, MemoryStore};
use keyward_core::verify::{RejectionKind, Verifier};
use moka::sync::Cache;

use crate::support::stage::{Conduct, Stage, dawdle};
use crate::support::{create, manager, refusal, verifier, within};

/// Lets keys in, and revokes them.
trait Door: Send + Sync + 'static {
    fn admits(&self, key: &str) -> impl Future<Output = bool> + Send;
    fn revoke(&self, id: &KeyId) -> impl Future<Output = ()> + Send;
}

struct Keyward {
    verifier: Verifier,
    manager: KeyManager,
}

impl Door for Keyward {
    async fn admits(&self, key: &str) -> bool {
        match refusal(&self.verifier, key).await {
            None => true,
            Some(RejectionKind::Revoked) => false,
            Some(other) => panic!("a known key was refused as {other}"),
        }
    }

    async fn revoke(&self, id: &KeyId) {
        self.manager.revoke(id, Reach::Key).await.unwrap();
    }
}

/// What one writes first: a cache, and an invalidation after the revocation.
struct Naive {
    cache: Cache<KeyDigest, bool>,
    stage: Stage,
    manager: KeyManager,
}

impl Naive {
    async fn look(&self, digest: KeyDigest) -> bool {
        let answers = self.stage.lookup_many(&[digest]).await.unwrap();
        answers.records[0].as_ref().is_some_and(|record| record.revoked_at.is_none())
    }
}

impl Door for Naive {
    async fn admits(&self, key: &str) -> bool {
        let digest = KeyDigest::sha256(key.as_bytes());
        if let Some(good) = self.cache.get(&digest) {
            return good;
        }
        let good = self.look(digest).await;
        self.cache.insert(digest, good);
        good
    }

    async fn revoke(&self, id: &KeyId) {
        self.manager.revoke(id, Reach::Key).await.unwrap();
        // The test has one key at a time.
        self.cache.invalidate_all();
    }
}

async fn keyward() -> (Arc<Keyward>, Stage) {
    let stage = Stage::new(MemoryStore::new());
    let manager = manager(stage.clone()).await;
    (Arc::new(Keyward { verifier: verifier(stage.clone()), manager }), stage)
}

async fn naive() -> (Arc<Naive>, Stage) {
    let stage = Stage::new(MemoryStore::new());
    let manager = manager(stage.clone()).await;
    (Arc::new(Naive { cache: Cache::new(100), stage: stage.clone(), manager }), stage)
}

fn admits<D: Door>(door: &Arc<D>, key: &str) -> tokio::task::JoinHandle<bool> {
    let (door, key) = (Arc::clone(door), key.to_owned());
    tokio::spawn(async move { door.admits(&key).await })
}

/// A lookup has taken the old record from the store when the key is revoked, and brings it after.
/// Says how many requests after the revocation were let in.
async fn certain_race<D: Door>(door: &Arc<D>, stage: &Stage, id: &KeyId, key: &str) -> usize {
    let gate = stage.hold();
    let early = admits(door, key);
    gate.arrived(1).await;
    stage.let_through();
    door.revoke(id).await;

    // It must not wait for the lookup that began before the revocation.
    let joined = within("an answer beside the old lookup", admits(door, key)).await.unwrap();
    gate.open();
    // It may be let in: it began before.
    let _ = early.await.unwrap();
    let after = door.admits(key).await;
    usize::from(joined) + usize::from(after)
}

/// Lookups, a revocation, and requests after it, each whenever it likes.
async fn random_race<D: Door>(door: &Arc<D>, id: &KeyId, key: &str) -> usize {
    let early: Vec<_> = (0..2)
        .map(|_| {
            let (door, key) = (Arc::clone(door), key.to_owned());
            tokio::spawn(async move {
                dawdle().await;
                door.admits(&key).await
            })
        })
        .collect();
    dawdle().await;
    door.revoke(id).await;
    let mut late = vec![admits(door, key)];
    late.push(tokio::spawn({
        let (door, key) = (Arc::clone(door), key.to_owned());
        async move {
            dawdle().await;
            door.admits(&key).await
        }
    }));
    let mut stale = usize::from(door.admits(key).await);
    for request in late {
        stale += usize::from(request.await.unwrap());
    }
    for request in early {
        let _ = request.await.unwrap();
    }
    stale + usize::from(door.admits(key).await)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn revoked_key_is_refused_on_the_next_request() {
    const CERTAIN: usize = 200;
    const RANDOM: usize = 2_000;

    let (door, stage) = keyward().await;
    for round in 0..CERTAIN {
        let (record, key) = create(&door.manager).await;
        assert_eq!(certain_race(&door, &stage, &record.id, &key).await, 0, "round {round}");
    }
    stage.lookups(Conduct::Dawdles);
    for round in 0..RANDOM {
        let (record, key) = create(&door.manager).await;
        assert_eq!(random_race(&door, &record.id, &key).await, 0, "round {round}");
    }
}

/// The scenario can fail: without sequence numbers the old record stays.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_cache_that_is_only_invalidated_lets_revoked_keys_in() {
    let (door, stage) = naive().await;
    let (record, key) = create(&door.manager).await;
    assert_eq!(certain_race(&door, &stage, &record.id, &key).await, 1);

    stage.lookups(Conduct::Dawdles);
    let mut let_in = 0;
    for _ in 0..2_000 {
        let (record, key) = create(&door.manager).await;
        let_in += random_race(&door, &record.id, &key).await;
        if let_in > 0 {
            break;
        }
    }
    assert_ne!(let_in, 0, "the races are too tame to prove anything");
}

/// Clones of a store share what they know; so do two verifiers.
#[tokio::test(flavor = "multi_thread")]
async fn every_verifier_of_the_process_refuses_at_once() {
    let store = MemoryStore::new();
    let manager = manager(store.clone()).await;
    let verifiers = [verifier(store.clone()), verifier(store.clone())];
    for _ in 0..100 {
        let (record, key) = create(&manager).await;
        for verifier in &verifiers {
            crate::support::warm(verifier, &key).await;
            assert_eq!(refusal(verifier, &key).await, None);
        }
        manager.revoke(&record.id, Reach::Key).await.unwrap();
        for verifier in &verifiers {
            assert_eq!(refusal(verifier, &key).await, Some(RejectionKind::Revoked));
        }
    }
    assert_eq!(verifiers[0].dialect().name(), Dialect::bigspin().name());
}
