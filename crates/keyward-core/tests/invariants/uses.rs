//! Use is recorded without a write per request, counted exactly, and lost only with the process.

use std::num::NonZeroU32;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use keyward_core::clock::{Clock, TestClock, Timestamp};
use keyward_core::dialect::Dialect;
use keyward_core::key::{Grant, KeyDigest, KeyId, KeyRecord};
use keyward_core::manage::{Issued, KeyManager, KeyUpdate, NewKey, Reach};
use keyward_core::store::{
    Answers, ChangeFeed, Flush, KeyLookup, MemoryStore, StoreError, UseStore,
};
use keyward_core::usage::{Counts, UsePoint};
use keyward_core::verify::{
    ApiKey, HeaderValues, Rejection, RejectionKind, RequestHead, Verifier, VerifierBuilder,
};

use crate::support::{Bearer, within};

const HOUR: Duration = Duration::from_hours(1);
/// Half past an hour.
const BEGIN: Timestamp = Timestamp::from_millis(1_800_001_800_000);

/// A store whose flushes a test counts and lets fail.
#[derive(Clone)]
struct Ledger(Arc<Inner>);

struct Inner {
    store: MemoryStore,
    conduct: Mutex<Conduct>,
    flushes: AtomicUsize,
    rows: AtomicUsize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Conduct {
    Takes,
    /// It writes nothing, and says so.
    Fails,
    /// It writes, and its answer is lost.
    Forgets,
    Hangs,
}

impl Ledger {
    fn new() -> Self {
        Self(Arc::new(Inner {
            store: MemoryStore::new(),
            conduct: Mutex::new(Conduct::Takes),
            flushes: AtomicUsize::new(0),
            rows: AtomicUsize::new(0),
        }))
    }

    fn conduct(&self, conduct: Conduct) {
        *self.0.conduct.lock().unwrap() = conduct;
    }

    fn flushes(&self) -> usize {
        self.0.flushes.load(Ordering::SeqCst)
    }

    fn rows(&self) -> usize {
        self.0.rows.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl KeyLookup for Ledger {
    async fn lookup(&self, digest: &KeyDigest) -> Result<Option<KeyRecord>, StoreError> {
        self.0.store.lookup(digest).await
    }

    async fn lookup_many(&self, digests: &[KeyDigest]) -> Result<Answers, StoreError> {
        self.0.store.lookup_many(digests).await
    }

    fn feed(&self) -> Option<Arc<dyn ChangeFeed>> {
        self.0.store.feed()
    }

    fn uses(&self) -> Option<&dyn UseStore> {
        Some(self)
    }
}

#[async_trait]
impl UseStore for Ledger {
    async fn record(&self, flush: &Flush) -> Result<(), StoreError> {
        self.0.flushes.fetch_add(1, Ordering::SeqCst);
        self.0.rows.fetch_add(flush.uses.len(), Ordering::SeqCst);
        let conduct = *self.0.conduct.lock().unwrap();
        match conduct {
            Conduct::Takes => self.0.store.record(flush).await,
            Conduct::Fails => Err(StoreError::unavailable("down")),
            Conduct::Forgets => {
                self.0.store.record(flush).await?;
                Err(StoreError::unavailable("the answer is lost"))
            }
            Conduct::Hangs => std::future::pending().await,
        }
    }

    async fn usage(
        &self,
        id: &KeyId,
        hours: Range<Timestamp>,
    ) -> Result<Vec<UsePoint>, StoreError> {
        self.0.store.usage(id, hours).await
    }

    async fn prune(&self, before: Timestamp) -> Result<bool, StoreError> {
        self.0.store.prune(before).await
    }
}

struct Setting {
    clock: Arc<TestClock>,
    ledger: Ledger,
    manager: KeyManager,
    verifier: Verifier,
}

async fn setting(
    dialect: Dialect,
    change: impl FnOnce(VerifierBuilder) -> VerifierBuilder,
) -> Setting {
    let ledger = Ledger::new();
    let clock = Arc::new(TestClock::at(BEGIN));
    let manager = KeyManager::builder(dialect.clone(), ledger.0.store.clone());
    let manager = manager.with_clock(clock.clone()).open().await.unwrap();
    let builder = Verifier::builder(dialect, ledger.clone())
        .with_max_staleness(HOUR)
        .with_use_interval(Duration::from_mins(10))
        .with_clock(clock.clone());
    let verifier = change(builder).build().unwrap();
    Setting { clock, ledger, manager, verifier }
}

impl Setting {
    async fn key(&self) -> Issued {
        self.manager.create(NewKey::new("acme", "a key")).await.unwrap()
    }

    async fn send(&self, issued: &Issued) -> Result<ApiKey, Rejection> {
        self.verifier.verify(&Bearer::new(issued.key.expose())).await
    }

    /// What the store has.
    async fn points(&self, issued: &Issued) -> Vec<UsePoint> {
        let all = Timestamp::from_millis(0)..Timestamp::from_millis(i64::MAX);
        self.manager.usage(&issued.record.id, all).await.unwrap()
    }

    async fn counts(&self, issued: &Issued) -> Counts {
        let mut sum = Counts::default();
        self.points(issued).await.into_iter().for_each(|point| sum += point.counts);
        sum
    }

    async fn last_use(&self, issued: &Issued) -> Option<Timestamp> {
        self.manager.get(&issued.record.id).await.unwrap().last_used_at
    }
}

fn requests(requests: u64) -> Counts {
    Counts { requests, ..Counts::default() }
}

#[tokio::test]
async fn use_is_recorded_without_a_write_per_request() {
    let setting = setting(Dialect::bigspin(), |it| it).await;
    let keys = [setting.key().await, setting.key().await, setting.key().await];
    for round in 1..=1_000 {
        setting.clock.advance(Duration::from_millis(1));
        for issued in &keys[..2] {
            setting.send(issued).await.unwrap();
        }
        assert_eq!(setting.ledger.flushes(), 0, "request {round}");
    }
    setting.verifier.shutdown().await;
    assert_eq!((setting.ledger.flushes(), setting.ledger.rows()), (1, 2));
    for issued in &keys[..2] {
        assert_eq!(setting.counts(issued).await, requests(1_000));
        let last = BEGIN.plus(Duration::from_secs(1));
        assert_eq!(setting.last_use(issued).await, Some(last));
    }
    assert_eq!(setting.counts(&keys[2]).await, requests(0));
    assert_eq!(setting.last_use(&keys[2]).await, None);
}

#[tokio::test(start_paused = true)]
async fn what_is_used_is_written_once_an_interval_and_nothing_while_nobody_comes() {
    let setting = setting(Dialect::bigspin(), |it| it).await;
    let issued = setting.key().await;
    for flushes in 1..=3 {
        setting.send(&issued).await.unwrap();
        tokio::time::sleep(Duration::from_mins(10)).await;
        assert_eq!(setting.ledger.flushes(), flushes);
        assert_eq!(setting.counts(&issued).await, requests(flushes as u64));
        tokio::time::sleep(Duration::from_hours(24)).await;
        assert_eq!(setting.ledger.flushes(), flushes);
    }
}

/// A layer inside another one.
struct Nested<'a>(Bearer, &'a ApiKey);

impl RequestHead for Nested<'_> {
    fn header(&self, name: &str) -> HeaderValues<'_> {
        self.0.header(name)
    }

    fn query(&self) -> Option<&str> {
        None
    }

    fn counted(&self) -> Option<&ApiKey> {
        Some(self.1)
    }
}

#[tokio::test]
async fn a_request_has_one_outcome() {
    let dialect = Dialect::builder("acme")
        .scopes([("read", ""), ("write", "")])
        .named_limits([("uploads", 1)]);
    let setting = setting(dialect.build().unwrap(), |it| it).await;
    let uploads = setting.verifier.dialect().limit_id("uploads").unwrap();
    let new = NewKey::new("acme", "a key").with_grant(Grant::Only("read".parse().unwrap()));
    let end = BEGIN.plus(HOUR);
    let issued = setting.manager.create(new.with_expires_at(end)).await.unwrap();

    // Let pass by two layers, one in the other.
    let outer = setting.send(&issued).await.unwrap();
    let inner = Nested(Bearer::new(issued.key.expose()), &outer);
    let inner = setting.verifier.verify(&inner).await.unwrap();
    assert!(inner.require("read").is_ok());
    // Asked, but not refused: what a handler makes of it is its own matter.
    assert!(inner.require("write").is_err());
    let mut expected = requests(1);

    // Refused by its route, for a scope and for a resource.
    for kind in [RejectionKind::Scope, RejectionKind::Resource] {
        setting.send(&issued).await.unwrap().refuse(kind).answers("request 7");
        expected += Counts { requests: 1, scope_refused: 1, ..Counts::default() };
    }
    // One too many of a named limit.
    for verdict in [true, false] {
        let verified = setting.send(&issued).await.unwrap();
        let asked = setting.verifier.require_limit(&verified, uploads).await;
        assert_eq!(asked.is_ok(), verdict);
        if let Err(rejection) = asked {
            rejection.answers("request 8");
        }
    }
    expected += Counts { requests: 2, limited: 1, ..Counts::default() };
    // Refused by the application, for reasons of its own.
    setting.send(&issued).await.unwrap().refuse(RejectionKind::Ambiguous).answers("request 9");
    expected += requests(1);
    let last = setting.clock.now().timestamp;

    setting.clock.advance(HOUR);
    let expired = setting.send(&issued).await.unwrap_err();
    expired.answers("request 10");
    assert_eq!(expired.kind(), RejectionKind::Expired);
    expected += Counts { requests: 1, expired: 1, ..Counts::default() };
    setting.manager.revoke(&issued.record.id, Reach::Key).await.unwrap();
    let revoked = setting.send(&issued).await.unwrap_err();
    revoked.answers("request 11");
    assert_eq!(revoked.kind(), RejectionKind::Revoked);
    expected += Counts { requests: 1, revoked: 1, ..Counts::default() };
    // The layer outside let it in.
    let inner = Nested(Bearer::new(issued.key.expose()), &outer);
    assert!(setting.verifier.verify(&inner).await.is_err());
    expected.revoked += 1;

    setting.verifier.shutdown().await;
    assert_eq!(setting.counts(&issued).await, expected);
    assert_eq!(expected.ok(), 2);
    assert_eq!(setting.last_use(&issued).await, Some(last), "a refused key is not used");
}

#[tokio::test]
async fn a_request_over_the_limit_of_its_key_is_limited() {
    let setting = setting(Dialect::onepin(), |it| it).await;
    let new = NewKey::new("acme", "a key").with_rate_limit_per_min(NonZeroU32::MIN);
    let issued = setting.manager.create(new).await.unwrap();
    assert!(setting.send(&issued).await.is_ok());
    setting.clock.advance(Duration::from_secs(1));
    let limited = setting.send(&issued).await.unwrap_err();
    limited.answers("request 7");
    setting.verifier.shutdown().await;
    let expected = Counts { requests: 2, limited: 1, ..Counts::default() };
    assert_eq!(setting.counts(&issued).await, expected);
    assert_eq!(setting.last_use(&issued).await, Some(BEGIN));
}

#[tokio::test]
async fn a_key_that_was_revoked_in_flight_is_no_ok() {
    let setting = setting(Dialect::systemprompt(), |it| it).await;
    let new = NewKey::new("acme", "a key").with_grant(Grant::All);
    let issued = setting.manager.create(new).await.unwrap();
    let verified = setting.send(&issued).await.unwrap();
    let cut_off = setting.send(&issued).await.unwrap();
    setting.manager.revoke(&issued.record.id, Reach::Key).await.unwrap();
    setting.verifier.recheck(&verified).await.unwrap_err().answers("request 7");
    setting.verifier.recheck(&cut_off).await.unwrap_err().cuts_off();
    setting.verifier.shutdown().await;
    let expected = Counts { requests: 2, revoked: 2, ..Counts::default() };
    assert_eq!(setting.counts(&issued).await, expected);
}

#[tokio::test]
async fn what_was_counted_outlives_a_change_of_the_key_and_its_place_in_the_cache() {
    const KEYS: usize = 3_000;
    let setting = setting(Dialect::bigspin(), |it| it.with_cached_keys(10)).await;
    let mut keys = Vec::with_capacity(KEYS);
    for _ in 0..KEYS {
        keys.push(setting.key().await);
    }
    for issued in keys.iter().chain(&keys) {
        setting.send(issued).await.unwrap();
    }
    let update = KeyUpdate::new().with_name("renamed");
    setting.manager.update(&keys[0].record.id, update).await.unwrap();
    setting.send(&keys[0]).await.unwrap();
    setting.verifier.shutdown().await;
    assert_eq!(setting.counts(&keys[0]).await, requests(3));
    for issued in &keys[1..] {
        assert_eq!(setting.counts(issued).await, requests(2));
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_lost_or_counted_twice_while_the_store_comes_and_goes() {
    let setting = setting(Dialect::bigspin(), |it| it).await;
    let issued = setting.key().await;
    let mut sent = 0;
    for conduct in [Conduct::Fails, Conduct::Forgets, Conduct::Hangs, Conduct::Forgets] {
        setting.ledger.conduct(conduct);
        let before = setting.ledger.flushes();
        while setting.ledger.flushes() < before + 2 {
            setting.send(&issued).await.unwrap();
            sent += 1;
            tokio::time::sleep(Duration::from_mins(1)).await;
        }
        setting.ledger.conduct(Conduct::Takes);
        for _ in 0..60 {
            tokio::time::sleep(Duration::from_mins(1)).await;
        }
        assert_eq!(setting.counts(&issued).await, requests(sent));
    }
    setting.verifier.shutdown().await;
    assert_eq!(setting.counts(&issued).await, requests(sent));
}

#[tokio::test(start_paused = true)]
async fn a_request_counts_in_its_hour_also_while_the_store_takes_nothing() {
    let setting = setting(Dialect::bigspin(), |it| it).await;
    let issued = setting.key().await;
    setting.ledger.conduct(Conduct::Fails);
    let mut expected = Vec::new();
    for hour in 0..50 {
        for _ in 0..=hour {
            setting.send(&issued).await.unwrap();
        }
        let begin = setting.clock.now().timestamp.start_of_hour();
        expected.push(UsePoint { hour: begin, counts: requests(hour + 1) });
        setting.clock.advance(HOUR);
        // What was counted until now is collected.
        tokio::time::sleep(Duration::from_mins(10)).await;
    }
    assert!(setting.points(&issued).await.is_empty());
    setting.ledger.conduct(Conduct::Takes);
    setting.verifier.shutdown().await;
    // They are collected in the hour in which the collector last looked.
    assert_eq!(setting.points(&issued).await, expected);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_takes_nothing_does_not_keep_a_process_from_ending() {
    for conduct in [Conduct::Fails, Conduct::Hangs] {
        let setting = setting(Dialect::bigspin(), |it| it).await;
        let issued = setting.key().await;
        setting.send(&issued).await.unwrap();
        setting.ledger.conduct(conduct);
        let begin = tokio::time::Instant::now();
        setting.verifier.shutdown().await;
        assert!(begin.elapsed() <= Duration::from_secs(11), "{:?}", begin.elapsed());
    }
}

#[tokio::test]
async fn who_looks_without_using_leaves_no_trace() {
    let setting = setting(Dialect::bigspin(), VerifierBuilder::without_use).await;
    let issued = setting.key().await;
    setting.send(&issued).await.unwrap();
    setting.verifier.shutdown().await;
    assert_eq!(setting.ledger.flushes(), 0);
    assert_eq!(setting.last_use(&issued).await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn requests_at_once_are_all_counted_while_they_are_written() {
    let often = |it: VerifierBuilder| it.with_use_interval(Duration::from_millis(100));
    let setting = Arc::new(setting(Dialect::bigspin(), often).await);
    let issued = Arc::new(setting.key().await);
    let senders: Vec<_> = (0..8)
        .map(|_| {
            let (setting, issued) = (Arc::clone(&setting), Arc::clone(&issued));
            tokio::spawn(async move {
                let mut sent = 0;
                while setting.ledger.flushes() < 5 {
                    setting.send(&issued).await.unwrap();
                    sent += 1;
                    tokio::task::yield_now().await;
                }
                sent
            })
        })
        .collect();
    let mut sent = 0;
    for sender in senders {
        sent += within("five intervals pass", sender).await.unwrap();
    }
    setting.verifier.shutdown().await;
    assert_eq!(setting.counts(&issued).await, requests(sent));
}
