//! A request that names a workspace beside its key, where the dialect has a header for that.

use keyward_core::dialect::Dialect;
use keyward_core::manage::{KeyManager, NewKey, Reach};
use keyward_core::store::MemoryStore;
use keyward_core::verify::{Check, HeaderValues, RejectionKind, RequestHead, Verifier};

use crate::support::warm;

/// A key in `Authorization`, and what stands in `X-Workspace-Id`.
struct Naming<'a>(String, Vec<&'a [u8]>);

impl RequestHead for Naming<'_> {
    fn header(&self, name: &str) -> HeaderValues<'_> {
        match name {
            "authorization" => HeaderValues::One(self.0.as_bytes()),
            "x-workspace-id" => HeaderValues::of(self.1.iter().copied()),
            _ => HeaderValues::None,
        }
    }

    fn query(&self) -> Option<&str> {
        None
    }
}

/// Keys of a dialect, and one of the workspace `acme`.
async fn setting(dialect: Dialect) -> (KeyManager, Verifier, String) {
    let store = MemoryStore::new();
    let manager = KeyManager::builder(dialect.clone(), store.clone()).open().await.unwrap();
    let verifier = Verifier::builder(dialect, store).build().unwrap();
    let key = manager.create(NewKey::new("acme", "a key")).await.unwrap().key;
    let key = key.expose().to_owned();
    (manager, verifier, key)
}

const NAMED: [(&[&[u8]], Option<RejectionKind>); 10] = [
    (&[], None),
    (&[b"acme"], None),
    (&[b" acme\t"], None),
    (&[b"globex"], Some(RejectionKind::Resource)),
    (&[b"ACME"], Some(RejectionKind::Resource)),
    (&[b"acm"], Some(RejectionKind::Resource)),
    (&[b""], Some(RejectionKind::Resource)),
    (&[b"acme\xff"], Some(RejectionKind::Resource)),
    (&[b"acme", b"acme"], Some(RejectionKind::Resource)),
    (&[b"acme", b"globex"], Some(RejectionKind::Resource)),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_refused_where_another_workspace_is_named() {
    for (named, expected) in NAMED {
        let (_, verifier, key) = setting(Dialect::onepin()).await;
        let head = Naming(format!("Bearer {key}"), named.to_vec());
        let from_store = verifier.verify(&head).await.map_err(|rejection| rejection.kind());
        assert_eq!(from_store.err(), expected, "{named:?}");

        warm(&verifier, &key).await;
        let Check::Done(cached) = verifier.check(&head) else { panic!("the key is cached") };
        assert_eq!(cached.map_err(|rejection| rejection.kind()).err(), expected, "{named:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_key_is_a_bad_key_whatever_workspace_is_named() {
    let (manager, verifier, key) = setting(Dialect::onepin()).await;
    let id = verifier.verify(&Naming(format!("Bearer {key}"), vec![])).await.unwrap();
    manager.revoke(&keyward_core::key::KeyId::new(id.id()), Reach::Key).await.unwrap();
    for (key, expected) in [
        (&*key, RejectionKind::Revoked),
        ("pk_live_9f8e7d6c3b2a1d0e", RejectionKind::Unknown),
        ("pk_live_", RejectionKind::Malformed),
    ] {
        let head = Naming(format!("Bearer {key}"), vec![b"globex"]);
        assert_eq!(verifier.verify(&head).await.unwrap_err().kind(), expected, "{key}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_header_means_nothing_to_other_dialects() {
    let (_, verifier, key) = setting(Dialect::bigspin()).await;
    let head = Naming(format!("Bearer {key}"), vec![b"globex"]);
    assert_eq!(verifier.verify(&head).await.unwrap().workspace(), "acme");
}
