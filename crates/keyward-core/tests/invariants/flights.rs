//! Lookups in flight: one for each key, many keys in one, and none left behind.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use keyward_core::dialect::Dialect;
use keyward_core::store::MemoryStore;
use keyward_core::verify::{Check, RejectionKind, Verifier};
use tokio::task::JoinSet;

use crate::support::stage::{Conduct, Stage};
use crate::support::{
    Bearer, create, eventually, manager, refusal, unknown, verifier, warm, within,
};

const REQUESTS: usize = 10_000;

/// Requests of all these keys at once.
struct Storm {
    requests: JoinSet<Option<RejectionKind>>,
    begun: Arc<AtomicUsize>,
}

impl Storm {
    fn new(verifier: &Verifier, keys: Vec<String>) -> Self {
        let (mut requests, begun) = (JoinSet::new(), Arc::new(AtomicUsize::new(0)));
        for key in keys {
            let (verifier, begun) = (verifier.clone(), Arc::clone(&begun));
            requests.spawn(async move {
                begun.fetch_add(1, Ordering::SeqCst);
                refusal(&verifier, &key).await
            });
        }
        Self { requests, begun }
    }

    /// How many were let in.
    async fn let_in(self) -> usize {
        let outcomes = within("all requests are answered", self.requests.join_all()).await;
        outcomes.iter().filter(|refused| refused.is_none()).count()
    }
}

async fn setting() -> (Stage, Verifier) {
    let stage = Stage::new(MemoryStore::new());
    let verifier = Verifier::builder(Dialect::bigspin(), stage.clone())
        .with_lookup_timeout(Duration::from_secs(8))
        .build()
        .unwrap();
    // Until the first poll nothing is cached.
    warm(&verifier, &unknown(usize::MAX)).await;
    (stage, verifier)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_thousand_first_requests_with_one_key_are_one_lookup() {
    let (stage, verifier) = setting().await;
    let manager = manager(stage.clone()).await;
    for conduct in [Conduct::Answers, Conduct::Dawdles] {
        stage.lookups(conduct);
        let (_, key) = create(&manager).await;
        let questions = stage.questions();
        assert_eq!(Storm::new(&verifier, vec![key; REQUESTS]).let_in().await, REQUESTS);
        assert_eq!(stage.questions(), questions + 1);
    }
}

/// The cache has the answer by the time it would join, so that it does not ask again.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_looked_before_an_answer_landed_uses_it() {
    let (stage, verifier) = setting().await;
    let manager = manager(stage.clone()).await;
    let (_, known) = create(&manager).await;
    for key in [known, unknown(1)] {
        let Check::Pending(late) = verifier.check(&Bearer::new(&key)) else {
            panic!("nobody has asked yet");
        };
        let early = refusal(&verifier, &key).await;
        let questions = stage.questions();
        assert_eq!(late.resolve().await.err().map(|rejection| rejection.kind()), early);
        assert_eq!(stage.questions(), questions);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_thousand_different_keys_are_few_lookups() {
    let (stage, verifier) = setting().await;
    let manager = manager(stage.clone()).await;
    let mut keys = Vec::with_capacity(REQUESTS);
    for _ in 0..REQUESTS {
        keys.push(create(&manager).await.1);
    }
    let questions = stage.questions();
    let gate = stage.hold();
    // As with a store over the network, the first questions take a while.
    let storm = Storm::new(&verifier, keys);
    gate.arrived(2).await;
    let begun = Arc::clone(&storm.begun);
    eventually("all have begun", async || begun.load(Ordering::SeqCst) == REQUESTS).await;
    stage.let_through();
    gate.open();
    assert_eq!(storm.let_in().await, REQUESTS);
    let asked = stage.questions() - questions;
    assert!(asked <= 200, "{asked} questions");
    assert!(stage.most_running() <= 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_goes_on_when_its_first_caller_is_gone() {
    let (stage, verifier) = setting().await;
    let manager = manager(stage.clone()).await;
    let (_, key) = create(&manager).await;
    let questions = stage.questions();
    let gate = stage.hold();
    let request = |key: &str| {
        let (verifier, key) = (verifier.clone(), key.to_owned());
        tokio::spawn(async move { refusal(&verifier, &key).await })
    };
    let leader = request(&key);
    gate.arrived(1).await;
    let followers: Vec<_> = (0..10).map(|_| request(&key)).collect();
    leader.abort();
    assert!(leader.await.unwrap_err().is_cancelled());
    gate.open();
    for follower in followers {
        assert_eq!(follower.await.unwrap(), None);
    }
    assert_eq!(stage.questions(), questions + 1);

    // Also without a follower: the answer is kept for the next request.
    let (_, key) = create(&manager).await;
    let gate = stage.hold();
    let leader = request(&key);
    gate.arrived(1).await;
    leader.abort();
    assert!(leader.await.unwrap_err().is_cancelled());
    gate.open();
    eventually("the answer is kept", async || crate::support::cached(&verifier, &key).is_some())
        .await;
    assert_eq!(stage.questions(), questions + 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn shutdown_ends_every_task() {
    let (stage, verifier) = setting().await;
    let clone = verifier.clone();
    let gate = stage.hold();
    let request = tokio::spawn(async move { refusal(&clone, &unknown(1)).await });
    gate.arrived(1).await;
    let mut stopped = tokio::spawn({
        let verifier = verifier.clone();
        async move { verifier.shutdown().await }
    });
    let early = tokio::time::timeout(Duration::from_millis(50), &mut stopped).await;
    assert!(early.is_err(), "it waits for the lookup under way");
    gate.open();
    within("shutdown", stopped).await.unwrap();
    assert_eq!(request.await.unwrap(), Some(RejectionKind::Unknown));
    assert_eq!(stage.holders(), 2, "the test and the verifier, no task");
    within("a second shutdown", verifier.shutdown()).await;

    drop(verifier);
    assert_eq!(stage.holders(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn dropping_the_last_clone_ends_the_poll() {
    let stage = Stage::new(MemoryStore::new());
    let verifier = verifier(stage.clone());
    let clone = verifier.clone();
    warm(&verifier, &unknown(1)).await;
    drop(verifier);
    assert!(stage.holders() > 1, "a clone is left");
    drop(clone);
    eventually("nothing holds the store", async || stage.holders() == 1).await;
}

#[tokio::test]
async fn a_verifier_needs_a_runtime_to_be_built_and_says_so() {
    let built = std::thread::spawn(|| {
        Verifier::builder(Dialect::bigspin(), MemoryStore::new()).build().map(drop)
    });
    let error = built.join().unwrap().unwrap_err().to_string();
    assert!(error.contains("inside a tokio runtime"), "{error}");
}
