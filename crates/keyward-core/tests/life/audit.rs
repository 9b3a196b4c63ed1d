//! Every act leaves an entry, and nothing else does.

use std::error::Error;
use std::future::pending;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use keyward_core::audit::{Act, AuditEntry, AuditQuery, AuditSink, Origin};
use keyward_core::dialect::Dialect;
use keyward_core::key::{Creator, KeyDigest, KeyId, PlainKey};
use keyward_core::manage::{KeyManager, KeyUpdate, NewKey, Reach, Rotate};
use keyward_core::store::MemoryStore;
use tokio::sync::Notify;

use crate::setting::{CONFLICT, NOT_FOUND, Setting, error_of, invalid, nobody, only, per_min};

/// The whole trail, the oldest entry first.
async fn trail(manager: &KeyManager) -> Vec<AuditEntry> {
    let mut entries = manager.audit(&AuditQuery::new().with_limit(1_000)).await.unwrap().entries;
    entries.reverse();
    entries
}

async fn acts(manager: &KeyManager) -> Vec<(KeyId, Act)> {
    trail(manager).await.into_iter().map(|entry| (entry.key, entry.act)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_act_of_a_life_has_one_entry_in_its_order() {
    let it = Setting::new().await;
    let first = it.create().await.record.id;
    it.manager.update(&first, KeyUpdate::new().with_name("renamed")).await.unwrap();
    it.manager.revoke(&first, Reach::Key).await.unwrap();
    it.manager.reactivate(&first).await.unwrap();
    let second = it.manager.rotate(&first, Rotate::now()).await.unwrap().new.id;
    it.manager.delete(&first).await.unwrap();
    let secret = PlainKey::new(format!("sk-prism-api03-{}", "a".repeat(48)));
    let third = it.manager.adopt(&secret, NewKey::new("acme", "legacy")).await.unwrap().id;

    assert_eq!(
        acts(&it.manager).await,
        [
            (first.clone(), Act::Created),
            (first.clone(), Act::Updated),
            (first.clone(), Act::Revoked),
            (first.clone(), Act::Reactivated),
            (first.clone(), Act::Rotated),
            (second.clone(), Act::Created),
            (first.clone(), Act::Deleted),
            (third, Act::Imported),
        ]
    );
    let entries = trail(&it.manager).await;
    assert_eq!(entries[4].counterpart.as_ref(), Some(&second));
    assert_eq!(entries[5].counterpart.as_ref(), Some(&first));
    let names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(&names[..3], ["a key", "renamed", "renamed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_names_what_it_changed_and_nothing_else() {
    let it = Setting::new().await;
    let id = it.create().await.record.id;
    let update = KeyUpdate::new().with_name("a key").with_grant(only("projects-read"));
    it.manager.update(&id, update.clone()).await.unwrap();
    it.manager.update(&id, update).await.unwrap();
    let update = KeyUpdate::new()
        .with_description(Some("text".to_owned()))
        .with_resources(crate::setting::resources(&["p1"]))
        .with_rate_limit_per_min(Some(per_min(5)))
        .with_expires_at(Some(it.now().plus(Duration::from_hours(1))));
    it.manager.update(&id, update).await.unwrap();
    let update = KeyUpdate::new().with_active(false).with_name("ended");
    it.manager.update(&id, update).await.unwrap();

    let entries = trail(&it.manager).await;
    let told: Vec<(Act, String)> =
        entries.iter().skip(1).map(|entry| (entry.act, entry.fields.join(" "))).collect();
    assert_eq!(
        told,
        [
            (Act::Updated, "scopes".to_owned()),
            (Act::Updated, "description resources rate_limit_per_min expires_at".to_owned()),
            (Act::Revoked, "name".to_owned()),
        ],
        "the second update changed nothing"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_or_changes_nothing_leaves_no_entry() {
    let it = Setting::new().await;
    let id = it.create().await.record.id;
    it.manager.revoke(&id, Reach::Key).await.unwrap();
    let before = trail(&it.manager).await;

    let unnamed = it.manager.update(&id, KeyUpdate::new().with_name("n")).await;
    assert_eq!(error_of(unnamed), invalid("name"));
    assert_eq!(error_of(it.manager.create(NewKey::new("acme", "n")).await), invalid("name"));
    assert_eq!(error_of(it.manager.rotate(&id, Rotate::now()).await), CONFLICT);
    assert_eq!(error_of(it.manager.delete(&nobody()).await), NOT_FOUND);
    it.manager.revoke(&id, Reach::Descendants).await.unwrap();
    it.manager.update(&id, KeyUpdate::new()).await.unwrap();
    assert_eq!(trail(&it.manager).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_says_who_when_and_from_where() {
    let it = Setting::new().await;
    let address = Some(IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9)));
    let origin = Origin { address, request_id: Some("req_1".to_owned()) };
    let ada = Creator::Person("ada".to_owned());
    let by_ada = it.manager.acting_as(ada.clone()).with_origin(origin.clone());
    let key = by_ada.create(NewKey::new("acme", "parent")).await.unwrap().record;
    it.clock.advance(Duration::from_secs(9));
    it.by(&key).create(NewKey::new("acme", "child")).await.unwrap();

    let entries = trail(&it.manager).await;
    assert_eq!((&entries[0].by, &entries[0].origin), (&Some(ada), &origin));
    assert_eq!(entries[0].at, key.created_at);
    assert_eq!(entries[1].by, Some(Creator::Key(key.id)));
    assert_eq!((&entries[1].origin, entries[1].at), (&Origin::default(), it.now()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_of_descendants_leaves_an_entry_for_each_key() {
    let it = Setting::new().await;
    let root = it.create().await.record;
    let mut family = vec![root.id.clone()];
    for _ in 0..20 {
        let child = it.by(&root).create(NewKey::new("acme", "a child")).await.unwrap().record;
        let grandchild = it.by(&child).create(NewKey::new("acme", "a child")).await.unwrap();
        family.extend([child.id, grandchild.record.id]);
    }
    it.manager.revoke(&root.id, Reach::Descendants).await.unwrap();
    let mut revoked: Vec<KeyId> =
        acts(&it.manager).await.into_iter().skip(41).map(|it| it.0).collect();
    revoked.sort_unstable();
    family.sort_unstable();
    assert_eq!(revoked, family);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_of_a_workspace_and_a_key_see_the_trail_of_their_workspace_alone() {
    let it = Setting::new().await;
    let own = it.create().await.record;
    let other = it.manager.create(NewKey::new("globex", "other")).await.unwrap().record;
    for manager in [it.manager.within("acme"), it.by(&own)] {
        assert_eq!(acts(&manager).await, [(own.id.clone(), Act::Created)]);
        for query in [
            AuditQuery::new().with_workspace("globex"),
            AuditQuery::new().with_key(other.id.clone()),
        ] {
            assert_eq!(manager.audit(&query).await.unwrap().entries, []);
        }
    }
    assert_eq!(trail(&it.manager).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_the_trail_end_and_say_where_to_go_on() {
    let it = Setting::new().await;
    for _ in 0..5 {
        it.create().await;
    }
    let mut query = AuditQuery::new().with_limit(2);
    let mut sizes = Vec::new();
    loop {
        let page = it.manager.audit(&query).await.unwrap();
        sizes.push(page.entries.len());
        let Some(next) = page.next else { break };
        query = query.with_after(next);
    }
    assert_eq!(sizes, [2, 2, 1]);
    let all = it.manager.audit(&AuditQuery::new().with_limit(5)).await.unwrap();
    assert_eq!((all.entries.len(), all.next), (5, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_and_no_digest_is_in_the_trail() {
    let it = Setting::new().await;
    let issued = it.create().await;
    let rotate = Rotate::now().with_retry_token("a token of the caller");
    let rotation = it.manager.rotate(&issued.record.id, rotate).await.unwrap();
    let told = format!("{:?}", trail(&it.manager).await).to_lowercase();
    for key in [&issued.key, rotation.key.as_ref().unwrap()] {
        let body = key.expose().strip_prefix("sk-bigspin-api03-").unwrap().to_lowercase();
        let digest = KeyDigest::sha256(key.expose().as_bytes());
        let hex = format!("{:02x?}", digest.as_bytes()).replace(['[', ']', ',', ' '], "");
        let list = format!("{:?}", digest.as_bytes());
        for secret in [&body, &body[4..20].to_owned(), &hex, &list] {
            assert!(!told.contains(secret.as_str()), "{secret} in {told}");
        }
    }
    assert!(!told.contains("a token of the caller"));
}

#[derive(Clone, Copy, Default)]
enum Conduct {
    #[default]
    Takes,
    Fails,
    Hangs,
    Panics,
}

/// What a sink was told, and how it behaves.
#[derive(Default)]
struct Sink {
    told: Mutex<Vec<(KeyId, Act)>>,
    conduct: Conduct,
    heard: Notify,
}

struct Ear(Arc<Sink>);

#[async_trait]
impl AuditSink for Ear {
    async fn tell(&self, entries: &[AuditEntry]) -> Result<(), Box<dyn Error + Send + Sync>> {
        // Whoever is dropped with its caller comes no further.
        tokio::task::yield_now().await;
        let told = entries.iter().map(|entry| (entry.key.clone(), entry.act));
        self.0.told.lock().unwrap().extend(told);
        self.0.heard.notify_one();
        match self.0.conduct {
            Conduct::Takes => Ok(()),
            Conduct::Fails => Err("elsewhere is down".into()),
            Conduct::Hangs => pending().await,
            Conduct::Panics => panic!("a mistake in the sink"),
        }
    }
}

async fn manager_with(sink: &Arc<Sink>) -> KeyManager {
    let builder = KeyManager::builder(Dialect::bigspin(), MemoryStore::new());
    builder.with_audit_sink(Ear(Arc::clone(sink))).open().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sink_is_told_what_the_trail_says_before_the_act_returns() {
    let sink = Arc::new(Sink::default());
    let manager = manager_with(&sink).await;
    let id = manager.create(NewKey::new("acme", "a key")).await.unwrap().record.id;
    manager.rotate(&id, Rotate::now()).await.unwrap();
    assert_eq!(error_of(manager.rotate(&id, Rotate::now()).await), CONFLICT);
    let told = sink.told.lock().unwrap().clone();
    assert_eq!((told.len(), told), (3, acts(&manager).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_act_fails_with_its_sink_or_waits_for_it_for_long() {
    for conduct in [Conduct::Fails, Conduct::Hangs, Conduct::Panics] {
        let sink = Arc::new(Sink { conduct, ..Sink::default() });
        let manager = manager_with(&sink).await;
        let begun = Instant::now();
        let id = manager.create(NewKey::new("acme", "a key")).await.unwrap().record.id;
        assert!(begun.elapsed() < Duration::from_secs(20));
        assert_eq!(acts(&manager).await, [(id, Act::Created)]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_hangs_up_does_not_keep_an_act_from_the_sink() {
    let sink = Arc::new(Sink::default());
    let manager = manager_with(&sink).await;
    let act = manager.create(NewKey::new("acme", "a key"));
    // It is begun, and nobody waits for its end.
    tokio::select! {
        biased;
        _ = act => {}
        () = std::future::ready(()) => {}
    }
    tokio::time::timeout(Duration::from_secs(20), sink.heard.notified()).await.unwrap();
    let told = sink.told.lock().unwrap().clone();
    assert_eq!(told, acts(&manager).await);
}
