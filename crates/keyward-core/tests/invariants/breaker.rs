//! A store that is down costs a moment, not a timeout for each request.

use std::time::{Duration, Instant};

use keyward_core::dialect::Dialect;
use keyward_core::store::MemoryStore;
use keyward_core::verify::{RejectionKind, Verifier};

use crate::support::stage::{Conduct, Stage};
use crate::support::{create, eventually, manager, refusal, unknown};

const TIMEOUT: Duration = Duration::from_secs(1);

fn verifier(stage: &Stage) -> Verifier {
    Verifier::builder(Dialect::bigspin(), stage.clone())
        .with_lookup_timeout(TIMEOUT)
        .build()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_down_is_left_alone() {
    for conduct in [Conduct::Fails, Conduct::Hangs] {
        let stage = Stage::new(MemoryStore::new());
        let manager = manager(stage.clone()).await;
        let (_, key) = create(&manager).await;
        let verifier = verifier(&stage);
        stage.lookups(conduct);
        stage.feed_fails(true);

        let begun = Instant::now();
        let mut slow = 0;
        for number in 0..2_000 {
            let asked = Instant::now();
            let refused = refusal(&verifier, &unknown(number)).await;
            assert_eq!(refused, Some(RejectionKind::Unavailable));
            slow += usize::from(asked.elapsed() >= TIMEOUT / 2);
        }
        // What was put before it was known to be down, and one probe after each pause.
        let allowed = 3 + begun.elapsed().as_millis() / 50;
        let (questions, took) = (stage.questions(), begun.elapsed());
        assert!(questions as u128 <= allowed, "{conduct:?}: {questions} questions in {took:?}");
        assert!(slow <= questions, "{conduct:?}: {slow} requests waited");

        stage.lookups(Conduct::Answers);
        stage.feed_fails(false);
        eventually("the store is back", async || refusal(&verifier, &key).await.is_none()).await;
        let refused = refusal(&verifier, &unknown(1)).await;
        assert_eq!(refused, Some(RejectionKind::Unknown), "{conduct:?}");
    }
}

/// Whoever came while the store was asked in vain is told at once, not batch by batch.
#[tokio::test(flavor = "multi_thread")]
async fn those_who_wait_are_told_together() {
    let stage = Stage::new(MemoryStore::new());
    let verifier = verifier(&stage);
    stage.lookups(Conduct::Hangs);
    stage.feed_fails(true);
    let begun = Instant::now();
    let requests: Vec<_> = (0..10_000)
        .map(|number| {
            let verifier = verifier.clone();
            tokio::spawn(async move { refusal(&verifier, &unknown(number)).await })
        })
        .collect();
    for request in requests {
        assert_eq!(request.await.unwrap(), Some(RejectionKind::Unavailable));
    }
    let took = begun.elapsed();
    assert!(took < TIMEOUT * 5, "{took:?}");
    assert!(stage.questions() <= 2 + usize::try_from(took.as_millis() / 50).unwrap());
}

/// The polls learn it while no request asks.
#[tokio::test(flavor = "multi_thread")]
async fn the_poll_opens_it_and_closes_it() {
    let stage = Stage::new(MemoryStore::new());
    let verifier = verifier(&stage);
    stage.feed_fails(true);
    stage.lookups(Conduct::Hangs);
    eventually("polls fail", async || {
        let asked = Instant::now();
        let refused = refusal(&verifier, &unknown(1)).await;
        assert_eq!(refused, Some(RejectionKind::Unavailable));
        asked.elapsed() < TIMEOUT / 2
    })
    .await;
    stage.feed_fails(false);
    stage.lookups(Conduct::Answers);
    eventually("a poll succeeds", async || {
        refusal(&verifier, &unknown(1)).await == Some(RejectionKind::Unknown)
    })
    .await;
}
