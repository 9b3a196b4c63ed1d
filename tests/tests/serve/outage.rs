//! A store that is down: nothing is said of any key.

use keyward_tests::{Postgres, Served};
use reqwest::Method;
use serde_json::json;

use crate::KEYWARD;

#[tokio::test]
async fn a_store_that_is_down_never_makes_a_key_bad() {
    let postgres = Postgres::start();
    let store = postgres.database();
    let operators = "sqlite://keyward-operators.db";
    let arguments = ["--store", &*store, "--operators", operators, "--max-staleness", "1s"];
    let served = Served::start(KEYWARD, &arguments).await;
    let (_, key) = served.create(json!({})).await;
    served.until("/readyz", 200).await;
    postgres.kill();
    let ready = served.until("/readyz", 503).await;
    assert_eq!(ready.json()["ready"], false);
    assert_eq!(served.client.get_without_key("/healthz").await.status, 200);

    let one = served.verify(&json!({"key": key})).await;
    let list = served.verify(&json!([{"key": "junk"}, {"key": key}])).await;
    let form = served.client.request(Method::POST, "/introspect").bearer_auth(served.operator());
    let introspected = served.client.send(form.body(format!("token={key}"))).await;
    let auth = served.client.get("/auth", &key).await;
    for answer in [one, list, introspected, auth] {
        assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")));
        assert!(!answer.body.contains("valid") && !answer.body.contains("active"));
    }

    postgres.restart();
    served.until("/readyz", 200).await;
    assert_eq!(served.verify(&json!({"key": key})).await.json()["valid"], true);
}
