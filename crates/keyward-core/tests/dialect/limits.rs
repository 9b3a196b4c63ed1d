//! Limits in a dialect's file and its builder, and what responses say of them.

use std::num::NonZeroU32;
use std::time::Duration;

use keyward_core::clock::Timestamp;
use keyward_core::dialect::Dialect;
use keyward_core::limit::LimitStyle;

fn named(dialect: &Dialect) -> Vec<(&str, u32)> {
    dialect.named_limits().iter().map(|limit| (limit.name(), limit.per_minute().get())).collect()
}

#[test]
fn scribe_sight_limits_every_key_and_two_routes() {
    let dialect = Dialect::scribe_sight();
    assert_eq!(dialect.rate_limit_per_min(), NonZeroU32::new(600));
    assert_eq!(named(&dialect), [("analysis_trigger", 50), ("upload_initiation", 100)]);
    assert_eq!(dialect.limit_style(), LimitStyle::XRateLimit);
}

#[test]
fn the_others_limit_only_keys_with_a_limit_of_their_own() {
    for dialect in
        [Dialect::standard(), Dialect::bigspin(), Dialect::onepin(), Dialect::systemprompt()]
    {
        assert_eq!(dialect.rate_limit_per_min(), None, "{dialect:?}");
        assert_eq!(dialect.named_limits().len(), 0, "{dialect:?}");
        assert_eq!(dialect.limit_style(), LimitStyle::Ietf, "{dialect:?}");
    }
}

#[test]
fn a_builder_says_as_much_as_a_file() {
    let acme = Dialect::builder("acme")
        .rate_limit_per_min(60)
        .named_limits([("uploads", 5)])
        .limit_style(LimitStyle::XRateLimit)
        .build()
        .unwrap();
    assert_eq!(acme.rate_limit_per_min(), NonZeroU32::new(60));
    assert_eq!(named(&acme), [("uploads", 5)]);
    assert_eq!(acme.limit_style(), LimitStyle::XRateLimit);
    let error = |builder: keyward_core::dialect::DialectBuilder| builder.build().unwrap_err();
    assert_eq!(
        error(Dialect::builder("acme").rate_limit_per_min(0)).to_string(),
        "a limit admits one request a minute or more: leave out what is not limited"
    );
    let names: Vec<String> = (0..33).map(|number| format!("limit-{number}")).collect();
    let many = names.iter().map(|name| (name.as_str(), 1));
    assert_eq!(
        error(Dialect::builder("acme").named_limits(many)).to_string(),
        "a dialect may have at most 32 named limits"
    );
}

#[tokio::test]
async fn a_limited_response_says_how_its_key_stands() {
    for (style, expected) in [
        (
            LimitStyle::Ietf,
            vec![
                ("ratelimit-policy", "\"uploads\";q=1;w=60"),
                ("ratelimit", "\"uploads\";r=0;t=60"),
            ],
        ),
        (
            LimitStyle::XRateLimit,
            vec![
                ("x-ratelimit-limit", "1"),
                ("x-ratelimit-remaining", "0"),
                ("x-ratelimit-reset", "1800000060"),
            ],
        ),
    ] {
        let dialect = Dialect::builder("acme").named_limits([("uploads", 1)]).limit_style(style);
        let dialect = dialect.build().unwrap();
        let rejection = limited(&dialect).await;
        let refusal = dialect.refuse(&rejection, "r", Timestamp::from_millis(0));
        assert_eq!(refusal.status, 429);
        let headers = refusal.headers.iter().map(|(name, value)| (*name, value.as_str()));
        let mut all = vec![("content-type", "application/problem+json"), ("retry-after", "60")];
        all.extend(expected);
        assert_eq!(headers.collect::<Vec<_>>(), all);
        let mut shown = Vec::new();
        dialect.show_limit(rejection.standing().unwrap(), |field, value| {
            shown.push((field.name(), value.to_owned()));
        });
        assert_eq!(shown, refusal.headers[2..]);
    }
}

/// The refusal of a key's second upload in a minute.
async fn limited(dialect: &Dialect) -> keyward_core::verify::Rejection {
    use keyward_core::clock::TestClock;
    use keyward_core::manage::{KeyManager, NewKey};
    use keyward_core::store::MemoryStore;
    use keyward_core::verify::{HeaderValues, RequestHead, Verifier};

    struct Bearer(String);

    impl RequestHead for Bearer {
        fn header(&self, name: &str) -> HeaderValues<'_> {
            HeaderValues::of((name == "authorization").then_some(self.0.as_bytes()))
        }

        fn query(&self) -> Option<&str> {
            None
        }
    }

    let store = MemoryStore::new();
    let clock = TestClock::at(Timestamp::from_millis(1_800_000_000_000));
    let manager = KeyManager::builder(dialect.clone(), store.clone()).open().await.unwrap();
    let verifier = Verifier::builder(dialect.clone(), store)
        .with_max_staleness(Duration::from_hours(1))
        .with_clock(std::sync::Arc::new(clock))
        .build()
        .unwrap();
    let key = manager.create(NewKey::new("acme", "ci")).await.unwrap().key;
    let head = Bearer(format!("Bearer {}", key.expose()));
    let uploads = dialect.limit_id("uploads").unwrap();
    let first = verifier.verify(&head).await.unwrap();
    verifier.require_limit(&first, uploads).await.unwrap();
    let second = verifier.verify(&head).await.unwrap();
    verifier.require_limit(&second, uploads).await.unwrap_err()
}
