//! Who may ask: operators, by their scopes and in their workspace.

use keyward_tests::Served;
use reqwest::Method;
use serde_json::{Value, json};

use crate::KEYWARD;

const PATHS: [(&str, Method); 5] = [
    ("/metrics", Method::GET),
    ("/verify", Method::POST),
    ("/introspect", Method::POST),
    ("/api-keys", Method::GET),
    ("/api-keys", Method::POST),
];

#[tokio::test]
async fn without_an_operators_key_nothing_is_told() {
    let served = Served::start(KEYWARD, &[]).await;
    let (_, key) = served.create(json!({})).await;
    for (path, method) in PATHS {
        for key in [None, Some(&*key), Some("kwop_guess"), Some("")] {
            let mut request = served.client.request(method.clone(), path);
            if let Some(key) = key {
                request = request.bearer_auth(key);
            }
            let answer = served.client.send(request.body("{")).await;
            assert_eq!(answer.status, 401, "{method} {path} {key:?}");
            assert!(answer.header("www-authenticate").unwrap().contains("operator"));
        }
    }
}

#[tokio::test]
async fn each_scope_opens_its_own_part() {
    let served = Served::start(KEYWARD, &[]).await;
    let (_, key) = served.create(json!({})).await;
    let form = format!("token={key}");
    for (scopes, statuses) in [
        ("metrics", [200, 403, 403, 403, 403]),
        ("verify", [403, 200, 200, 403, 403]),
        ("keys-read", [403, 403, 403, 200, 403]),
        ("keys-write", [403, 403, 403, 200, 201]),
    ] {
        let operator = served.new_operator("*", scopes).await;
        let bodies = [
            String::new(),
            json!({"key": key}).to_string(),
            form.clone(),
            String::new(),
            json!({"name": "made", "workspace": "acme"}).to_string(),
        ];
        for (((path, method), body), status) in PATHS.into_iter().zip(bodies).zip(statuses) {
            let request = served.client.request(method, path).bearer_auth(&operator);
            let request = request.header("content-type", "application/json").body(body);
            assert_eq!(served.client.send(request).await.status, status, "{scopes} at {path}");
        }
    }
}

#[tokio::test]
async fn an_operator_of_one_workspace_knows_no_other() {
    let served = Served::start(KEYWARD, &[]).await;
    let (id, key) = served.create(json!({})).await;
    let operator = served.new_operator("globex", "verify keys-write").await;
    let ask = async |path: &str, body: Value| served.client.post(path, &operator, &body).await;

    let verdict = ask("/verify", json!({"key": key})).await.json();
    assert_eq!((&verdict["valid"], &verdict["code"]), (&json!(false), &json!("resource")));
    let own = served.client.get("/api-keys", &operator).await.json();
    assert_eq!(own["data"], json!([]));
    assert_eq!(served.client.get(&format!("/api-keys/{id}"), &operator).await.status, 404);
    assert_eq!(ask(&format!("/api-keys/{id}/revoke"), json!({})).await.status, 404);

    let made = ask("/api-keys", json!({"name": "own"})).await;
    assert_eq!((made.status, &made.json()["workspace"]), (201, &json!("globex")), "{}", made.body);
    let other = ask("/api-keys", json!({"name": "theirs", "workspace": "acme"})).await;
    assert_ne!(other.status, 201, "{}", other.body);
    let request = served.client.request(Method::GET, "/api-keys").bearer_auth(&operator);
    let named = served.client.send(request.header("x-workspace-id", "acme")).await;
    assert_eq!(named.status, 404);
}

#[tokio::test]
async fn a_revoked_operator_is_one_no_more() {
    let served = Served::start(KEYWARD, &["--max-staleness", "1s"]).await;
    let operator = served.new_operator("*", "keys-read").await;
    assert_eq!(served.client.get("/api-keys", &operator).await.status, 200);
    let store = ["--store", "sqlite://keyward-operators.db", "--json"];
    let listed = served.keys(&[&["list"], &store[..]].concat()).await;
    let listed: Value = serde_json::from_str(&listed.stdout).unwrap();
    let own = listed.as_array().unwrap().iter().find(|key| key["name"] == "an operator");
    let id = own.unwrap()["id"].as_str().unwrap();
    assert_eq!(served.keys(&[&["revoke", id], &store[..]].concat()).await.code, Some(0));
    let ask = async || served.client.get("/api-keys", &operator).await;
    keyward_tests::within(std::time::Duration::from_secs(1), 401, ask).await;
}

#[tokio::test]
async fn each_key_that_somebody_asks_about_is_counted_once() {
    let served = Served::start(KEYWARD, &[]).await;
    let guess = "kw_live_guess";
    assert_eq!(served.client.get("/auth", guess).await.status, 401);
    // nginx asks twice.
    let first = served.client.get("/auth/nginx", guess).await;
    let note = first.header("x-keyward-refusal").unwrap();
    let second = served.client.request(Method::GET, "/auth/refusal");
    let second = served.client.send(second.header("x-keyward-refusal", note)).await;
    assert_eq!((first.status, second.status), (401, 401));
    let (_, key) = served.create(json!({"scopes": ["read"]})).await;
    let questions = json!([{"key": guess}, {"key": key, "scopes": "write"}, {"key": guess}]);
    assert_eq!(served.verify(&questions).await.status, 200);
    let introspect = served.client.request(Method::POST, "/introspect");
    let introspect = introspect.bearer_auth(served.operator()).body(format!("token={guess}"));
    assert_eq!(served.client.send(introspect).await.json(), json!({"active": false}));

    let metrics = served.client.get("/metrics", served.operator()).await;
    for (outcome, times) in [("malformed", 5), ("scope", 1), ("unknown", 0)] {
        let line = format!("keyward_verifications_total{{outcome=\"{outcome}\"}} {times}\n");
        assert!(metrics.body.contains(&line), "{line}{}", metrics.body);
    }
}
