//! Limits that several processes count together in a Redis.

mod adapters;
mod alike;
mod clocks;
mod fleet;
mod outage;

use std::sync::Arc;
use std::time::Duration;

use keyward::clock::Clock;
use keyward::key::PlainKey;
use keyward::limit::Standing;
use keyward::redis::RedisLimits;
use keyward::verify::{HeaderValues, RejectionKind, RequestHead, Verifier};
use keyward_tests::Redis;

use crate::stage::Stage;

/// Longer than a Redis takes that works.
const PATIENCE: Duration = Duration::from_secs(10);

struct Bearer(String);

impl RequestHead for Bearer {
    fn header(&self, name: &str) -> HeaderValues<'_> {
        HeaderValues::of((name == "authorization").then_some(self.0.as_bytes()))
    }

    fn query(&self) -> Option<&str> {
        None
    }
}

/// A process that counts with others, by the clock that is given.
fn process(stage: &Stage, redis: &Redis, clock: Arc<dyn Clock>, timeout: Duration) -> Verifier {
    Verifier::builder(stage.verifier.dialect().clone(), stage.store.clone())
        .with_max_staleness(Duration::from_hours(1))
        .with_clock(clock)
        .with_shared_limits(RedisLimits::new(&redis.url()).unwrap())
        .with_shared_limits_timeout(timeout)
        .build()
        .unwrap()
}

/// Whether a request is admitted, and how its key then stands.
async fn send(verifier: &Verifier, key: &PlainKey) -> Result<Standing, Standing> {
    match verifier.verify(&Bearer(format!("Bearer {}", key.expose()))).await {
        Ok(key) => Ok(key.tally().standing().unwrap()),
        Err(rejection) => {
            assert_eq!(rejection.kind(), RejectionKind::RateLimited);
            Err(*rejection.standing().unwrap())
        }
    }
}

/// How many of so many requests are admitted.
async fn admitted(verifier: &Verifier, key: &PlainKey, requests: usize) -> usize {
    let mut admitted = 0;
    for _ in 0..requests {
        admitted += usize::from(send(verifier, key).await.is_ok());
    }
    admitted
}
