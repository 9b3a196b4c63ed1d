//! What a response says of its key's limit.

use std::time::Duration;

use keyward::dialect::Dialect;
use keyward::limit::LimitStyle;
use keyward::manage::{KeyUpdate, NewKey};
use keyward_tests::{Answer, Logs};

use crate::stage::{BEGIN, Stage};

const IETF: [&str; 2] = ["ratelimit-policy", "ratelimit"];
const X_RATE_LIMIT: [&str; 3] = ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"];

fn of<'a, const N: usize>(answer: &'a Answer, names: [&str; N]) -> [Option<&'a str>; N] {
    names.map(|name| answer.header(name))
}

async fn two_styles() -> [Stage; 2] {
    let with = |style| Dialect::builder("acme").limit_style(style).build().unwrap();
    [Stage::of(with(LimitStyle::Ietf)).await, Stage::of(with(LimitStyle::XRateLimit)).await]
}

#[tokio::test]
async fn a_response_says_what_is_left_and_until_when_in_the_drafts_words() {
    let [stage, _] = two_styles().await;
    for serving in stage.serve().await {
        let client = serving.client();
        let (_, key) = stage.key(2).await;
        let first = client.get("/", key.expose()).await;
        let policy = Some(r#""default";q=2;w=60"#);
        assert_eq!(of(&first, IETF), [policy, Some(r#""default";r=1;t=60"#)]);
        assert_eq!(of(&first, X_RATE_LIMIT), [None; 3]);
        stage.clock.advance(Duration::from_millis(12_500));
        let second = client.get("/", key.expose()).await;
        assert_eq!(of(&second, IETF), [policy, Some(r#""default";r=0;t=48"#)]);
        let refused = client.get("/", key.expose()).await;
        assert_eq!((refused.status, refused.header("retry-after")), (429, Some("48")));
        assert_eq!(of(&refused, IETF), [policy, Some(r#""default";r=0;t=48"#)]);
        assert!(refused.body.contains("Try again in 48 seconds."), "{}", refused.body);
    }
}

#[tokio::test]
async fn a_response_says_what_is_left_and_until_when_in_the_usual_words() {
    let [_, stage] = two_styles().await;
    let mut begin = BEGIN;
    for serving in stage.serve().await {
        let client = serving.client();
        let (_, key) = stage.key(2).await;
        let reset = (begin + 60).to_string();
        let first = client.get("/", key.expose()).await;
        assert_eq!(of(&first, X_RATE_LIMIT), [Some("2"), Some("1"), Some(&*reset)]);
        assert_eq!(of(&first, IETF), [None; 2]);
        stage.clock.advance(Duration::from_secs(10));
        begin += 10;
        for status in [200, 429] {
            let answer = client.get("/", key.expose()).await;
            assert_eq!(answer.status, status);
            assert_eq!(of(&answer, X_RATE_LIMIT), [Some("2"), Some("0"), Some(&*reset)]);
        }
    }
}

#[tokio::test]
async fn a_refusal_of_a_good_key_says_so_too_and_one_of_a_bad_key_does_not() {
    let [stage, _] = two_styles().await;
    for serving in stage.serve().await {
        let client = serving.client();
        let (id, key) = stage.key(9).await;
        let none = KeyUpdate::new().with_grant(keyward::key::Grant::Only("".parse().unwrap()));
        stage.manager.update(&id, none).await.unwrap();
        let lacks = client.get("/read", key.expose()).await;
        assert_eq!((lacks.status, lacks.header("ratelimit")), (403, Some(r#""default";r=8;t=60"#)));
        let nowhere = client.get("/nowhere", key.expose()).await;
        assert_eq!(nowhere.status, 404);
        assert_eq!(nowhere.header("ratelimit"), Some(r#""default";r=7;t=60"#));
        for answer in [client.get("/", "not a key").await, client.get_without_key("/").await] {
            assert_eq!((answer.status, of(&answer, IETF)), (401, [None; 2]));
        }
    }
}

#[tokio::test]
async fn a_key_without_a_limit_hears_of_none() {
    let [stage, _] = two_styles().await;
    for serving in stage.serve().await {
        let key = stage.manager.create(NewKey::new("acme", "unlimited")).await.unwrap().key;
        let answer = serving.client().get("/", key.expose()).await;
        assert_eq!((answer.status, of(&answer, IETF)), (200, [None; 2]));
    }
}

#[tokio::test]
async fn what_the_application_says_stands_alone() {
    for stage in two_styles().await {
        for serving in stage.serve().await {
            let (_, key) = stage.key(9).await;
            let answer = serving.client().get("/own", key.expose()).await;
            assert_eq!(answer.header("ratelimit"), Some("mine"));
            assert_eq!(answer.header("x-ratelimit-limit"), Some("mine"));
        }
    }
}

#[tokio::test]
async fn a_named_limit_is_shown_where_it_is_asked_for() {
    let dialect = Dialect::builder("acme").named_limits([("uploads", 2)]);
    let stage = Stage::of(dialect.build().unwrap()).await;
    for serving in stage.serve().await {
        let client = serving.client();
        let (_, key) = stage.key(9).await;
        for (status, remaining) in [(200, 1), (200, 0), (429, 0)] {
            let answer = client.get("/uploads", key.expose()).await;
            assert_eq!(answer.status, status);
            let left = format!("\"uploads\";r={remaining};t=60");
            assert_eq!(of(&answer, IETF), [Some(r#""uploads";q=2;w=60"#), Some(&*left)]);
        }
        let elsewhere = client.get("/", key.expose()).await;
        assert_eq!(elsewhere.header("ratelimit"), Some(r#""default";r=5;t=60"#));
    }
}

#[tokio::test]
async fn a_limit_that_the_dialect_has_not_is_a_mistake_that_the_log_names() {
    let (logs, _guard) = Logs::of_thread();
    let [stage, _] = two_styles().await;
    // actix-web serves on a thread of its own, whose log this test does not hear.
    for serving in stage.serve().await {
        let (_, key) = stage.key(9).await;
        assert_eq!(serving.client().get("/unknown", key.expose()).await.status, 500);
    }
    let log = logs.text();
    assert!(log.contains("downloads") && log.contains("[limits.named]"), "{log}");
}
