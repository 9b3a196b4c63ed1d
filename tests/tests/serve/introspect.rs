//! `POST /introspect`, as RFC 7662 has it.

use keyward_tests::{Answer, Served};
use reqwest::Method;
use serde_json::json;

use crate::KEYWARD;

async fn introspect(served: &Served, operator: &str, form: &str) -> Answer {
    let request = served.client.request(Method::POST, "/introspect").bearer_auth(operator);
    let form_type = "application/x-www-form-urlencoded";
    let request = request.header("content-type", form_type).body(form.to_owned());
    served.client.send(request).await
}

#[tokio::test]
async fn an_active_key_is_described() {
    let served = Served::start(KEYWARD, &[]).await;
    let more = json!({"scopes": ["b", "a"], "expires_at": "2100-01-01T00:00:00Z"});
    let (id, key) = served.create(more).await;
    let form = format!("token_type_hint=access_token&token={key}");
    let answer = introspect(&served, served.operator(), &form).await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, Some("no-store")));
    assert_eq!(
        answer.json(),
        json!({
            "active": true,
            "client_id": id,
            "sub": "acme",
            "jti": id,
            "token_type": "Bearer",
            "scope": "a b",
            "exp": 4_102_444_800_i64,
        })
    );
}

#[tokio::test]
async fn the_scopes_of_full_access_are_those_that_there_are() {
    let served = Served::start(KEYWARD, &["--dialect", "bigspin"]).await;
    let created = served.post("/api/v1/api-keys", &json!({"name": "full access"})).await.json();
    let key = created.pointer("/data/key").or_else(|| created.get("key")).unwrap();
    let form = format!("token={}", key.as_str().unwrap());
    let answer = introspect(&served, served.operator(), &form).await.json();
    let scope = answer["scope"].as_str().unwrap();
    assert!(scope.split(' ').any(|name| name == "projects-read"), "{scope}");
}

#[tokio::test]
async fn whatever_is_not_good_is_inactive_and_nothing_else() {
    let served = Served::start(KEYWARD, &[]).await;
    let (id, revoked) = served.create(json!({})).await;
    served.revoke(&id).await;
    let (_, good) = served.create(json!({})).await;
    let elsewhere = served.new_operator("globex", "verify").await;
    for (operator, token) in [
        (served.operator(), &*revoked),
        (served.operator(), "kw_live_guess"),
        (served.operator(), "eyJhbGciOi.J9.x"),
        (served.operator(), ""),
        (&*elsewhere, &*good),
    ] {
        let answer = introspect(&served, operator, &format!("token={token}")).await;
        assert_eq!((answer.status, &*answer.body), (200, r#"{"active":false}"#));
    }
}

#[tokio::test]
async fn a_request_without_one_token_is_none() {
    let served = Served::start(KEYWARD, &[]).await;
    for form in ["", "tokens=a", "token=a&token=b", r#"{"token":"a"}"#] {
        let answer = introspect(&served, served.operator(), form).await;
        assert_eq!((answer.status, &answer.json()["error"]), (400, &json!("invalid_request")));
    }
}

#[tokio::test]
async fn a_key_over_its_limit_is_not_called_inactive() {
    let served = Served::start(KEYWARD, &[]).await;
    let (_, key) = served.create(json!({"rate_limit_per_min": 1})).await;
    let form = format!("token={key}");
    assert_eq!(introspect(&served, served.operator(), &form).await.json()["active"], true);
    let limited = introspect(&served, served.operator(), &form).await;
    assert_eq!(limited.status, 429);
    assert!(limited.header("retry-after").is_some());
}
