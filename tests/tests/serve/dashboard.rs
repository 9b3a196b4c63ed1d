//! The dashboard, to which the front page leads.

use keyward_tests::Served;
use reqwest::redirect::Policy;
use reqwest::{Response, StatusCode};
use serde_json::json;

use crate::KEYWARD;

/// What a browser sends back after somebody has signed in; nothing where they were refused.
async fn sign_in(served: &Served, key: &str) -> Option<String> {
    let http = reqwest::Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
    let request = http
        .post(format!("http://{}/dashboard/sign-in", served.program.address))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("secret={key}"));
    let response: Response = request.send().await.unwrap();
    if response.status() != StatusCode::SEE_OTHER {
        return None;
    }
    let cookie = response.headers()["set-cookie"].to_str().unwrap();
    cookie.split(';').next().map(str::to_owned)
}

async fn page(served: &Served, path: &str, cookie: &str) -> String {
    let request = served.client.request(reqwest::Method::GET, path).header("cookie", cookie);
    served.client.send(request).await.body
}

#[tokio::test]
async fn the_front_page_leads_there_and_the_first_operator_signs_in() {
    let served = Served::start(KEYWARD, &["--dialect", "bigspin"]).await;
    let asked = served.client.get_without_key("/").await;
    assert_eq!(asked.status, 200);
    assert!(asked.body.contains("Operator key") && asked.body.contains("Sign in"));
    let cookie = sign_in(&served, served.operator()).await.unwrap();
    let list = page(&served, "/dashboard", &cookie).await;
    assert!(list.contains("There are no keys yet") && list.contains("first operator ("));
}

#[tokio::test]
async fn operators_manage_keys_there_in_their_own_workspace_and_only_where_they_may_write() {
    let served = Served::start(KEYWARD, &[]).await;
    served.create(json!({"name": "of acme"})).await;
    for scopes in ["keys-read", "verify metrics"] {
        let reader = served.new_operator("*", scopes).await;
        assert_eq!(sign_in(&served, &reader).await, None, "{scopes}");
    }
    let everywhere = served.new_operator("*", "keys-write").await;
    let cookie = sign_in(&served, &everywhere).await.unwrap();
    assert!(page(&served, "/dashboard", &cookie).await.contains("of acme"));
    let elsewhere = served.new_operator("globex", "keys-write").await;
    let cookie = sign_in(&served, &elsewhere).await.unwrap();
    assert!(page(&served, "/dashboard", &cookie).await.contains("There are no keys yet"));
}
