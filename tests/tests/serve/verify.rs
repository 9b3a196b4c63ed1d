//! `POST /verify`: whose a key is, or how its request is to be refused.

use std::time::Duration;

use keyward_tests::{Served, within};
use serde_json::{Value, json};

use crate::KEYWARD;

#[tokio::test]
async fn a_good_key_is_told_with_whose_it_is_and_what_it_can_do() {
    let served = Served::start(KEYWARD, &[]).await;
    let (id, key) = served
        .create(json!({
            "scopes": ["projects-read", "projects-write"],
            "resources": ["project_7"],
            "rate_limit_per_min": 5,
            "expires_at": "2100-01-01T00:00:00Z",
        }))
        .await;
    let answer = served.verify(&json!({"key": key, "scopes": "admin | projects-read"})).await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, Some("no-store")));
    let mut verdict = answer.json();
    let headers = verdict["headers"].take();
    assert_eq!(headers["ratelimit-policy"], "\"default\";q=5;w=60");
    assert!(headers["ratelimit"].as_str().unwrap().starts_with("\"default\";r=4;t="));
    assert_eq!(
        verdict,
        json!({
            "valid": true,
            "id": id,
            "workspace": "acme",
            "name": "a test's key",
            "kind": "live",
            "environment": "live",
            "scopes": ["projects-read", "projects-write"],
            "resources": ["project_7"],
            "expires_at": "2100-01-01T00:00:00.000Z",
            "metadata": null,
            "headers": null,
        })
    );
    assert!(!answer.body.contains(&key));
}

#[tokio::test]
async fn a_refusal_is_the_one_of_the_layer_byte_for_byte() {
    let served = Served::start(KEYWARD, &["--dialect", "bigspin"]).await;
    let unknown = "sk-bigspin-api03-0000000000000000000000000000000000000000000";
    let by_layer = served.client.get("/auth", unknown).await;
    let answer = served.verify(&json!({"key": unknown})).await;
    let verdict = answer.json();
    assert_eq!((answer.status, &verdict["valid"]), (200, &json!(false)));
    assert_eq!((&verdict["code"], &verdict["status"]), (&json!("unknown"), &json!(401)));
    for name in ["content-type", "www-authenticate"] {
        assert_eq!(verdict["headers"][name], by_layer.header(name).unwrap(), "{name}");
    }
    // Bigspin's bodies say nothing of the request.
    assert_eq!(verdict["body"], by_layer.body);
}

#[tokio::test]
async fn each_reason_is_told() {
    let served = Served::start(KEYWARD, &[]).await;
    let (id, revoked) = served.create(json!({})).await;
    served.revoke(&id).await;
    let (_, reader) =
        served.create(json!({"scopes": ["projects-read"], "resources": ["p1"]})).await;
    let (_, limited) = served.create(json!({"rate_limit_per_min": 1})).await;
    let ask = async |question: Value, code: &str, status: u16| {
        let answer = served.verify(&question).await;
        let verdict = answer.json();
        assert_eq!((answer.status, &verdict["valid"]), (200, &json!(false)), "{question}");
        assert_eq!((&verdict["code"], &verdict["status"]), (&json!(code), &json!(status)));
        let body: Value = serde_json::from_str(verdict["body"].as_str().unwrap()).unwrap();
        assert_eq!(body["status"], status);
        assert_eq!(body["request_id"], answer.header("x-request-id").unwrap());
        verdict
    };
    ask(json!({"key": revoked}), "revoked", 401).await;
    ask(json!({"key": ""}), "missing", 401).await;
    ask(json!({"key": "kw_live_guess"}), "malformed", 401).await;
    ask(json!({"key": "\u{0}\r\nx: y"}), "malformed", 401).await;
    let scope = ask(json!({"key": reader, "scopes": "projects-write"}), "scope", 403).await;
    let challenge = scope["headers"]["www-authenticate"].as_str().unwrap();
    assert!(challenge.ends_with("scope=\"projects-write\""), "{challenge}");
    ask(json!({"key": reader, "resource": "p2"}), "resource", 403).await;
    assert_eq!(served.verify(&json!({"key": limited})).await.json()["valid"], true);
    let limit = ask(json!({"key": limited}), "rate_limited", 429).await;
    assert!(limit["headers"]["retry-after"].is_string(), "{limit}");
}

#[tokio::test]
async fn a_list_is_answered_in_its_order() {
    let served = Served::start(KEYWARD, &[]).await;
    let (first, one) = served.create(json!({})).await;
    let (third, two) = served.create(json!({})).await;
    let questions = json!([{"key": one}, {"key": "junk"}, {"key": two}]);
    let verdicts = served.verify(&questions).await.json();
    assert_eq!((&verdicts[0]["id"], &verdicts[2]["id"]), (&json!(first), &json!(third)));
    assert_eq!(verdicts[1]["valid"], false);
    assert_eq!(served.verify(&json!([])).await.json(), json!([]));
    let many = vec![json!({"key": one}); 100];
    assert_eq!(served.verify(&many.into()).await.json().as_array().unwrap().len(), 100);
    let too_many = vec![json!({"key": one}); 101];
    assert_eq!(served.verify(&too_many.into()).await.status, 400);
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_and_not_repeated() {
    let served = Served::start(KEYWARD, &[]).await;
    let (_, key) = served.create(json!({})).await;
    for body in [
        // Misspelled, it would ask for nothing.
        json!({"key": key, "scope": "projects-read"}),
        json!({"key": key, "scopes": ""}),
        json!({"key": key, "scopes": "read |"}),
        json!({"key": key, "scopes": ["projects-read"]}),
        json!({"key": 7}),
        json!({"keys": key}),
        json!(key),
        json!([key]),
        json!([{"key": key}, null]),
        json!(null),
    ] {
        let answer = served.verify(&body).await;
        assert_eq!(answer.status, 400, "{body}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        assert!(!answer.body.contains(&key), "{}", answer.body);
        assert_eq!(answer.json()["code"], "invalid_request");
    }
    let large = json!({"key": "x".repeat(2_000_000)});
    assert_eq!(served.verify(&large).await.status, 413);
}

#[tokio::test]
async fn a_key_that_another_process_revoked_is_refused_within_the_bound() {
    let served = Served::start(KEYWARD, &["--max-staleness", "1s"]).await;
    let (id, key) = served.create(json!({})).await;
    assert_eq!(served.client.get("/auth", &key).await.status, 200);
    let revoked = served.keys(&["revoke", &id, "--store", "sqlite://keyward.db"]).await;
    assert_eq!(revoked.code, Some(0), "{}", revoked.stderr);
    within(Duration::from_secs(1), 401, async || served.client.get("/auth", &key).await).await;
    assert_eq!(served.verify(&json!({"key": key})).await.json()["code"], "revoked");
}

#[tokio::test]
async fn a_key_with_networks_is_good_from_there() {
    let served = Served::start(KEYWARD, &[]).await;
    let (_, key) = served.create(json!({"networks": ["203.0.113.0/24"]})).await;
    for (address, code) in [
        (json!("203.0.113.7"), Value::Null),
        (json!("198.51.100.9"), json!("network")),
        (Value::Null, json!("network")),
    ] {
        let verdict = served.verify(&json!({"key": key, "address": address})).await.json();
        assert_eq!(verdict["code"], code, "{address}");
    }
    assert_eq!(served.verify(&json!({"key": key, "address": "office"})).await.status, 400);
}
