//! Each attempt through a `KeyManager` that acts as a key: what Scribe Sight's API has no words for.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use keyward::clock::{Clock, TestClock, Timestamp};
use keyward::dialect::Dialect;
use keyward::key::{Creator, Grant, KeyRecord, Resources};
use keyward::manage::{
    KeyManager, KeyUpdate, ListKeys, ManageError, ManageErrorKind, NewKey, Reach, Rotate,
};
use keyward::store::MemoryStore;

const HOUR: Duration = Duration::from_hours(1);

fn only(scopes: &str) -> Grant {
    Grant::Only(scopes.parse().unwrap())
}

fn projects(ids: &[&str]) -> Resources {
    Resources::Only(ids.iter().map(|id| (*id).to_owned()).collect())
}

fn per_min(limit: u32) -> NonZeroU32 {
    NonZeroU32::new(limit).unwrap()
}

/// A key that has some of everything, and others by what they have more.
struct Stage {
    manager: KeyManager,
    now: Timestamp,
    keys: HashMap<&'static str, KeyRecord>,
}

impl Stage {
    async fn start() -> Self {
        let clock = Arc::new(TestClock::at(Timestamp::from_millis(1_800_000_000_000)));
        let now = clock.now().timestamp;
        let manager = KeyManager::builder(Dialect::onepin(), MemoryStore::new());
        let manager = manager.with_clock(clock).open().await.unwrap();
        let mut stage = Self { manager, now, keys: HashMap::new() };
        let same = || stage.same();
        let (all, later) = (Resources::All, now.plus(HOUR * 2));
        let endless = NewKey::new("acme", "a key").with_grant(only("workflows:read"));
        let endless = endless.with_resources(projects(&["p1"]));
        for (label, new) in [
            ("actor", same()),
            ("equal", same()),
            ("smaller", same().with_grant(only("workflows:read")).with_resources(projects(&[]))),
            ("mightier", same().with_grant(only("workflows:read workflows:run voices:read"))),
            ("almighty", same().with_grant(Grant::All)),
            ("wider", same().with_resources(projects(&["p1", "p2", "p3"]))),
            ("boundless", same().with_resources(all)),
            ("longer", same().with_expires_at(later)),
            ("endless", endless.clone().with_rate_limit_per_min(per_min(1))),
            ("faster", same().with_rate_limit_per_min(per_min(61))),
            ("unlimited", endless.with_expires_at(now.plus(HOUR))),
            ("theirs", NewKey::new("globex", "a key").with_grant(only("workflows:read"))),
            ("ended", same().with_grant(Grant::All)),
        ] {
            let made = stage.manager.create(new).await.unwrap();
            stage.keys.insert(label, made.record);
        }
        let ended = stage.manager.revoke(&stage.keys["ended"].id, Reach::Key).await.unwrap();
        stage.keys.insert("ended", ended);
        stage
    }

    /// A key that has exactly what the key that acts has.
    fn same(&self) -> NewKey {
        NewKey::new("acme", "a key")
            .with_grant(only("workflows:read workflows:run"))
            .with_resources(projects(&["p1", "p2"]))
            .with_expires_at(self.now.plus(HOUR))
            .with_rate_limit_per_min(per_min(60))
    }

    async fn attempt(&self, act: Act) -> Result<(), ManageError> {
        let manager = self.manager.acting_as(Creator::Key(self.keys["actor"].id.clone()));
        let id = |label| &self.keys[label].id;
        match act {
            Act::Create(new) => manager.create(new).await.map(drop),
            Act::Adopt(new) => {
                let kind = manager.dialect().kind_id("live").unwrap();
                let secret = manager.dialect().issue(kind).unwrap();
                manager.adopt(&secret, new).await.map(drop)
            }
            Act::Update(label, update) => manager.update(id(label), update).await.map(drop),
            Act::Rotate(label) => {
                manager.rotate(id(label), Rotate::now().with_grace(HOUR)).await.map(drop)
            }
            Act::Revoke(label, reach) => manager.revoke(id(label), reach).await.map(drop),
            Act::Reactivate(label) => manager.reactivate(id(label)).await.map(drop),
            Act::Delete(label) => manager.delete(id(label)).await,
        }
    }

    async fn everything(&self) -> Vec<KeyRecord> {
        self.manager.list(&ListKeys::new().with_limit(1_000)).await.unwrap().keys
    }
}

enum Act {
    Create(NewKey),
    Adopt(NewKey),
    Update(&'static str, KeyUpdate),
    Rotate(&'static str),
    Revoke(&'static str, Reach),
    Reactivate(&'static str),
    Delete(&'static str),
}

/// What is wrong, and with which field.
type Wrong = (ManageErrorKind, Option<&'static str>);

const fn denied(field: &'static str) -> Wrong {
    (ManageErrorKind::Denied, Some(field))
}

const NOT_FOUND: Wrong = (ManageErrorKind::NotFound, None);

/// A key asks for a new one that has more.
fn wishes(stage: &Stage) -> Vec<(String, Act, Wrong)> {
    let same = || stage.same();
    let later = stage.now.plus(HOUR + Duration::from_millis(1));
    let invalid = |field| (ManageErrorKind::Invalid, Some(field));
    let in_globex = NewKey::new("globex", "a key").with_grant(only("workflows:read"));
    let wishes = [
        ("with every scope", same().with_grant(Grant::All), denied("scopes")),
        (
            "with one scope more",
            same().with_grant(only("workflows:run voices:read")),
            denied("scopes"),
        ),
        (
            "with a scope alone that it lacks",
            same().with_grant(only("voices:read")),
            denied("scopes"),
        ),
        ("with a scope that there is not", same().with_grant(only("admin")), invalid("scopes")),
        ("with a scope in capitals", same().with_grant(only("WORKFLOWS:RUN")), invalid("scopes")),
        ("for every project", same().with_resources(Resources::All), denied("resources")),
        ("for another project", same().with_resources(projects(&["p3"])), denied("resources")),
        (
            "for another project beside its own",
            same().with_resources(projects(&["p1", "p3"])),
            denied("resources"),
        ),
        ("in another workspace", in_globex, denied("workspace")),
        ("of a kind that there is not", same().with_kind("root"), invalid("kind")),
        ("that ends later", same().with_expires_at(later), denied("expires_at")),
        ("that has ended already", same().with_expires_at(stage.now), invalid("expires_at")),
        (
            "with a higher limit",
            same().with_rate_limit_per_min(per_min(61)),
            denied("rate_limit_per_min"),
        ),
    ];
    let mut attempts = Vec::new();
    for (what, new, wrong) in wishes {
        // The secret says which kind it is.
        if what != "of a kind that there is not" {
            attempts.push((format!("a key brings one {what}"), Act::Adopt(new.clone()), wrong));
        }
        attempts.push((format!("a key makes one {what}"), Act::Create(new), wrong));
    }
    attempts
}

/// A key gives more to one that is there.
fn gifts(stage: &Stage) -> Vec<(String, Act, Wrong)> {
    let later = stage.now.plus(HOUR + Duration::from_millis(1));
    let update = KeyUpdate::new;
    let mut attempts = Vec::new();
    for (label, whom) in [("actor", "itself"), ("equal", "its equal"), ("smaller", "a smaller one")]
    {
        for (what, update, wrong) in [
            ("every scope", update().with_grant(Grant::All), denied("scopes")),
            ("another scope", update().with_grant(only("voices:read")), denied("scopes")),
            ("every project", update().with_resources(Resources::All), denied("resources")),
            ("another project", update().with_resources(projects(&["p3"])), denied("resources")),
            ("no end", update().with_expires_at(None), denied("expires_at")),
            ("a later end", update().with_expires_at(Some(later)), denied("expires_at")),
            ("no limit", update().with_rate_limit_per_min(None), denied("rate_limit_per_min")),
            (
                "a higher limit",
                update().with_rate_limit_per_min(Some(per_min(61))),
                denied("rate_limit_per_min"),
            ),
        ] {
            attempts.push((
                format!("a key gives {whom} {what}"),
                Act::Update(label, update),
                wrong,
            ));
        }
    }
    attempts
}

/// A key touches one that has more.
fn touches() -> Vec<(String, Act, Wrong)> {
    let mut attempts = Vec::new();
    for (label, wrong) in [
        ("mightier", denied("scopes")),
        ("almighty", denied("scopes")),
        ("wider", denied("resources")),
        ("boundless", denied("resources")),
        ("longer", denied("expires_at")),
        ("endless", denied("expires_at")),
        ("faster", denied("rate_limit_per_min")),
        ("unlimited", denied("rate_limit_per_min")),
        ("theirs", NOT_FOUND),
    ] {
        let renamed = KeyUpdate::new().with_name("renamed");
        let narrowed = KeyUpdate::new()
            .with_grant(only("workflows:read"))
            .with_resources(projects(&[]))
            .with_name("mine");
        let mut add =
            |what, act| attempts.push((format!("a key {what} a {label} one"), act, wrong));
        add("renames", Act::Update(label, renamed));
        add("narrows", Act::Update(label, narrowed));
        add("rotates", Act::Rotate(label));
        add("revokes", Act::Revoke(label, Reach::Key));
        add("revokes, with its descendants,", Act::Revoke(label, Reach::Descendants));
        add("deletes", Act::Delete(label));
    }
    let wrong = denied("scopes");
    attempts.push((
        "a key lets in again one that has more".to_owned(),
        Act::Reactivate("ended"),
        wrong,
    ));
    let theirs = ("a key lets in one of theirs".to_owned(), Act::Reactivate("theirs"), NOT_FOUND);
    attempts.push(theirs);
    attempts
}

#[tokio::test]
async fn a_key_that_acts_gets_and_gives_no_more_than_it_has() {
    let stage = Stage::start().await;
    let before = stage.everything().await;
    let attempts = [wishes(&stage), gifts(&stage), touches()];
    for (sentence, act, wrong) in attempts.into_iter().flatten() {
        let Err(error) = stage.attempt(act).await else { panic!("{sentence}") };
        assert_eq!((error.kind(), error.field()), wrong, "{sentence}");
        assert_eq!(stage.everything().await, before, "{sentence}");
    }
}

#[tokio::test]
async fn what_a_key_leaves_out_is_what_it_has_itself() {
    let stage = Stage::start().await;
    let actor = &stage.keys["actor"];
    let manager = stage.manager.acting_as(Creator::Key(actor.id.clone()));
    let made = manager.create(NewKey::new("acme", "a key")).await.unwrap().record;
    assert_eq!(made.grant, only(""), "scopes are never left to chance");
    assert_eq!((&made.kind, &made.resources), (&actor.kind, &actor.resources));
    assert_eq!(made.expires_at, actor.expires_at);
    assert_eq!(made.rate_limit_per_min, actor.rate_limit_per_min);
    assert_eq!(made.created_by, Some(Creator::Key(actor.id.clone())));
}

#[tokio::test]
async fn a_key_makes_none_of_another_kind() {
    let manager = KeyManager::builder(Dialect::scribe_sight(), MemoryStore::new());
    let manager = manager.open().await.unwrap();
    let new = || NewKey::new("org_acme", "a key");
    let publishable = || new().with_kind("publishable");
    let secret = manager.create(new()).await.unwrap().record;
    let page = manager.create(publishable()).await.unwrap().record;
    for (maker, wish) in [(&secret, publishable()), (&page, new().with_kind("secret"))] {
        let by = manager.acting_as(Creator::Key(maker.id.clone()));
        let error = by.create(wish).await.unwrap_err();
        assert_eq!((error.kind(), error.field()), denied("kind"));
        let of_kind = if maker.kind == "secret" { &page } else { &secret };
        let error = by.rotate(&of_kind.id, Rotate::now()).await.unwrap_err();
        assert_eq!(error.kind(), ManageErrorKind::Denied);
    }
    let error = manager
        .acting_as(Creator::Key(page.id))
        .create(publishable().with_grant(only("upload-initiate")))
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.field()), (ManageErrorKind::Invalid, Some("scopes")));
}
