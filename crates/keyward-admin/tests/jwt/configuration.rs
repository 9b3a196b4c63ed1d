use std::time::Duration;

use keyward_admin::jwt::{Jwks, JwtGuard};

use crate::support::ISSUER;

#[test]
fn keys_come_over_https_or_from_this_machine() {
    for url in [
        "https://clerk.onepin.example/.well-known/jwks.json",
        "HTTPS://clerk.onepin.example",
        "http://127.0.0.1:8080/jwks.json",
        "http://localhost/jwks.json",
        "http://[::1]:8080/jwks.json",
    ] {
        Jwks::at(url).unwrap_or_else(|error| panic!("{url}: {error}"));
    }
    for (url, sentence) in [
        ("http://clerk.onepin.example/jwks.json", "fetch the JWKS over https"),
        ("http://127.0.0.1.mallory.example/", "fetch the JWKS over https"),
        ("http://10.0.0.1/", "fetch the JWKS over https"),
        ("http://localhost@clerk.mallory.example/", "fetch the JWKS over https"),
        ("ftp://127.0.0.1/jwks.json", "fetch the JWKS over https"),
        ("", "write one such as https://"),
        ("/jwks.json", "write one such as https://"),
        ("https://", "write one such as https://"),
        ("not a url", "write one such as https://"),
    ] {
        let error = Jwks::at(url).unwrap_err().to_string();
        assert!(error.contains(sentence), "{url}: {error}");
    }
}

#[test]
fn a_guard_says_what_it_lacks() {
    let jwks = || Jwks::at("https://clerk.onepin.example/.well-known/jwks.json").unwrap();
    let refused = |builder: keyward_admin::jwt::JwtGuardBuilder| builder.build().unwrap_err();
    let guard = || JwtGuard::builder(jwks()).with_issuer(ISSUER);
    assert!(refused(guard()).to_string().contains("inside a tokio runtime"));

    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _inside = runtime.enter();
    for nobody in [JwtGuard::builder(jwks()), JwtGuard::builder(jwks()).with_issuer("")] {
        assert!(refused(nobody).to_string().contains(".with_issuer("));
    }
    let minute = Duration::from_mins(1);
    guard().with_leeway(minute).build().unwrap();
    let more = guard().with_leeway(minute + Duration::from_nanos(1));
    assert_eq!(refused(more).to_string(), "set a leeway of at most a minute");
}
