//! Whoever revokes can wait until every instance refuses the key.

use std::sync::Arc;
use std::time::{Duration, Instant};

use keyward_core::clock::{TestClock, Timestamp};
use keyward_core::dialect::Dialect;
use keyward_core::manage::{KeyManager, ManageErrorKind, Reach};
use keyward_core::store::{Instances, KeyLookup, MemoryStore};
use keyward_core::verify::{Health, RejectionKind, Verifier};

use crate::support::stage::Stage;
use crate::support::watched::{Signing, Watched};
use crate::support::{cached, create, eventually, manager, refusal, warm, within};

const STALENESS: Duration = Duration::from_secs(5);
const LONGER: Duration = Duration::from_secs(20);
const PATIENCE: Duration = Duration::from_secs(30);

fn instance(name: &str, lookup: impl KeyLookup) -> Verifier {
    Verifier::builder(Dialect::bigspin(), lookup)
        .with_max_staleness(STALENESS)
        .with_stale_if_error(LONGER)
        .with_instance(name)
        .build()
        .unwrap()
}

fn clock() -> Arc<TestClock> {
    Arc::new(TestClock::at(Timestamp::from_millis(1_800_000_000_000)))
}

async fn manager_with(store: MemoryStore, clock: &Arc<TestClock>) -> KeyManager {
    let clock: Arc<TestClock> = Arc::clone(clock);
    KeyManager::builder(Dialect::bigspin(), store).with_clock(clock).open().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn revoke_and_wait_returns_when_every_instance_refuses() {
    let store = MemoryStore::new();
    let manager = manager(store.clone()).await;
    let verifiers = [
        instance("web-1", store.other_process()),
        instance("web-2", store.other_process()),
        instance("here", store.clone()),
    ];
    for round in 0..3 {
        let (record, key) = create(&manager).await;
        for verifier in &verifiers {
            warm(verifier, &key).await;
            assert!(cached(verifier, &key).unwrap().is_ok());
        }
        let patience = if round == 0 { Duration::MAX } else { PATIENCE };
        let waited = manager.revoke_and_wait(&record.id, Reach::Key, patience).await.unwrap();
        assert_eq!(waited.pending, [""; 0], "round {round}");
        assert!(waited.record.revoked_at.is_some());
        for verifier in &verifiers {
            assert!(cached(verifier, &key).is_none_or(|verdict| verdict.is_err()));
            assert_eq!(refusal(verifier, &key).await, Some(RejectionKind::Revoked));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_that_is_cut_off_is_named_until_its_bound_has_passed() {
    let store = MemoryStore::new();
    let watched = Watched::new(store.other_process());
    let clock = clock();
    let manager = manager_with(store.clone(), &clock).await;
    let _here = instance("here", store.clone());
    let away = instance("away", watched.clone());
    let (record, key) = create(&manager).await;
    warm(&away, &key).await;
    watched.polls_fail(true);

    let briefly = Duration::from_secs(3);
    let begun = Instant::now();
    let waited = manager.revoke_and_wait(&record.id, Reach::Key, briefly).await.unwrap();
    assert_eq!(waited.pending, ["away"]);
    assert!(begun.elapsed() >= briefly);
    assert_eq!(refusal(&away, &key).await, None, "it may accept it");

    let waiting = tokio::spawn(async move {
        manager.revoke_and_wait(&record.id, Reach::Key, PATIENCE).await.unwrap().pending
    });
    eventually("somebody waits", async || {
        clock.advance(Duration::from_secs(1));
        waiting.is_finished()
    })
    .await;
    assert_eq!(waiting.await.unwrap(), [""; 0], "its bound has passed");
    assert_eq!(
        refusal(&away, &key).await,
        None,
        "by its own clock it has not: one test, two clocks"
    );

    watched.polls_fail(false);
    eventually("it hears", async || refusal(&away, &key).await == Some(RejectionKind::Revoked))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_that_comes_back_ends_the_wait() {
    let store = MemoryStore::new();
    let watched = Watched::new(store.other_process());
    let manager = manager_with(store, &clock()).await;
    let away = instance("away", watched.clone());
    let (record, key) = create(&manager).await;
    warm(&away, &key).await;
    watched.polls_fail(true);
    let waiting = tokio::spawn(async move {
        manager.revoke_and_wait(&record.id, Reach::Key, PATIENCE).await.unwrap().pending
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!waiting.is_finished(), "its clock stands still, so no bound passes");
    watched.polls_fail(false);
    assert_eq!(within("it hears", waiting).await.unwrap(), [""; 0]);
    assert_eq!(refusal(&away, &key).await, Some(RejectionKind::Revoked));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verifier_without_a_name_and_one_that_was_shut_down_are_not_waited_for() {
    let store = MemoryStore::new();
    let watched = Watched::new(store.other_process());
    let manager = manager_with(store.clone(), &clock()).await;
    let (record, key) = create(&manager).await;
    let nameless = Verifier::builder(Dialect::bigspin(), watched.clone()).build().unwrap();
    warm(&nameless, &key).await;
    let ended = instance("ended", watched.clone());
    warm(&ended, &key).await;
    let signed = async {
        while store.signed().await.unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    within("a signature", signed).await;
    within("shutdown", ended.shutdown()).await;
    assert_eq!(store.signed().await.unwrap().len(), 0);

    watched.polls_fail(true);
    let waited = manager.revoke_and_wait(&record.id, Reach::Key, PATIENCE).await.unwrap();
    assert_eq!(waited.pending, [""; 0]);
    assert_eq!(refusal(&nameless, &key).await, None, "it was not waited for");
    assert_eq!(refusal(&ended, &key).await, Some(RejectionKind::Revoked), "it asks the store");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_that_cannot_sign_relies_on_nothing_that_it_knows() {
    let store = MemoryStore::new();
    let manager = manager(store.other_process()).await;
    let watched = Watched::new(store);
    watched.sign_so(Signing::Fails);
    let clock = clock();
    let verifier = Verifier::builder(Dialect::bigspin(), watched.clone())
        .with_max_staleness(STALENESS)
        .with_stale_if_error(LONGER)
        .with_clock(clock.clone())
        .with_instance("web-1")
        .build()
        .unwrap();
    let (_, key) = create(&manager).await;
    for signing in [Signing::Fails, Signing::Unwritten] {
        watched.sign_so(signing);
        let polls = watched.polls();
        eventually("polls", async || watched.polls() >= polls + 3).await;
        assert_eq!(refusal(&verifier, &key).await, None);
        assert!(cached(&verifier, &key).is_none(), "every request asks the store: {signing:?}");
        assert_eq!(verifier.health(), Health::Asking);
        assert!(verifier.health().is_ready(), "every request is served");
    }

    watched.sign_so(Signing::Kept);
    warm(&verifier, &key).await;
    assert_eq!(verifier.health(), Health::Ready);
    watched.sign_so(Signing::Fails);
    let lease = Duration::from_secs(30);
    clock.advance(lease + STALENESS);
    let polls = watched.polls();
    eventually("polls", async || watched.polls() >= polls + 2).await;
    assert!(cached(&verifier, &key).is_some());
    clock.advance(Duration::from_nanos(1));
    assert!(cached(&verifier, &key).is_none());
    assert_eq!(refusal(&verifier, &key).await, None);
    assert_eq!(verifier.health(), Health::Asking);

    watched.sign_so(Signing::Kept);
    eventually("it signs", async || cached(&verifier, &key).is_some()).await;
}

/// Their clock stands still: nobody signs because it is time to.
#[tokio::test(flavor = "multi_thread")]
async fn all_instances_sign_again_when_the_sequence_was_lost_also_after_a_failure() {
    let before = MemoryStore::new();
    let maker = manager(before.clone()).await;
    for _ in 0..5 {
        create(&maker).await;
    }
    let watched = Watched::new(before.other_process());
    let names = ["web-1", "web-2"];
    let verifiers = names.map(|name| {
        let verifier = Verifier::builder(Dialect::bigspin(), watched.clone());
        verifier.with_clock(clock()).with_instance(name).build().unwrap()
    });
    let signed = async |store: &MemoryStore| {
        let mut signed: Vec<_> =
            store.signed().await.unwrap().into_iter().map(|it| it.name).collect();
        signed.sort();
        signed == names
    };
    eventually("they sign", async || signed(&before).await).await;

    let restored = MemoryStore::new();
    watched.sign_so(Signing::Fails);
    watched.restore(restored.other_process());
    let polls = watched.polls();
    eventually("polls", async || watched.polls() >= polls + 6).await;
    watched.sign_so(Signing::Kept);
    eventually("they sign again", async || signed(&restored).await).await;
    for verifier in verifiers {
        verifier.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_waits_is_answered_in_time_by_a_store_that_is_not() {
    let store = MemoryStore::new();
    let watched = Watched::new(store.clone());
    let manager = KeyManager::builder(Dialect::bigspin(), watched.clone());
    let manager = manager.with_clock(clock()).open().await.unwrap();
    let cut_off = Watched::new(store.other_process());
    let away = instance("away", cut_off.clone());
    let (first, key) = create(&manager).await;
    let (second, _) = create(&manager).await;
    warm(&away, &key).await;
    cut_off.polls_fail(true);

    let briefly = Duration::from_secs(2);
    let waiting = {
        let manager = manager.clone();
        tokio::spawn(async move {
            manager.revoke_and_wait(&first.id, Reach::Key, briefly).await.unwrap().pending
        })
    };
    tokio::time::sleep(briefly / 4).await;
    watched.waits_hang();
    assert_eq!(within("the names", waiting).await.unwrap(), ["away"]);

    let waiting = manager.revoke_and_wait(&second.id, Reach::Key, briefly);
    let error = within("an error", waiting).await.unwrap_err();
    assert_eq!(error.kind(), ManageErrorKind::Unavailable);
    assert!(error.to_string().starts_with("the key is revoked, but"), "{error}");
    assert!(manager.get(&second.id).await.unwrap().revoked_at.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_keeps_no_instances_says_so() {
    let stage = Stage::new(MemoryStore::new());
    let manager = manager(stage.clone()).await;
    let (record, _) = create(&manager).await;
    let error = manager.revoke_and_wait(&record.id, Reach::Key, PATIENCE).await.unwrap_err();
    assert_eq!(error.kind(), ManageErrorKind::Invalid);
    assert_eq!(manager.get(&record.id).await.unwrap().revoked_at, None, "nothing was done");
    let named = Verifier::builder(Dialect::bigspin(), stage).with_instance("web-1").build();
    let sentence = named.unwrap_err().to_string();
    assert_eq!(sentence, "leave out with_instance: this store does not keep who verifies its keys");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_has_a_name() {
    for name in ["", "web\n1", &"x".repeat(201)] {
        let named = Verifier::builder(Dialect::bigspin(), MemoryStore::new()).with_instance(name);
        let sentence = named.build().unwrap_err().to_string();
        assert_eq!(
            sentence,
            "give with_instance a name of 1 to 200 bytes without control characters, such as web-1"
        );
    }
}
