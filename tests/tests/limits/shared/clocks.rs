//! One clock counts: that of Redis.

use std::sync::Arc;
use std::time::Duration;

use keyward::clock::{SystemClock, TestClock, Timestamp};
use keyward::dialect::Dialect;
use keyward_tests::Redis;

use super::{PATIENCE, admitted, process, send};
use crate::stage::Stage;

#[tokio::test]
async fn a_process_whose_clock_is_wrong_counts_and_says_what_the_others_do() {
    let (redis, stage) = (Redis::start(), Stage::of(Dialect::standard()).await);
    let right = process(&stage, &redis, Arc::new(SystemClock::new()), PATIENCE);
    let clock = Arc::new(TestClock::at(Timestamp::from_millis(1_000_000_000_000)));
    let wrong = process(&stage, &redis, Arc::<TestClock>::clone(&clock), PATIENCE);
    let (_, key) = stage.key(10).await;
    let first = send(&right, &key).await.unwrap();
    for sent in 2..=10 {
        clock.advance(Duration::from_mins(1));
        let verifier = if sent % 2 == 0 { &wrong } else { &right };
        let standing = send(verifier, &key).await.unwrap();
        assert_eq!(standing.remaining(), 10 - sent);
        assert!(standing.resets_at().abs_diff(first.resets_at()) <= 1, "{standing:?} {first:?}");
        assert!((1..=60).contains(&standing.resets_in()));
    }
    assert_eq!(admitted(&right, &key, 5).await + admitted(&wrong, &key, 5).await, 0);
}

#[tokio::test]
async fn a_minute_that_would_last_longer_than_one_is_none() {
    let (redis, stage) = (Redis::start(), Stage::of(Dialect::standard()).await);
    let verifier = process(&stage, &redis, Arc::new(SystemClock::new()), PATIENCE);
    let (id, key) = stage.key(2).await;
    assert_eq!(admitted(&verifier, &key, 3).await, 2);
    // As after a step of the calendar of Redis, an hour back; and as somebody else might leave it.
    let entry = format!("keyward:limits:standard::{id}");
    for command in [&["PEXPIRE", &entry, "3660000"][..], &["PERSIST", &entry]] {
        assert_eq!(redis.say(command), "1");
        let standing = send(&verifier, &key).await.unwrap();
        assert_eq!((standing.remaining(), standing.resets_in()), (1, 60));
    }
}
