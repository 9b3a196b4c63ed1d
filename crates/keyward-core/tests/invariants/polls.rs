//! What the poll costs the store, counted there.

use std::sync::Arc;
use std::time::Duration;

use keyward_core::clock::{TestClock, Timestamp};
use keyward_core::dialect::Dialect;
use keyward_core::store::{ChangeFeed, MemoryStore};
use keyward_core::verify::Verifier;

use crate::support::watched::Watched;
use crate::support::{cached, create, manager, refusal, unknown};

const STEP: Duration = Duration::from_millis(1);

/// The clock is a test's: it jumps to the next timer when all tasks wait.
#[tokio::test(start_paused = true)]
async fn the_store_is_asked_once_a_second_when_idle_and_twenty_times_when_pushed() {
    let store = MemoryStore::new();
    let manager = manager(store.other_process()).await;
    let mut keys = vec![];
    for _ in 0..50 {
        keys.push(create(&manager).await.1);
    }
    let watched = Watched::new(store);
    let clock = Arc::new(TestClock::at(Timestamp::from_millis(1_800_000_000_000)));
    let verifier = Verifier::builder(Dialect::bigspin(), watched.clone())
        .with_clock(clock.clone())
        .with_instance("web-1")
        .build()
        .unwrap();
    // A request every millisecond, with known keys, cold ones and nobody's.
    let pass = async |seconds: u64, pushed: bool| {
        let (polls, signs) = (watched.polls(), watched.signs());
        for request in 0..seconds * 1_000 {
            if pushed {
                watched.table().wake();
            }
            let number = usize::try_from(request).unwrap();
            let key = keys.get(number % 100).cloned().unwrap_or_else(|| unknown(number));
            let _ = refusal(&verifier, &key).await;
            tokio::time::sleep(STEP).await;
            clock.advance(STEP);
        }
        (watched.polls() - polls, watched.signs() - signs)
    };
    let _ = pass(5, false).await;
    assert!(cached(&verifier, &keys[0]).is_some(), "the poll works");

    let (polls, signs) = pass(60, false).await;
    assert!((58..=60).contains(&polls), "{polls} polls in a minute without a push");
    assert!((5..=6).contains(&signs), "{signs} signatures in a minute that nobody waits for");
    let (polls, signs) = pass(60, true).await;
    assert!((1_000..=1_200).contains(&polls), "{polls} polls in a minute of pushes");
    assert!((5..=6).contains(&signs), "{signs} signatures in a minute that nobody waits for");
}

#[tokio::test(start_paused = true)]
async fn a_push_wakes_every_verifier_over_one_store() {
    let watched = Watched::new(MemoryStore::new());
    let verifier = || Verifier::builder(Dialect::bigspin(), watched.clone()).build().unwrap();
    let _verifiers = [verifier(), verifier()];
    // Their first polls are done, and the next ones not due.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let polls = watched.polls();
    watched.table().wake();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(watched.polls() - polls, 2);
}
