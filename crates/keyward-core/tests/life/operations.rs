//! Every operation with right and with wrong inputs.

use std::num::NonZeroU32;
use std::time::Duration;

use async_trait::async_trait;
use keyward_core::audit::{AuditEntry, AuditQuery};
use keyward_core::dialect::Dialect;
use keyward_core::key::{Creator, Grant, KeyDigest, KeyId, KeyRecord, PlainKey, Resources};
use keyward_core::manage::{
    KeyManager, KeyUpdate, ListKeys, ManageErrorKind, NewKey, Reach, Rotate,
};
use keyward_core::store::{KeyLookup, KeyStore, ListQuery, MemoryStore, StoreError, Write};
use keyward_core::verify::RejectionKind;

use crate::setting::{
    CONFLICT, NOT_FOUND, Setting, denied, error_of, invalid, nobody, only, refusal,
};

fn five() -> NonZeroU32 {
    NonZeroU32::new(5).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn create_keeps_what_was_asked_for() {
    let it = Setting::new().await;
    let end = it.now().plus(Duration::from_mins(1));
    let metadata = serde_json::Map::from_iter([("team".to_owned(), "red".into())]);
    let new = NewKey::new("acme", "production")
        .with_description("for uploads")
        .with_kind("secret")
        .with_grant(only("projects-write projects-read"))
        .with_resources(Resources::Only(vec!["p1".to_owned()]))
        .with_expires_at(end)
        .with_rate_limit_per_min(five())
        .with_metadata(metadata.clone());
    let ada = Creator::Person("ada".to_owned());
    let issued = it.manager.acting_as(ada.clone()).create(new).await.unwrap();
    let record = &issued.record;
    assert_eq!(record.workspace, "acme");
    assert_eq!(record.name, "production");
    assert_eq!(record.description.as_deref(), Some("for uploads"));
    assert_eq!(record.kind, "secret");
    assert_eq!(record.grant, only("projects-read projects-write"));
    assert_eq!(record.resources, Resources::Only(vec!["p1".to_owned()]));
    assert_eq!(record.rate_limit_per_min, Some(five()));
    assert_eq!(record.created_by, Some(ada));
    assert_eq!((record.created_at, record.updated_at), (it.now(), it.now()));
    assert_eq!(
        (record.expires_at, record.revoked_at, record.last_used_at),
        (Some(end), None, None)
    );
    assert_eq!((record.version, &record.metadata), (1, &Some(metadata)));
    assert!(!record.mask.contains(&issued.key.expose()[12..50]), "the mask hides the secret");
    assert_eq!(it.manager.get(&record.id).await.unwrap(), *record);
    assert_eq!(it.refusal(&issued).await, None);

    let plain = it.create().await;
    assert_eq!(plain.record.grant, Grant::All, "what Bigspin grants when nothing is said");
    assert_ne!(plain.record.id, record.id);
    assert_ne!(plain.key.expose(), issued.key.expose());
}

#[tokio::test(flavor = "multi_thread")]
async fn create_refuses_what_breaks_a_rule() {
    let it = Setting::new().await;
    let new = || NewKey::new("acme", "a key");
    for (new, field) in [
        (NewKey::new("", "a key"), "workspace"),
        (NewKey::new("acme", ""), "name"),
        (NewKey::new("acme", "ab"), "name"),
        (NewKey::new("acme", "x".repeat(256)), "name"),
        (new().with_description("x".repeat(1_001)), "description"),
        (new().with_kind("publishable"), "kind"),
        (new().with_kind(""), "kind"),
        (new().with_grant(only("projects-delete")), "scopes"),
        (new().with_expires_at(it.now()), "expires_at"),
    ] {
        assert_eq!(error_of(it.manager.create(new).await), invalid(field));
    }
    assert_eq!(it.manager.list(&ListKeys::new()).await.unwrap().keys.len(), 0);
    // Counted in characters, not in bytes.
    it.manager.create(NewKey::new("acme", "é".repeat(255))).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn adopt_keeps_a_key_that_exists_already() {
    let it = Setting::new().await;
    let legacy = PlainKey::new("sk-prism-api03-0123456789abcdef".to_owned());
    let new = || NewKey::new("acme", "legacy");
    let record = it.manager.adopt(&legacy, new()).await.unwrap();
    assert_eq!(record.kind, "secret");
    assert_eq!(refusal(&it.verifier, legacy.expose()).await, None);
    assert_eq!(error_of(it.manager.adopt(&legacy, new()).await), CONFLICT);
    for junk in ["", "sk-prism-api03-short", "sk_live_0123456789abcdef"] {
        let adopted = it.manager.adopt(&PlainKey::new(junk.to_owned()), new()).await;
        assert_eq!(error_of(adopted), invalid("key"));
    }
    let other = PlainKey::new("sk-prism-api03-fedcba9876543210".to_owned());
    let nameless = it.manager.adopt(&other, NewKey::new("acme", "")).await;
    assert_eq!(error_of(nameless), invalid("name"));
}

#[tokio::test(flavor = "multi_thread")]
async fn update_changes_what_is_named_and_leaves_the_rest() {
    let it = Setting::new().await;
    let issued = it.create().await;
    let id = &issued.record.id;
    it.clock.advance(Duration::from_secs(1));
    let end = it.now().plus(Duration::from_mins(1));

    let named = it.manager.update(id, KeyUpdate::new().with_name("renamed")).await.unwrap();
    assert_eq!((&*named.name, named.version, named.updated_at), ("renamed", 2, it.now()));
    assert_eq!(named.grant, issued.record.grant);
    let all = KeyUpdate::new()
        .with_description(Some("more".to_owned()))
        .with_grant(only("projects-read"))
        .with_resources(Resources::Only(vec![]))
        .with_expires_at(Some(end))
        .with_rate_limit_per_min(Some(five()));
    let changed = it.manager.update(id, all).await.unwrap();
    assert_eq!(changed.name, "renamed");
    assert_eq!(changed.description.as_deref(), Some("more"));
    assert_eq!(changed.grant, only("projects-read"));
    assert_eq!(changed.resources, Resources::Only(vec![]));
    assert_eq!((changed.expires_at, changed.rate_limit_per_min), (Some(end), Some(five())));
    let cleared =
        KeyUpdate::new().with_description(None).with_expires_at(None).with_rate_limit_per_min(None);
    let cleared = it.manager.update(id, cleared).await.unwrap();
    assert_eq!((cleared.description, cleared.expires_at), (None, None));
    assert_eq!(cleared.rate_limit_per_min, None);

    let nothing = it.manager.update(id, KeyUpdate::new()).await.unwrap();
    assert_eq!(nothing.version, 4, "a change that changes nothing writes nothing");

    for (update, field) in [
        (KeyUpdate::new().with_name("x"), "name"),
        (KeyUpdate::new().with_description(Some("x".repeat(1_001))), "description"),
        (KeyUpdate::new().with_grant(only("projects-delete")), "scopes"),
        (KeyUpdate::new().with_expires_at(Some(it.now())), "expires_at"),
    ] {
        assert_eq!(error_of(it.manager.update(id, update).await), invalid(field));
    }
    assert_eq!(error_of(it.manager.update(&nobody(), KeyUpdate::new()).await), NOT_FOUND);
    assert_eq!(it.manager.get(id).await.unwrap().version, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn revoke_is_idempotent_and_reactivate_ends_it() {
    let it = Setting::new().await;
    let issued = it.create().await;
    let id = &issued.record.id;
    let revoked = it.manager.revoke(id, Reach::Key).await.unwrap();
    assert_eq!((revoked.revoked_at, revoked.version), (Some(it.now()), 2));
    assert_eq!(it.refusal(&issued).await, Some(RejectionKind::Revoked));
    it.clock.advance(Duration::from_secs(1));
    assert_eq!(it.manager.revoke(id, Reach::Key).await.unwrap(), revoked);

    let active = it.manager.reactivate(id).await.unwrap();
    assert_eq!((active.revoked_at, active.version), (None, 3));
    assert_eq!(it.refusal(&issued).await, None);
    assert_eq!(it.manager.reactivate(id).await.unwrap(), active);

    assert_eq!(error_of(it.manager.revoke(&nobody(), Reach::Key).await), NOT_FOUND);
    assert_eq!(error_of(it.manager.revoke(&nobody(), Reach::Descendants).await), NOT_FOUND);
    assert_eq!(error_of(it.manager.reactivate(&nobody()).await), NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_final_revocation_stays() {
    let it = Setting::of(Dialect::standard()).await;
    let issued = it.create().await;
    let id = &issued.record.id;
    it.manager.reactivate(id).await.unwrap();
    it.manager.revoke(id, Reach::Key).await.unwrap();
    assert_eq!(error_of(it.manager.reactivate(id).await), CONFLICT);
    assert_eq!(it.refusal(&issued).await, Some(RejectionKind::Revoked));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_key_is_gone_for_good() {
    let it = Setting::new().await;
    let issued = it.create().await;
    let id = &issued.record.id;
    it.manager.delete(id).await.unwrap();
    assert_eq!(it.refusal(&issued).await, Some(RejectionKind::Unknown));
    assert_eq!(error_of(it.manager.delete(id).await), NOT_FOUND);
    assert_eq!(error_of(it.manager.get(id).await), NOT_FOUND);
    assert_eq!(error_of(it.manager.rotate(id, Rotate::now()).await), NOT_FOUND);
    assert_eq!(error_of(it.manager.revoke(id, Reach::Key).await), NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_of_another_dialect_is_not_opened() {
    let it = Setting::new().await;
    let opened = KeyManager::builder(Dialect::standard(), it.store.clone()).open().await;
    assert_eq!(error_of(opened), CONFLICT);
}

/// A store that does a commit's work and then cannot say so, or does not do it at all.
struct Failing(MemoryStore);

#[async_trait]
impl KeyLookup for Failing {
    async fn lookup(&self, digest: &KeyDigest) -> Result<Option<KeyRecord>, StoreError> {
        self.0.lookup(digest).await
    }
}

#[async_trait]
impl KeyStore for Failing {
    async fn claim(&self, dialect: &str) -> Result<(), StoreError> {
        self.0.claim(dialect).await
    }

    async fn dialect(&self) -> Result<Option<String>, StoreError> {
        self.0.dialect().await
    }

    async fn get(&self, id: &KeyId) -> Result<Option<KeyRecord>, StoreError> {
        self.0.get(id).await
    }

    async fn list(&self, query: &ListQuery) -> Result<Vec<KeyRecord>, StoreError> {
        self.0.list(query).await
    }

    async fn count(&self, query: &ListQuery) -> Result<u64, StoreError> {
        self.0.count(query).await
    }

    async fn audit(&self, query: &AuditQuery) -> Result<Vec<AuditEntry>, StoreError> {
        self.0.audit(query).await
    }

    async fn commit(&self, mut writes: Vec<Write>) -> Result<(), StoreError> {
        // The last write of a transaction finds a conflict, again and again.
        writes.push(Write::Require { id: KeyId::new("nobody"), expected: 1 });
        self.0.commit(writes).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_half_way_leaves_nothing() {
    let it = Setting::new().await;
    let issued = it.create().await;
    let id = &issued.record.id;
    let failing = Failing(it.store.clone());
    let manager = KeyManager::builder(Dialect::bigspin(), failing).open().await.unwrap();
    assert_eq!(error_of(manager.create(NewKey::new("acme", "a key")).await), CONFLICT);
    let by_key = manager.acting_as(Creator::Key(id.clone()));
    assert_eq!(error_of(by_key.create(NewKey::new("acme", "a child")).await), CONFLICT);
    assert_eq!(error_of(manager.rotate(id, Rotate::now()).await), CONFLICT);
    assert_eq!(error_of(manager.revoke(id, Reach::Key).await), CONFLICT);
    assert_eq!(error_of(manager.delete(id).await), CONFLICT);

    let keys = it.manager.list(&ListKeys::new()).await.unwrap().keys;
    assert_eq!(keys, std::slice::from_ref(&issued.record));
    assert_eq!(it.refusal(&issued).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_name_what_they_are_about() {
    let it = Setting::new().await;
    let missing = it.manager.get(&KeyId::new("no\nbody")).await.unwrap_err();
    assert_eq!(missing.kind(), ManageErrorKind::NotFound);
    assert_eq!(
        missing.to_string(),
        "there is no key `no\\nbody` here",
        "nothing breaks a log line"
    );
    let elsewhere = it.manager.within("globex").create(NewKey::new("acme", "a key")).await;
    assert_eq!(error_of(elsewhere), denied("workspace"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_that_also_ends_a_key_does_all_of_it_or_nothing() {
    let it = Setting::new().await;
    let issued = it.create().await;
    let id = &issued.record.id;
    let ended = KeyUpdate::new().with_active(false);
    let wrong = it.manager.update(id, ended.clone().with_name("n")).await;
    assert_eq!(error_of(wrong), invalid("name"));
    assert_eq!(it.manager.get(id).await.unwrap(), issued.record);

    let record = it.manager.update(id, ended.with_name("ended")).await.unwrap();
    assert!(record.name == "ended" && record.is_revoked(it.now()));
    assert_eq!(record.version, 2, "one act");
    assert_eq!(it.refusal(&issued).await, Some(RejectionKind::Revoked));

    let again = KeyUpdate::new().with_active(true).with_name("again");
    let record = it.manager.update(id, again).await.unwrap();
    assert!(record.name == "again" && record.version == 3);
    assert_eq!(it.refusal(&issued).await, None);
}
