//! What every response has, and which requests are refused.

use keyward::dialect::Dialect;
use keyward::manage::ListKeys;
use reqwest::Method;

use crate::stage::{Stage, encoded, seal};

#[tokio::test]
async fn every_response_keeps_others_out() {
    let stage = Stage::of(Dialect::bigspin()).await;
    let ada = stage.signed_in().await;
    let id = stage.key("acme", "production").await.record.id;
    for (method, path, status) in [
        (Method::GET, "/dashboard", 200),
        (Method::HEAD, "/dashboard", 200),
        (Method::GET, "/dashboard/new", 200),
        (Method::GET, "/dashboard/none", 404),
        (Method::POST, "/dashboard", 405),
        (Method::DELETE, "/dashboard/new", 405),
        (Method::GET, "/dashboard/sign-out", 405),
        (Method::GET, "/dashboard/sign-in", 200),
        (Method::GET, &*format!("/dashboard/keys/{id}"), 200),
    ] {
        let answer = ada.ask(method.clone(), path, None).await;
        assert_eq!(answer.status, status, "{method} {path}");
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'self'; script-src 'self';"));
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"));
        for (name, value) in [
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{method} {path}");
        }
        assert!(!answer.body.contains(" style=") && !answer.body.contains("<style"));
        assert!(!answer.body.contains(" onclick") && !answer.body.contains("<script>"));
    }
}

#[tokio::test]
async fn a_form_of_another_site_or_of_nobody_does_nothing() {
    let stage = Stage::guarded(Dialect::bigspin()).await;
    let (ada, eve) = (stage.person("ada", Some("acme")), stage.person("eve", Some("acme")));
    let (own, others) = (ada.page("/dashboard/new").await, eve.page("/dashboard/new").await);
    let fields = |seal| {
        encoded(&[
            ("seal", seal),
            ("name", "forged"),
            ("kind", "secret"),
            ("access", "all"),
            ("reach", "all"),
            ("expires", "never"),
        ])
    };
    let good = fields(seal(&own));
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
    ] {
        let answer = ada
            .clone()
            .with(name, value)
            .ask(Method::POST, "/dashboard/new", Some(good.clone()))
            .await;
        assert_eq!(answer.status, 403, "{name}: {value}");
        assert!(answer.body.contains("This form came from elsewhere"));
        assert_eq!(answer.header("x-frame-options"), Some("DENY"));
    }
    for bad in [fields(seal(&others)), fields(""), fields("00"), "name=forged".to_owned()] {
        let answer = ada.ask(Method::POST, "/dashboard/new", Some(bad)).await;
        assert_eq!(answer.status, 403);
    }
    let json = ada.clone().with("content-type", "application/json");
    assert_eq!(json.ask(Method::POST, "/dashboard/new", None).await.status, 415);
    let large = encoded(&[("seal", seal(&own)), ("name", &"x".repeat(70_000))]);
    assert_eq!(ada.ask(Method::POST, "/dashboard/new", Some(large)).await.status, 413);
    assert_eq!(stage.manager.count(&ListKeys::new()).await.unwrap(), 0);
    let answer = ada.ask(Method::POST, "/dashboard/new", Some(good)).await;
    assert_eq!(answer.status, 303, "the same form from its own page");
}
