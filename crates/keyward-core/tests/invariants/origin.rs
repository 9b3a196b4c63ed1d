//! Where a request comes from, where that matters.

use std::sync::Arc;
use std::time::Duration;

use keyward_core::clock::{TestClock, Timestamp};
use keyward_core::dialect::Dialect;
use keyward_core::manage::{KeyManager, KeyUpdate, NewKey, Rotate};
use keyward_core::store::MemoryStore;
use keyward_core::verify::{ApiKey, Check, Rejection, RejectionKind, Verifier};

use crate::support::stage::{Conduct, Stage};
use crate::support::{Bearer, create, unknown, warm};

const OFFICE: &str = "203.0.113.7";
const ELSEWHERE: &str = "198.51.100.9";

struct Setting {
    stage: Stage,
    clock: Arc<TestClock>,
    manager: KeyManager,
    verifier: Verifier,
}

/// So many attempts with unknown keys a minute are free.
async fn setting(free: u32) -> Setting {
    let stage = Stage::new(MemoryStore::new());
    let clock = Arc::new(TestClock::at(Timestamp::from_millis(1_800_000_000_000)));
    let manager = KeyManager::builder(Dialect::bigspin(), stage.clone())
        .with_clock(clock.clone())
        .open()
        .await
        .unwrap();
    let verifier = Verifier::builder(Dialect::bigspin(), stage.clone())
        .with_max_staleness(Duration::from_hours(1))
        .with_failed_attempts_per_min(free)
        .with_clock(clock.clone())
        .build()
        .unwrap();
    Setting { stage, clock, manager, verifier }
}

impl Setting {
    async fn send(&self, key: &str, peer: &str) -> Result<ApiKey, Rejection> {
        self.verifier.verify(&Bearer::new(key).from(peer)).await
    }

    async fn refusal(&self, key: &str, peer: &str) -> Option<RejectionKind> {
        self.send(key, peer).await.err().map(|rejection| rejection.kind())
    }

    /// Makes an address fail as often as is free, and more.
    async fn exhaust(&self, free: usize, peer: &str) {
        for number in 0..free {
            let refused = self.refusal(&unknown(number), peer).await;
            assert_eq!(refused, Some(RejectionKind::Unknown));
        }
    }
}

#[tokio::test]
async fn a_key_with_networks_works_from_nowhere_else() {
    let it = setting(100).await;
    let new = NewKey::new("acme", "office")
        .with_networks("203.0.113.0/24 2001:db8::/32".parse().unwrap());
    let issued = it.manager.create(new).await.unwrap();
    let key = issued.key.expose();
    warm(&it.verifier, key).await;
    let questions = it.stage.questions();
    for (peer, refused) in [
        (OFFICE, None),
        ("::ffff:203.0.113.7", None),
        ("2001:db8:7::1", None),
        (ELSEWHERE, Some(RejectionKind::Network)),
        ("2001:db9::1", Some(RejectionKind::Network)),
        ("::203.0.113.7", Some(RejectionKind::Network)),
    ] {
        assert_eq!(it.refusal(key, peer).await, refused, "{peer}");
    }
    assert_eq!(it.stage.questions(), questions, "each is judged where it is cached");

    let nowhere = it.verifier.verify(&Bearer::new(key)).await.unwrap_err();
    assert_eq!((nowhere.kind(), nowhere.key()), (RejectionKind::Network, Some(&issued.record.id)));

    // Nor does a key that nobody has asked about before.
    let cold = it.manager.rotate(&issued.record.id, Rotate::now()).await.unwrap();
    let (id, key) = (cold.new.id, cold.key.unwrap());
    assert_eq!(it.refusal(key.expose(), ELSEWHERE).await, Some(RejectionKind::Network));
    assert_eq!(it.refusal(key.expose(), OFFICE).await, None);

    // From the next request on.
    let other = KeyUpdate::new().with_networks(Some(ELSEWHERE.parse().unwrap()));
    it.manager.update(&id, other).await.unwrap();
    assert_eq!(it.refusal(key.expose(), OFFICE).await, Some(RejectionKind::Network));
    assert_eq!(it.refusal(key.expose(), ELSEWHERE).await, None);
    it.manager.update(&id, KeyUpdate::new().with_networks(None)).await.unwrap();
    assert_eq!(it.refusal(key.expose(), OFFICE).await, None);
    assert!(it.verifier.verify(&Bearer::new(key.expose())).await.is_ok());
}

#[tokio::test]
async fn who_is_refused_for_an_address_spends_nothing_of_the_keys_minute() {
    let it = setting(100).await;
    let new = NewKey::new("acme", "office")
        .with_networks(OFFICE.parse().unwrap())
        .with_rate_limit_per_min(1.try_into().unwrap());
    let key = it.manager.create(new).await.unwrap().key;
    for _ in 0..5 {
        assert_eq!(it.refusal(key.expose(), ELSEWHERE).await, Some(RejectionKind::Network));
    }
    assert_eq!(it.refusal(key.expose(), OFFICE).await, None);
    assert_eq!(it.refusal(key.expose(), OFFICE).await, Some(RejectionKind::RateLimited));
}

#[tokio::test]
async fn an_address_is_looked_for_only_where_it_matters() {
    struct Nosy(Bearer);
    impl keyward_core::verify::RequestHead for Nosy {
        fn header(&self, name: &str) -> keyward_core::verify::HeaderValues<'_> {
            self.0.header(name)
        }

        fn query(&self) -> Option<&str> {
            None
        }

        fn peer(&self) -> Option<std::net::IpAddr> {
            panic!("nobody needs to know")
        }
    }
    let it = setting(100).await;
    let (_, key) = create(&it.manager).await;
    warm(&it.verifier, &key).await;
    let Check::Done(verdict) = it.verifier.check(&Nosy(Bearer::new(&key))) else {
        panic!("the key is cached")
    };
    assert!(verdict.is_ok());
    let Check::Done(verdict) = it.verifier.check(&Nosy(Bearer::new("junk"))) else {
        panic!("junk is no key")
    };
    assert_eq!(verdict.unwrap_err().kind(), RejectionKind::Malformed);
}

#[tokio::test]
async fn whoever_fails_too_often_waits_at_a_gate_and_nobody_else_does() {
    let it = setting(5).await;
    let (_, good) = create(&it.manager).await;
    warm(&it.verifier, &good).await;
    it.exhaust(5, ELSEWHERE).await;

    // One passes in 100 ms, the others are told when the minute is over.
    let questions = it.stage.questions();
    assert_eq!(it.refusal(&unknown(100), ELSEWHERE).await, Some(RejectionKind::Unknown));
    for number in 101..200 {
        let refused = it.send(&unknown(number), ELSEWHERE).await.unwrap_err();
        assert_eq!(refused.kind(), RejectionKind::RateLimited);
        assert_eq!((refused.retry_after(), refused.standing()), (Some(60), None));
    }
    assert_eq!(it.stage.questions(), questions + 1);

    // What is known needs no question, good or bad.
    assert_eq!(it.refusal(&good, ELSEWHERE).await, None);
    assert_eq!(it.refusal(&unknown(1), ELSEWHERE).await, Some(RejectionKind::Unknown));
    assert_eq!(it.refusal("junk", ELSEWHERE).await, Some(RejectionKind::Malformed));
    // Others ask as ever, and so do those of whom nobody knows where they are.
    let (_, cold) = create(&it.manager).await;
    assert_eq!(it.refusal(&cold, OFFICE).await, None);
    let (_, cold) = create(&it.manager).await;
    assert!(it.verifier.verify(&Bearer::new(&cold)).await.is_ok());

    // A good key that nobody knows yet passes when the gate opens.
    let (_, cold) = create(&it.manager).await;
    assert_eq!(it.refusal(&cold, ELSEWHERE).await, Some(RejectionKind::RateLimited));
    it.clock.advance(Duration::from_millis(100));
    assert_eq!(it.refusal(&cold, ELSEWHERE).await, None);
    it.clock.advance(Duration::from_mins(1));
    it.exhaust(5, ELSEWHERE).await;
}

#[tokio::test]
async fn a_key_that_was_known_is_asked_about_however_often_its_address_fails() {
    let it = setting(5).await;
    let mut known = Vec::new();
    for _ in 0..20 {
        let (record, key) = create(&it.manager).await;
        warm(&it.verifier, &key).await;
        known.push((record, key));
    }
    it.exhaust(5, ELSEWHERE).await;
    for (number, (record, key)) in known.iter().enumerate() {
        // What was known of it counts no more.
        let rename = KeyUpdate::new().with_name(format!("renamed {number}"));
        it.manager.update(&record.id, rename).await.unwrap();
        let questions = it.stage.questions();
        assert_eq!(it.send(key, ELSEWHERE).await.unwrap().name(), format!("renamed {number}"));
        assert_eq!(it.stage.questions(), questions + 1);
    }
}

#[tokio::test]
async fn what_was_not_proved_unknown_is_not_charged() {
    let it = setting(5).await;
    it.stage.lookups(Conduct::Corrupt);
    for number in 0..20 {
        let refused = it.refusal(&unknown(number), ELSEWHERE).await;
        assert_eq!(refused, Some(RejectionKind::Unavailable));
        let refused = it.refusal("sk-bigspin-api03-", ELSEWHERE).await;
        assert_eq!(refused, Some(RejectionKind::Malformed));
    }
    it.stage.lookups(Conduct::Answers);
    it.exhaust(5, ELSEWHERE).await;
}

#[tokio::test]
async fn a_key_that_is_remembered_as_unknown_is_charged_each_time() {
    let it = setting(5).await;
    warm(&it.verifier, &unknown(0)).await;
    for _ in 0..5 {
        assert_eq!(it.refusal(&unknown(0), ELSEWHERE).await, Some(RejectionKind::Unknown));
    }
    assert_eq!(it.refusal(&unknown(1), ELSEWHERE).await, Some(RejectionKind::Unknown));
    assert_eq!(it.refusal(&unknown(2), ELSEWHERE).await, Some(RejectionKind::RateLimited));
}

#[tokio::test]
async fn no_attempts_at_all_is_no_limit() {
    let built = Verifier::builder(Dialect::bigspin(), MemoryStore::new())
        .with_failed_attempts_per_min(0)
        .build();
    let sentence = "set failed_attempts_per_min above zero; u32::MAX is without limit";
    assert_eq!(built.unwrap_err().to_string(), sentence);
}
