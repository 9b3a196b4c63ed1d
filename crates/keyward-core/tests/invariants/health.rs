//! What a verifier says of itself.

use std::sync::Arc;
use std::time::Duration;

use keyward_core::clock::{TestClock, Timestamp};
use keyward_core::dialect::Dialect;
use keyward_core::store::MemoryStore;
use keyward_core::verify::{Health, Verifier};

use crate::support::stage::{Conduct, Stage};
use crate::support::{create, eventually, manager, refusal, warm};

const STALENESS: Duration = Duration::from_secs(5);
const LONGER: Duration = Duration::from_mins(1);

#[tokio::test(flavor = "multi_thread")]
async fn a_verifier_starts_without_its_store_and_says_so() {
    let stage = Stage::new(MemoryStore::new());
    stage.feed_fails(true);
    stage.lookups(Conduct::Fails);
    let verifier = Verifier::builder(Dialect::bigspin(), stage.clone()).build().unwrap();
    assert_eq!((verifier.freshness(), verifier.health()), (None, Health::Starting));
    assert!(!verifier.health().is_ready());
    let sentence = verifier.health().to_string();
    assert_eq!(sentence, "the key store has not answered since the start");

    stage.feed_fails(false);
    eventually("a poll", async || verifier.freshness().is_some()).await;
    assert_eq!(verifier.health(), Health::Ready);
}

#[tokio::test(flavor = "multi_thread")]
async fn health_follows_what_is_known_through_an_outage() {
    let stage = Stage::new(MemoryStore::new());
    let manager = manager(stage.clone()).await;
    let clock = Arc::new(TestClock::at(Timestamp::from_millis(1_800_000_000_000)));
    let verifier = Verifier::builder(Dialect::bigspin(), stage.clone())
        .with_max_staleness(STALENESS)
        .with_stale_if_error(LONGER)
        .with_clock(clock.clone())
        .build()
        .unwrap();
    let (_, key) = create(&manager).await;
    warm(&verifier, &key).await;
    assert_eq!(verifier.health(), Health::Ready);

    stage.feed_fails(true);
    stage.lookups(Conduct::Fails);
    eventually("polls fail", async || verifier.health() == Health::KnownKeysOnly).await;
    let served = async || refusal(&verifier, &key).await.is_none();
    assert!(served().await);
    clock.advance(STALENESS + LONGER);
    assert_eq!(verifier.freshness(), Some(STALENESS + LONGER));
    assert!(verifier.health().is_ready() && served().await);
    clock.advance(Duration::from_nanos(1));
    assert_eq!(verifier.health(), Health::Stale);
    assert!(!verifier.health().is_ready() && !served().await);

    stage.feed_fails(false);
    eventually("a poll", async || verifier.health() == Health::Ready).await;
}
