//! What Redis counts is what a process counts by itself.

use std::num::NonZeroU32;
use std::time::Duration;

use keyward::dialect::Dialect;
use keyward::limit::{Hit, SharedLimits};
use keyward::manage::KeyUpdate;
use keyward::redis::RedisLimits;
use keyward_tests::Redis;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::send;
use crate::stage::Stage;

#[derive(Debug, Clone, Copy)]
enum Step {
    /// A request of the key, which has this limit now.
    Request(NonZeroU32),
    /// So many seconds pass.
    Wait(u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let limits = (1_u32..6).prop_map(|limit| Step::Request(NonZeroU32::new(limit).unwrap()));
    // Far from the end of a minute or at it: a real one passes meanwhile.
    let waits = (1_u64..4).prop_map(|tens| Step::Wait(10 * tens));
    vec(prop_oneof![4 => limits, 1 => waits], 1..30)
}

#[tokio::test]
async fn a_minute_in_redis_is_a_minute_in_this_process() {
    let (redis, dialect) = (Redis::start(), Dialect::standard());
    let limits = RedisLimits::new(&redis.url()).unwrap();
    let mut runner = TestRunner::default();
    let mut requests = 0;
    for _ in 0..24 {
        let steps = steps().new_tree(&mut runner).unwrap().current();
        let stage = Stage::of(dialect.clone()).await;
        let (id, key) = stage.key(1).await;
        let entry = format!("keyward:limits:standard::{id}");
        // Milliseconds that are left of the minute.
        let mut left = 0_u64;
        for step in &steps {
            match *step {
                Step::Wait(seconds) => {
                    stage.clock.advance(Duration::from_secs(seconds));
                    left = left.saturating_sub(seconds * 1000);
                }
                Step::Request(per_minute) => {
                    let limit = KeyUpdate::new().with_rate_limit_per_min(Some(per_minute));
                    stage.manager.update(&id, limit).await.unwrap();
                    let here = send(&stage.verifier, &key).await;
                    redis.say(&["PEXPIRE", &entry, &left.to_string()]);
                    let (key, dialect) = (id.as_str(), "standard");
                    let hit = Hit { key, dialect, limit: None, per_minute };
                    let there = limits.count(&hit).await.unwrap();
                    let (Ok(standing) | Err(standing)) = here;
                    assert_eq!(there.admitted, here.is_ok(), "{steps:?}");
                    let remaining = per_minute.get().saturating_sub(there.requests);
                    assert_eq!(remaining, standing.remaining(), "{steps:?}");
                    left = if left == 0 { 60_000 } else { left };
                    let (here, there) = (standing.resets_in(), there.ends_in.as_secs_f64());
                    assert!(
                        (f64::from(here) - 9.0..=f64::from(here)).contains(&there),
                        "{steps:?}"
                    );
                    requests += 1;
                }
            }
        }
    }
    assert!(requests > 100, "{requests}");
}

#[tokio::test]
async fn limits_keys_dialects_and_prefixes_are_counted_apart_and_leave_nothing_behind() {
    let redis = Redis::start();
    let limits = RedisLimits::new(&redis.url()).unwrap();
    let other = RedisLimits::new(&redis.url()).unwrap().with_prefix("billing");
    let once = NonZeroU32::MIN;
    let hit = Hit { key: "a", dialect: "acme", limit: None, per_minute: once };
    let hits = [
        hit,
        Hit { key: "b", ..hit },
        Hit { key: "uploads:a", ..hit },
        Hit { dialect: "globex", ..hit },
        Hit { limit: Some("uploads"), ..hit },
        Hit { limit: Some("runs"), ..hit },
    ];
    for limits in [limits, other] {
        for expected in [true, false] {
            for hit in &hits {
                let counted = limits.count(hit).await.unwrap();
                assert_eq!((counted.admitted, counted.requests), (expected, 1), "{hit:?}");
            }
        }
    }
    let entries = redis.say(&["KEYS", "*"]);
    assert_eq!(entries.lines().count(), 2 * hits.len(), "{entries}");
    for entry in entries.lines() {
        let left: u64 = redis.say(&["PTTL", entry]).parse().expect("it ends");
        assert!(left <= 60_000, "{left}");
    }
}
