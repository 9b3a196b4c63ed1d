//! Requests are counted once each, by their key, and a minute admits what it says.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use keyward_core::clock::{Clock, TestClock, Timestamp};
use keyward_core::dialect::Dialect;
use keyward_core::key::{KeyId, PlainKey};
use keyward_core::limit::Standing;
use keyward_core::manage::{KeyManager, KeyUpdate, NewKey, Reach, Rotate};
use keyward_core::store::MemoryStore;
use keyward_core::verify::{ApiKey, Rejection, RejectionKind, Verifier};

use crate::support::{Bearer, eventually};

struct Setting {
    clock: Arc<TestClock>,
    manager: KeyManager,
    verifier: Verifier,
}

async fn setting(dialect: Dialect) -> Setting {
    let store = MemoryStore::new();
    let clock = Arc::new(TestClock::at(Timestamp::from_millis(1_800_000_000_000)));
    let manager = KeyManager::builder(dialect.clone(), store.clone())
        .with_clock(clock.clone())
        .open()
        .await
        .unwrap();
    let verifier = Verifier::builder(dialect, store)
        .with_max_staleness(Duration::from_hours(1))
        .with_clock(clock.clone())
        .build()
        .unwrap();
    Setting { clock, manager, verifier }
}

impl Setting {
    async fn key(&self, requests: u32) -> (KeyId, PlainKey) {
        let new = NewKey::new("acme", "limited").with_rate_limit_per_min(limit(requests));
        let issued = self.manager.create(new).await.unwrap();
        (issued.record.id, issued.key)
    }

    async fn send(&self, key: &PlainKey) -> Result<ApiKey, Rejection> {
        self.verifier.verify(&Bearer::new(key.expose())).await
    }

    /// How many of so many requests are admitted.
    async fn admitted(&self, key: &PlainKey, requests: usize) -> usize {
        let mut admitted = 0;
        for _ in 0..requests {
            match self.send(key).await {
                Ok(_) => admitted += 1,
                Err(rejection) => assert_eq!(rejection.kind(), RejectionKind::RateLimited),
            }
        }
        admitted
    }
}

fn limit(requests: u32) -> NonZeroU32 {
    NonZeroU32::new(requests).unwrap()
}

fn standing(key: &ApiKey) -> Standing {
    key.tally().standing().unwrap()
}

#[tokio::test]
async fn a_minute_admits_exactly_the_limit_and_the_next_one_as_much() {
    let setting = setting(Dialect::onepin()).await;
    let (_, key) = setting.key(3).await;
    for minute in 0..3_u64 {
        assert_eq!(setting.admitted(&key, 10).await, 3);
        setting.clock.advance(Duration::from_millis(59_990));
        let refused = setting.send(&key).await.unwrap_err();
        assert_eq!((refused.kind(), refused.retry_after()), (RejectionKind::RateLimited, Some(1)));
        assert_eq!(refused.standing().unwrap().resets_at(), 1_800_000_060 + minute * 60);
        setting.clock.advance(Duration::from_millis(10));
    }
}

#[tokio::test]
async fn a_request_that_is_refused_for_its_key_is_not_counted() {
    let setting = setting(Dialect::onepin()).await;
    let (id, key) = setting.key(2).await;
    setting.manager.revoke(&id, Reach::Key).await.unwrap();
    for _ in 0..5 {
        assert_eq!(setting.send(&key).await.unwrap_err().kind(), RejectionKind::Revoked);
    }
    setting.manager.reactivate(&id).await.unwrap();
    assert_eq!(setting.admitted(&key, 5).await, 2);
}

#[tokio::test]
async fn a_request_that_is_refused_for_its_scope_is_counted_once() {
    let setting = setting(Dialect::onepin()).await;
    let (_, key) = setting.key(2).await;
    let verified = setting.send(&key).await.unwrap();
    for _ in 0..5 {
        assert!(verified.require("workflows:read").is_err());
        assert_eq!(standing(&verified).remaining(), 1);
    }
    assert_eq!(setting.admitted(&key, 5).await, 1);
}

#[tokio::test]
async fn what_was_counted_outlives_every_change_of_the_key_and_its_place_in_the_cache() {
    let setting = setting(Dialect::onepin()).await;
    let (id, key) = setting.key(4).await;
    assert_eq!(setting.admitted(&key, 2).await, 2);
    setting.manager.update(&id, KeyUpdate::new().with_name("renamed")).await.unwrap();
    assert_eq!(standing(&setting.send(&key).await.unwrap()).remaining(), 1);
    setting.manager.revoke(&id, Reach::Key).await.unwrap();
    setting.manager.reactivate(&id).await.unwrap();
    assert_eq!(setting.admitted(&key, 3).await, 1);
}

#[tokio::test]
async fn a_changed_limit_counts_from_the_next_request() {
    let setting = setting(Dialect::onepin()).await;
    let (id, key) = setting.key(2).await;
    assert_eq!(setting.admitted(&key, 3).await, 2);
    let change = async |to| {
        let update = KeyUpdate::new().with_rate_limit_per_min(to);
        setting.manager.update(&id, update).await.unwrap();
    };
    change(Some(limit(5))).await;
    assert_eq!(setting.admitted(&key, 5).await, 3);
    change(Some(limit(1))).await;
    assert_eq!(setting.admitted(&key, 1).await, 0);
    change(None).await;
    assert!(setting.send(&key).await.unwrap().tally().standing().is_none());
    assert_eq!(setting.admitted(&key, 100).await, 100);
}

#[tokio::test]
async fn a_rotated_key_starts_anew_and_the_old_one_goes_on() {
    let setting = setting(Dialect::onepin()).await;
    let (id, old) = setting.key(2).await;
    assert_eq!(setting.admitted(&old, 1).await, 1);
    let grace = Rotate::now().with_grace(Duration::from_hours(1));
    let new = setting.manager.rotate(&id, grace).await.unwrap().key.unwrap();
    assert_eq!(setting.admitted(&new, 5).await, 2);
    assert_eq!(setting.admitted(&old, 5).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn requests_at_once_share_a_minute_cold_and_warm() {
    let setting = Arc::new(setting(Dialect::onepin()).await);
    let (_, key) = setting.key(100).await;
    let key = Arc::new(key);
    for _ in 0..3 {
        let senders = (0..16).map(|_| {
            let (setting, key) = (Arc::clone(&setting), Arc::clone(&key));
            tokio::spawn(async move { setting.admitted(&key, 50).await })
        });
        let mut admitted = 0;
        for sender in senders.collect::<Vec<_>>() {
            admitted += sender.await.unwrap();
        }
        assert_eq!(admitted, 100);
        setting.clock.advance(Duration::from_mins(1));
    }
}

#[tokio::test]
async fn a_key_is_limited_by_its_dialect_unless_it_has_a_limit_of_its_own() {
    let dialect = Dialect::builder("acme").rate_limit_per_min(2).build().unwrap();
    let setting = setting(dialect).await;
    let plain = setting.manager.create(NewKey::new("acme", "plain")).await.unwrap().key;
    let (_, own) = setting.key(4).await;
    assert_eq!(setting.admitted(&plain, 10).await, 2);
    assert_eq!(setting.admitted(&own, 10).await, 4);
}

#[tokio::test]
async fn a_named_limit_is_counted_apart_and_only_where_it_is_asked_for() {
    let dialect = Dialect::builder("acme").named_limits([("uploads", 2), ("runs", 1)]);
    let setting = setting(dialect.build().unwrap()).await;
    let key = setting.manager.create(NewKey::new("acme", "plain")).await.unwrap().key;
    let limit_id = |name: &str| setting.verifier.dialect().limit_id(name).unwrap();
    let ask = async |name: &str| {
        let verified = setting.send(&key).await.unwrap();
        let verdict = setting.verifier.require_limit(&verified, limit_id(name)).await;
        (verdict.map_err(|rejection| rejection.kind()), verified.tally().standing())
    };
    assert!(setting.send(&key).await.unwrap().tally().standing().is_none());
    for remaining in [1, 0] {
        let (verdict, standing) = ask("uploads").await;
        assert_eq!((verdict, standing.unwrap().remaining()), (Ok(()), remaining));
    }
    let (verdict, standing) = ask("uploads").await;
    assert_eq!(verdict, Err(RejectionKind::RateLimited));
    assert_eq!(standing.unwrap().name(), Some(limit_id("uploads")));
    assert_eq!(ask("runs").await.0, Ok(()));
    assert_eq!(ask("runs").await.0, Err(RejectionKind::RateLimited));
    setting.clock.advance(Duration::from_mins(1));
    assert_eq!(ask("uploads").await.0, Ok(()));
}

#[tokio::test]
async fn a_request_is_counted_once_however_often_its_route_asks() {
    let dialect = Dialect::builder("acme").rate_limit_per_min(60).named_limits([("uploads", 2)]);
    let setting = setting(dialect.build().unwrap()).await;
    let uploads = setting.verifier.dialect().limit_id("uploads").unwrap();
    let key = setting.manager.create(NewKey::new("acme", "plain")).await.unwrap().key;
    let request = setting.send(&key).await.unwrap();
    for again in [request.clone(), request.clone(), request] {
        assert!(setting.verifier.require_limit(&again, uploads).await.is_ok());
        assert_eq!((standing(&again).limit().get(), standing(&again).remaining()), (2, 1));
    }
}

#[tokio::test]
async fn a_response_tells_of_the_limit_of_which_the_least_remains() {
    let dialect = Dialect::builder("acme").rate_limit_per_min(3).named_limits([("uploads", 3)]);
    let setting = setting(dialect.build().unwrap()).await;
    let uploads = setting.verifier.dialect().limit_id("uploads").unwrap();
    let key = setting.manager.create(NewKey::new("acme", "plain")).await.unwrap().key;
    let equal = setting.send(&key).await.unwrap();
    setting.verifier.require_limit(&equal, uploads).await.unwrap();
    assert_eq!(standing(&equal).name(), Some(uploads), "both have 2 left: the named one");
    setting.send(&key).await.unwrap();
    let last = setting.send(&key).await.unwrap();
    setting.verifier.require_limit(&last, uploads).await.unwrap();
    assert_eq!((standing(&last).name(), standing(&last).remaining()), (None, 0));
}

#[tokio::test]
async fn a_stepped_calendar_moves_no_window() {
    let setting = setting(Dialect::onepin()).await;
    let (_, key) = setting.key(1).await;
    assert_eq!(setting.admitted(&key, 2).await, 1);
    for to in [0, 1_900_000_000_000] {
        setting.clock.step_calendar(Timestamp::from_millis(to));
        assert_eq!(setting.admitted(&key, 1).await, 0);
    }
    let now = setting.clock.now().timestamp.as_millis().cast_unsigned() / 1000;
    let refused = setting.send(&key).await.unwrap_err();
    assert_eq!(refused.standing().unwrap().resets_at(), now + 60);
    setting.clock.advance(Duration::from_mins(1));
    assert_eq!(setting.admitted(&key, 2).await, 1);
}

#[tokio::test]
async fn nothing_is_counted_or_said_where_nothing_limits() {
    let setting = setting(Dialect::bigspin()).await;
    let key = setting.manager.create(NewKey::new("acme", "plain")).await.unwrap().key;
    eventually("the key is cached", async || setting.verifier.freshness().is_some()).await;
    assert_eq!(setting.admitted(&key, 10_000).await, 10_000);
    assert!(setting.send(&key).await.unwrap().tally().standing().is_none());
}
