//! Keys under several peppers, and under none.

use keyward_core::dialect::Dialect;
use keyward_core::key::{KeyDigest, Pepper, Peppers, StoredDigest};
use keyward_core::manage::{ImportKey, KeyManager, ManageErrorKind, NewKey, Reach};
use keyward_core::store::{KeyLookup, MemoryStore};
use keyward_core::verify::{RejectionKind, Verifier};
use sha2::{Digest, Sha512};

use crate::support::{create, refusal, secret, unknown, warm};

fn first() -> Pepper {
    Pepper::new(1, "the first pepper, 16 bytes or more")
}

fn second() -> Pepper {
    Pepper::new(2, "the second pepper, 16 bytes or more")
}

fn old() -> Peppers {
    Peppers::new([first()]).unwrap()
}

fn both() -> Peppers {
    Peppers::new([second(), first()]).unwrap()
}

fn newest() -> Peppers {
    Peppers::new([second()]).unwrap()
}

async fn manager(store: &MemoryStore, peppers: Peppers) -> KeyManager {
    let builder = KeyManager::builder(Dialect::bigspin(), store.clone()).with_peppers(peppers);
    builder.open().await.unwrap()
}

fn verifier(store: &MemoryStore, peppers: Peppers) -> Verifier {
    let builder = Verifier::builder(Dialect::bigspin(), store.clone()).with_peppers(peppers);
    builder.build().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_under_an_old_pepper_passes_and_new_ones_are_under_the_newest() {
    let store = MemoryStore::new();
    let (_, before) = create(&manager(&store, old()).await).await;
    let (_, after) = create(&manager(&store, both()).await).await;

    let digest = newest().digest(&secret(&after));
    assert_eq!(digest.pepper, Some(2));
    assert!(store.lookup(&digest.digest).await.unwrap().is_some());
    assert!(store.lookup(&old().digest(&secret(&after)).digest).await.unwrap().is_none());

    for (peppers, of_before, of_after) in [
        (both(), None, None),
        (old(), None, Some(RejectionKind::Unknown)),
        (newest(), Some(RejectionKind::Unknown), None),
        (Peppers::none(), Some(RejectionKind::Unknown), Some(RejectionKind::Unknown)),
    ] {
        let verifier = verifier(&store, peppers);
        for _ in 0..2 {
            assert_eq!(refusal(&verifier, &before).await, of_before);
            assert_eq!(refusal(&verifier, &after).await, of_after);
            warm(&verifier, &before).await;
            warm(&verifier, &after).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_without_a_pepper_passes_only_where_that_is_said() {
    let store = MemoryStore::new();
    let (_, plain) = create(&manager(&store, Peppers::none()).await).await;
    assert!(store.lookup(&KeyDigest::sha256(plain.as_bytes())).await.unwrap().is_some());
    let strict = verifier(&store, both());
    let lenient = verifier(&store, both().with_unpeppered());
    assert_eq!(refusal(&strict, &plain).await, Some(RejectionKind::Unknown));
    assert_eq!(refusal(&lenient, &plain).await, None);
    assert_eq!(refusal(&lenient, &unknown(1)).await, Some(RejectionKind::Unknown));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_a_key_under_an_old_pepper_counts_on_the_next_request() {
    let store = MemoryStore::new();
    let (record, key) = create(&manager(&store, old()).await).await;
    let manager = manager(&store, both()).await;
    let verifier = verifier(&store, both());
    warm(&verifier, &key).await;
    assert_eq!(refusal(&verifier, &key).await, None);
    manager.revoke(&record.id, Reach::Key).await.unwrap();
    assert_eq!(refusal(&verifier, &key).await, Some(RejectionKind::Revoked));
    manager.reactivate(&record.id).await.unwrap();
    assert_eq!(refusal(&verifier, &key).await, None);
    manager.delete(&record.id).await.unwrap();
    assert_eq!(refusal(&verifier, &key).await, Some(RejectionKind::Unknown));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_is_kept_once_whatever_the_pepper() {
    let store = MemoryStore::new();
    let key = unknown(1);
    let new = || NewKey::new("acme", "adopted");
    manager(&store, old()).await.adopt(&secret(&key), new()).await.unwrap();
    let again = manager(&store, both()).await.adopt(&secret(&key), new()).await.unwrap_err();
    assert_eq!(again.kind(), ManageErrorKind::Conflict);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_was_imported_by_its_sha512_passes_where_that_is_said_and_is_revoked_at_once() {
    let store = MemoryStore::new();
    let key = unknown(7);
    let digest = KeyDigest::of_sha512(&Sha512::digest(key.as_bytes()).into());
    let import = ImportKey::new(StoredDigest::new(digest, None), NewKey::new("acme", "imported"));
    let manager = manager(&store, Peppers::none()).await;
    manager.import(&[import]).await.unwrap();
    let strict = verifier(&store, both().with_unpeppered());
    // As many ways as there can be.
    let four = [4, 3, 2, 1].map(|version| Pepper::new(version, "sixteen bytes or more"));
    let all = Peppers::new(four).unwrap().with_unpeppered().with_sha512();
    let lenient = verifier(&store, all);
    let id = store.lookup(&digest).await.unwrap().unwrap().id;
    for _ in 0..2 {
        assert_eq!(refusal(&strict, &key).await, Some(RejectionKind::Unknown));
        assert_eq!(refusal(&lenient, &key).await, None);
        assert_eq!(refusal(&lenient, &unknown(8)).await, Some(RejectionKind::Unknown));
        warm(&lenient, &key).await;
        manager.revoke(&id, Reach::Key).await.unwrap();
        assert_eq!(refusal(&lenient, &key).await, Some(RejectionKind::Revoked));
        manager.reactivate(&id).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_ends_what_was_known_of_an_unknown_key() {
    let store = MemoryStore::new();
    let key = unknown(9);
    let verifier = verifier(&store, Peppers::none().with_sha512());
    warm(&verifier, &key).await;
    assert_eq!(refusal(&verifier, &key).await, Some(RejectionKind::Unknown));
    let digest = KeyDigest::of_sha512(&Sha512::digest(key.as_bytes()).into());
    let import = ImportKey::new(StoredDigest::new(digest, None), NewKey::new("acme", "imported"));
    manager(&store, Peppers::none()).await.import(&[import]).await.unwrap();
    assert_eq!(refusal(&verifier, &key).await, None);
}
