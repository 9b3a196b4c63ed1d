//! Redis is away, or slow: each process counts by itself, at once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use keyward::clock::SystemClock;
use keyward::dialect::Dialect;
use keyward::key::PlainKey;
use keyward::verify::Verifier;
use keyward_tests::{Logs, Redis};
use tokio::time::timeout;

use super::{PATIENCE, admitted, process, send};
use crate::stage::Stage;

const TIMEOUT: Duration = Duration::from_millis(100);
const REQUESTS: usize = 1_000;

async fn stage(redis: &Redis, timeout: Duration) -> (Stage, [Verifier; 2]) {
    let stage = Stage::of(Dialect::standard()).await;
    let start = || process(&stage, redis, Arc::new(SystemClock::new()), timeout);
    let verifiers = [start(), start()];
    (stage, verifiers)
}

/// Waits until both count together: what one counts, the other sees.
async fn until_together(stage: &Stage, [here, there]: &[Verifier; 2]) {
    let (_, key) = stage.key(1_000_000).await;
    let together = async {
        loop {
            let (one, two) = (send(here, &key).await.unwrap(), send(there, &key).await.unwrap());
            if one.remaining() == two.remaining() + 1 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(30), together).await.unwrap();
}

/// Half of the limit is used up by the first of two, together with the other.
async fn half_used(stage: &Stage, verifiers: &[Verifier; 2]) -> PlainKey {
    until_together(stage, verifiers).await;
    let (_, key) = stage.key(100).await;
    let admitted = admitted(&verifiers[0], &key, 50).await;
    assert_eq!(admitted, 50);
    key
}

/// Each of two processes admits its limit, and nobody waits for Redis.
async fn assert_counts_alone([here, there]: &[Verifier; 2], key: &PlainKey) {
    let begun = Instant::now();
    assert_eq!(admitted(here, key, REQUESTS).await, 50);
    assert_eq!(admitted(there, key, REQUESTS).await, 100);
    let took = begun.elapsed();
    assert!(took < TIMEOUT * u32::try_from(REQUESTS).unwrap() / 4, "{took:?}");
}

#[tokio::test]
async fn a_redis_that_is_killed_leaves_local_limits_and_counts_again_when_it_is_back() {
    let redis = Redis::start();
    let (stage, verifiers) = stage(&redis, TIMEOUT).await;
    for _ in 0..2 {
        let key = half_used(&stage, &verifiers).await;
        redis.kill();
        assert_counts_alone(&verifiers, &key).await;
        redis.restart();
    }
    until_together(&stage, &verifiers).await;
}

#[tokio::test]
async fn a_redis_that_hangs_costs_a_moment_and_leaves_local_limits() {
    let redis = Redis::start();
    let (stage, verifiers) = stage(&redis, TIMEOUT).await;
    let key = half_used(&stage, &verifiers).await;
    redis.pause();
    assert_counts_alone(&verifiers, &key).await;
    redis.resume();
    until_together(&stage, &verifiers).await;
}

#[tokio::test]
async fn a_redis_that_was_never_there_is_found_when_it_comes() {
    let redis = Redis::start();
    redis.kill();
    let (stage, verifiers) = stage(&redis, TIMEOUT).await;
    let (_, key) = stage.key(10).await;
    for verifier in &verifiers {
        assert_eq!(admitted(verifier, &key, REQUESTS).await, 10);
    }
    redis.restart();
    until_together(&stage, &verifiers).await;
}

#[tokio::test]
async fn scripts_that_redis_forgets_are_sent_again() {
    let redis = Redis::start();
    let (stage, verifiers) = stage(&redis, PATIENCE).await;
    until_together(&stage, &verifiers).await;
    let (_, key) = stage.key(20).await;
    for sent in 1..=20 {
        redis.say(&["SCRIPT", "FLUSH"]);
        let standing = send(&verifiers[sent % 2], &key).await.unwrap();
        assert_eq!(usize::try_from(standing.remaining()).unwrap(), 20 - sent);
    }
}

#[tokio::test]
async fn an_outage_is_logged_once_and_so_is_its_end() {
    let (logs, _guard) = Logs::of_thread();
    let redis = Redis::start();
    let (stage, verifiers) = stage(&redis, TIMEOUT).await;
    until_together(&stage, &verifiers).await;
    let said = |text: &str| logs.text().lines().filter(|line| line.contains(text)).count();
    let before = [said("limits keys by itself"), said("answers again")];
    assert_eq!(before[0], before[1], "{}", logs.text());
    redis.kill();
    let (_, key) = stage.key(10).await;
    for verifier in &verifiers {
        assert_eq!(admitted(verifier, &key, REQUESTS).await, 10);
    }
    assert_eq!(said("limits keys by itself"), before[0] + 2, "one of each: {}", logs.text());
    assert!(logs.text().contains("WARN keyward"), "{}", logs.text());
    redis.restart();
    until_together(&stage, &verifiers).await;
    assert_eq!(said("limits keys by itself"), said("answers again"), "{}", logs.text());
}
