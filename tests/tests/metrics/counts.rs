use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

use keyward::clock::{Clock, SystemClock, TestClock, Timestamp};
use keyward::dialect::Dialect;
use keyward::key::{Grant, PlainKey};
use keyward::manage::{Issued, KeyManager, NewKey, Reach};
use keyward::store::SqliteStore;
use reqwest::Method;
use tokio::time::sleep;

use crate::{SCRIBE_SIGHT, SCRIBE_SIGHT_ACTIX, Watched};

const PROJECTS: &str = "/projects";
const ELSEWHERE: &str = "/projects/proj_elsewhere/content";

/// An operator's hands on the store of the program.
struct Operator(SqliteStore);

impl Operator {
    async fn of(watched: &Watched, program: &str) -> Self {
        let path = watched.folder.path().join(format!("{program}.db"));
        Self(SqliteStore::open(path.to_str().unwrap()).await.unwrap())
    }

    async fn manager(&self, at: Timestamp) -> KeyManager {
        let manager = KeyManager::builder(Dialect::scribe_sight(), self.0.clone());
        manager.with_clock(Arc::new(TestClock::at(at))).open().await.unwrap()
    }

    async fn create(&self, at: Timestamp, new: NewKey) -> Issued {
        self.manager(at).await.create(new.with_grant(Grant::All)).await.unwrap()
    }
}

#[tokio::test]
async fn every_request_is_counted_once_as_what_became_of_it() {
    for (program, name) in
        [(SCRIBE_SIGHT, "scribe-sight"), (SCRIBE_SIGHT_ACTIX, "scribe-sight-actix")]
    {
        let watched = Watched::start(program).await;
        let before = watched.metrics().await;
        assert!(before.samples.iter().all(|(name, value)| {
            !name.starts_with("keyward_verifications_total") || *value == 0.0
        }));
        let let_in = ask_in_every_way(&watched, name).await;
        let metrics = watched.metrics().await;
        for (outcome, times) in [
            ("ok", let_in),
            ("missing", 2),
            ("malformed", 3),
            ("ambiguous", 1),
            ("unknown", 4),
            ("scope", 2),
            ("resource", 1),
            ("expired", 3),
            ("revoked", 1),
            ("rate_limited", 2),
            ("unavailable", 0),
        ] {
            assert_eq!(metrics.outcome(outcome), times, "{name}: {outcome}");
        }
        let hits = metrics.count("keyward_cache_hits_total");
        let misses = metrics.count("keyward_cache_misses_total");
        let looked_for = 4 + 2 + 1 + 3 + 1 + 2 + let_in;
        assert_eq!(hits + misses, looked_for, "{name}: {metrics:#?}");
        // Six keys, and one of them again after it was revoked.
        assert!((7..looked_for / 2).contains(&misses), "{name}: {misses} of {looked_for}");
        let asked = metrics.count("keyward_lookup_seconds_count");
        assert!(asked > 0 && asked <= misses);
        assert_eq!(metrics.count("keyward_lookup_errors_total"), 0);
    }
}

/// How many of its requests are answered 200.
async fn ask_in_every_way(watched: &Watched, name: &str) -> u64 {
    let client = &watched.client;
    let get = async |path, key: &str| client.get(path, key).await.status;
    let operator = Operator::of(watched, name).await;
    let now = SystemClock::new().now().timestamp;

    for _ in 0..2 {
        assert_eq!(client.get_without_key(PROJECTS).await.status, 401);
    }
    for _ in 0..3 {
        assert_eq!(get(PROJECTS, "no-key").await, 401);
    }
    let read = watched.program.key("read");
    let twice = client.request(Method::GET, PROJECTS).bearer_auth(read).bearer_auth(read);
    assert_eq!(client.send(twice).await.status, 400);
    let issued = operator.create(now, NewKey::new("acme", "deleted")).await;
    operator.manager(now).await.delete(&issued.record.id).await.unwrap();
    for _ in 0..4 {
        assert_eq!(get(PROJECTS, issued.key.expose()).await, 401);
    }
    for _ in 0..2 {
        assert_eq!(get(PROJECTS, watched.program.key("publishable")).await, 403);
    }
    assert_eq!(get(ELSEWHERE, watched.program.key("project")).await, 403);

    let hour = 3_600_000;
    let past = Timestamp::from_millis(now.as_millis() - 2 * hour);
    let end = Timestamp::from_millis(now.as_millis() - hour);
    let issued = operator.create(past, NewKey::new("acme", "expired").with_expires_at(end)).await;
    for _ in 0..3 {
        assert_eq!(get(PROJECTS, issued.key.expose()).await, 401);
    }
    let limited = NewKey::new("acme", "limited").with_rate_limit_per_min(NonZeroU32::MIN);
    let issued = operator.create(now, limited).await;
    for status in [200, 429, 429] {
        assert_eq!(get(PROJECTS, issued.key.expose()).await, status);
    }
    let issued = operator.create(now, NewKey::new("acme", "revoked")).await;
    assert_eq!(get(PROJECTS, issued.key.expose()).await, 200);
    operator.manager(now).await.revoke(&issued.record.id, Reach::Key).await.unwrap();
    2 + until_refused(watched, &issued.key).await
}

/// Asks until the program has heard that the key is revoked, and says how often it was let in.
async fn until_refused(watched: &Watched, key: &PlainKey) -> u64 {
    let mut times = 0;
    let begun = Instant::now();
    loop {
        match watched.client.get(PROJECTS, key.expose()).await.status {
            200 => times += 1,
            status => {
                assert_eq!(status, 401);
                return times;
            }
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "the poll goes on");
        sleep(Duration::from_millis(20)).await;
    }
}
