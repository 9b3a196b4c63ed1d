//! `rate_limit_per_min` is enforced.

use keyward_tests::Answer;
use keyward_tests::onepin::assert_error;
use serde_json::json;

use crate::stage::Stage;

/// O4 of a key with this limit, whole, and when to come back.
#[track_caller]
fn assert_limited(answer: &Answer, limit: u32) {
    let seconds = answer.header("retry-after").unwrap().to_owned();
    assert!((1..=60).contains(&seconds.parse::<u32>().unwrap()), "{seconds}");
    let policy = format!("\"default\";q={limit};w=60");
    let state = format!("\"default\";r=0;t={seconds}");
    let more = [("retry-after", &*seconds), ("ratelimit-policy", &policy), ("ratelimit", &state)];
    assert_error(answer, 429, "RATE_LIMITED", "Rate limit exceeded", &more);
}

#[tokio::test]
async fn a_slow_key_is_let_in_twice_a_minute() {
    let stage = Stage::start().await;
    for remaining in [1, 0] {
        let answer = stage.get(stage.key("slow"), "/workflows").await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("ratelimit-policy"), Some(r#""default";q=2;w=60"#));
        let left = answer.header("ratelimit").unwrap();
        assert!(left.starts_with(&format!("\"default\";r={remaining};t=")), "{left}");
    }
    for path in ["/workflows", "/auth/whoami", "/api-keys", "/nowhere"] {
        assert_limited(&stage.get(stage.key("slow"), path).await, 2);
    }
    let other = stage.get(stage.key("reader"), "/workflows").await;
    assert_eq!((other.status, other.header("ratelimit")), (200, None), "it has no limit");
}

#[tokio::test]
async fn a_changed_limit_counts_from_the_next_request() {
    let stage = Stage::start().await;
    let body = json!({"name": "A", "scopes": ["workflows:read"], "rate_limit_per_min": 1});
    let made = stage.manage("POST", "", &body.to_string()).await.json();
    let (id, key) = (made["data"]["id"].as_str().unwrap(), made["data"]["api_key"].as_str());
    let key = key.unwrap();
    let change = async |limit: serde_json::Value| {
        let body = json!({"rate_limit_per_min": limit}).to_string();
        assert_eq!(stage.manage("PATCH", &format!("/{id}"), &body).await.status, 200);
    };
    assert_eq!(stage.get(key, "/workflows").await.status, 200);
    assert_limited(&stage.get(key, "/workflows").await, 1);
    change(json!(2)).await;
    assert_eq!(stage.get(key, "/workflows").await.status, 200);
    assert_limited(&stage.get(key, "/workflows").await, 2);
    change(json!(1)).await;
    assert_limited(&stage.get(key, "/workflows").await, 1);
    change(json!(null)).await;
    for _ in 0..5 {
        let answer = stage.get(key, "/workflows").await;
        assert_eq!((answer.status, answer.header("ratelimit")), (200, None));
    }
}
