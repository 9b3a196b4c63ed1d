//! A flood of unknown keys is bounded in memory and in questions, and good keys stay fast.

use std::time::Duration;

use keyward_core::dialect::Dialect;
use keyward_core::store::MemoryStore;
use keyward_core::verify::{RejectionKind, Verifier};
use tokio::task::JoinSet;

use crate::support::stage::{Conduct, Stage};
use crate::support::{cached, create, eventually, manager, refusal, unknown, warm, within};

/// What the queue holds, and what two questions hold.
const WAITING: usize = 16_384 + 2 * 512;
const FLOOD: usize = 200_000;
const REMEMBERED: usize = 1_000;

/// Whether the key is let in without a question to the store.
fn is_good(verifier: &Verifier, key: &str) -> bool {
    cached(verifier, key).is_some_and(|verdict| verdict.is_ok())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn flood_of_unknown_keys_is_bounded() {
    let stage = Stage::new(MemoryStore::new());
    let manager = manager(stage.clone()).await;
    let verifier = Verifier::builder(Dialect::bigspin(), stage.clone())
        .with_lookup_timeout(Duration::from_mins(1))
        .with_max_staleness(Duration::from_mins(10))
        .with_cached_unknown(REMEMBERED as u64)
        .build()
        .unwrap();
    let (_, good) = create(&manager).await;
    let (_, cold) = create(&manager).await;
    warm(&verifier, &good).await;

    let overflow = overflow(&stage, &verifier, &good, &cold).await;

    // The store answers, at its own pace.
    stage.lookups(Conduct::Dawdles);
    let questions = stage.questions();
    let mut workers = JoinSet::new();
    for worker in 0..8 {
        let (verifier, good) = (verifier.clone(), good.clone());
        workers.spawn(async move {
            let mine = (overflow..FLOOD).skip(worker).step_by(8);
            let mut burst = Vec::with_capacity(1_000);
            for number in mine {
                burst.push(number);
                if burst.len() == 1_000 {
                    flood(&verifier, burst.drain(..)).await;
                    assert!(is_good(&verifier, &good), "without a question");
                }
            }
            flood(&verifier, burst.into_iter()).await;
        });
    }
    for done in within_a_minute(workers.join_all()).await {
        let () = done;
    }
    assert!(stage.most_running() <= 2, "never more than two questions at once");
    let asked = stage.questions() - questions;
    assert!(asked * 10 <= FLOOD - overflow, "{asked} questions");

    // So few are remembered that asking again asks the store again, but for a few.
    let before = stage.digests();
    flood(&verifier, FLOOD - 10_000..FLOOD).await;
    let forgotten = stage.digests() - before;
    assert!(forgotten >= 10_000 - 2 * REMEMBERED, "{forgotten} were forgotten");
    assert!(is_good(&verifier, &good));
    assert_eq!(refusal(&verifier, &cold).await, None);
}

/// While the store hangs, so many requests wait and the others are told to come back.
async fn overflow(stage: &Stage, verifier: &Verifier, good: &str, cold: &str) -> usize {
    const REQUESTS: usize = 20_000;
    let gate = stage.hold();
    let mut requests = JoinSet::new();
    for number in 0..REQUESTS {
        let verifier = verifier.clone();
        requests.spawn(async move { refusal(&verifier, &unknown(number)).await });
    }
    // Those that find no place are answered before the gate opens.
    let mut turned_away = 0;
    while turned_away < REQUESTS - WAITING {
        let refused = within("an answer without the store", requests.join_next()).await;
        assert_eq!(refused.unwrap().unwrap(), Some(RejectionKind::Unavailable));
        turned_away += 1;
        assert!(turned_away % 100 != 0 || is_good(verifier, good), "good keys stay fast");
    }
    gate.arrived(2).await;
    eventually("the queue is full", async || {
        refusal_now(verifier, cold).await == Some(RejectionKind::Unavailable)
    })
    .await;
    assert_eq!(refusal(verifier, good).await, None);

    stage.let_through();
    gate.open();
    let mut unknown = 0;
    for refused in within_a_minute(requests.join_all()).await {
        match refused {
            Some(RejectionKind::Unknown) => unknown += 1,
            Some(RejectionKind::Unavailable) => turned_away += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(unknown + turned_away, REQUESTS);
    assert!((16_384..=WAITING).contains(&unknown), "{unknown} waited");
    assert_eq!(refusal(verifier, cold).await, None);
    REQUESTS
}

/// What a request is told at once, if it is.
async fn refusal_now(verifier: &Verifier, key: &str) -> Option<RejectionKind> {
    let now = Duration::from_millis(100);
    tokio::time::timeout(now, refusal(verifier, key)).await.ok().flatten()
}

async fn flood(verifier: &Verifier, numbers: impl Iterator<Item = usize>) {
    let keys: Vec<String> = numbers.map(unknown).collect();
    let requests = keys.iter().map(|key| refusal(verifier, key));
    for refused in futures_util::future::join_all(requests).await {
        assert_eq!(refused, Some(RejectionKind::Unknown));
    }
}

async fn within_a_minute<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_mins(1), future).await.unwrap()
}
