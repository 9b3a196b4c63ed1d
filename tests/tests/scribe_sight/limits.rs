//! 600 requests a minute, 100 of them uploads and 50 analyses.

use std::time::Duration;

use keyward::clock::{Clock, SystemClock};
use keyward_tests::Answer;
use keyward_tests::scribe_sight::assert_answers;
use serde_json::json;

use super::service::start_in_memory;

const UPLOAD: &str = "/projects/proj_interviews/content/upload-url";

fn number(answer: &Answer, name: &str) -> u64 {
    answer.header(name).unwrap().parse().unwrap()
}

/// The limit that an answer tells of, what is left, and a moment within the next minute.
#[track_caller]
fn limit(answer: &Answer) -> (u64, u64) {
    let now = SystemClock::new().now().timestamp.as_millis().cast_unsigned() / 1000;
    let reset = number(answer, "x-ratelimit-reset");
    assert!((now..=now + Duration::from_secs(61).as_secs()).contains(&reset), "{reset} at {now}");
    (number(answer, "x-ratelimit-limit"), number(answer, "x-ratelimit-remaining"))
}

/// C5, whole.
#[track_caller]
fn assert_limited(answer: &Answer, expected: u64) {
    assert_eq!(limit(answer), (expected, 0));
    let seconds = number(answer, "retry-after");
    assert!((1..=60).contains(&seconds), "{seconds}");
    let body = format!(
        r#"{{"error":{{"code":"rate_limit_exceeded","message":"Too many requests. Please retry after {seconds} seconds.","details":{{"retry_after":{seconds}}}}},"meta":{{"request_id":"{{{{request_id}}}}"}}}}"#
    );
    assert_answers(answer, 429, &body, &[("retry-after", &seconds.to_string())]);
}

#[tokio::test]
async fn a_key_asks_600_times_a_minute() {
    let system = start_in_memory().await;
    for sent in 1..=600 {
        let answer = system.get("read", "/org").await;
        assert_eq!((answer.status, limit(&answer)), (200, (600, 600 - sent)));
    }
    for path in ["/org", "/api-keys", "/nowhere"] {
        assert_limited(&system.get("read", path).await, 600);
    }
    assert_eq!(limit(&system.get("secret", "/org").await), (600, 599), "each key by itself");
}

#[tokio::test]
async fn a_key_begins_100_uploads_a_minute_and_its_other_requests_go_on() {
    let system = start_in_memory().await;
    let body = json!({"filename": "call.mp3"});
    for label in ["publishable", "secret"] {
        for sent in 1..=100 {
            let answer = system.post(label, UPLOAD, &body).await;
            assert_eq!((answer.status, limit(&answer)), (201, (100, 100 - sent)));
        }
        assert_limited(&system.post(label, UPLOAD, &body).await, 100);
    }
    let answer = system.get("secret", "/org").await;
    assert_eq!((answer.status, limit(&answer)), (200, (600, 600 - 102)));
}

#[tokio::test]
async fn a_key_triggers_50_analyses_a_minute() {
    let system = start_in_memory().await;
    let upload = system.post("secret", UPLOAD, &json!({"filename": "call.mp3"})).await.json();
    let id = upload["data"]["content_id"].as_str().unwrap();
    let path = format!("/projects/proj_interviews/content/{id}/analyze");
    for sent in 1..=50 {
        let answer = system.post("secret", &path, &json!({})).await;
        assert_eq!((answer.status, limit(&answer)), (202, (50, 50 - sent)));
    }
    assert_limited(&system.post("secret", &path, &json!({})).await, 50);
}

#[tokio::test]
async fn what_is_refused_before_is_not_counted_by_the_route() {
    let system = start_in_memory().await;
    let (own, elsewhere) = ["proj_interviews", "proj_support"]
        .map(|project| format!("/projects/{project}/content/x/analyze"))
        .into();
    for _ in 0..60 {
        assert_eq!(system.post("read", &own, &json!({})).await.status, 403);
        assert_eq!(system.post("project", &elsewhere, &json!({})).await.status, 403);
    }
    let answer = system.post("project", &own, &json!({})).await;
    assert_eq!((answer.status, limit(&answer)), (404, (50, 49)));
}
