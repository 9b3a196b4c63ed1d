use keyward_core::verify::RejectionKind;
use keyward_tests::Logs;
use serde_json::{Value, json};

use crate::support::{
    ISSUER, Issuer, NOW, Signer, Stage, Verdict, assert_admitted, assert_unknown,
};

/// What becomes of a token, and what the log says about it.
async fn ask_and_read(stage: &Stage, logs: &Logs, token: &str) -> (Verdict, String) {
    let before = logs.text().len();
    let verdict = stage.ask(token).await;
    let log = logs.text().split_off(before);
    let lines = log.lines().filter(|line| line.contains("keyward: a JWT is refused"));
    (verdict, lines.collect())
}

/// A good token, and then each of these, which is refused for its reason.
async fn assert_refused(stage: &Stage, signer: &Signer, cases: Vec<(String, &str)>) {
    let (logs, _listening) = Logs::of_thread();
    assert_admitted(&stage.ask_signed(signer).await);
    for (token, reason) in cases {
        let (verdict, log) = ask_and_read(stage, &logs, &token).await;
        assert_unknown(&verdict);
        assert!(log.contains(reason), "{token} is refused because {log:?}, not {reason:?}");
        let parts = token.split('.').filter(|part| part.len() >= 16);
        let mut leaks = parts.filter(|part| logs.text().contains(part));
        assert_eq!(leaks.next(), None, "the log shows the token");
    }
}

#[tokio::test]
async fn a_token_whose_claims_are_not_good_here_is_refused() {
    let signer = Signer::rs256("k1");
    let issuer = Issuer::of([signer.jwk()]).await;
    let stage = Stage::of(issuer.jwks());
    let with = |changes: Value| {
        let mut claims = stage.claims();
        claims.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        signer.sign(&claims)
    };
    let without = |name: &str| {
        let mut claims = stage.claims();
        claims.as_object_mut().unwrap().remove(name);
        signer.sign(&claims)
    };
    let cases = vec![
        (with(json!({"exp": NOW - 5})), "its time is over"),
        (with(json!({"exp": 0})), "its time is over"),
        (without("exp"), "its `exp`"),
        (with(json!({"exp": null})), "its `exp`"),
        (with(json!({"exp": (NOW + 60).to_string()})), "its `exp`"),
        (with(json!({"exp": -1})), "its `exp`"),
        (with(json!({"exp": 1e300})), "its `exp`"),
        (with(json!({"nbf": NOW + 6})), "its `nbf`"),
        (with(json!({"nbf": "now"})), "its `nbf`"),
        (with(json!({"nbf": null})), "its `nbf`"),
        (without("iss"), "its `iss`"),
        (with(json!({"iss": "https://clerk.mallory.example"})), "its `iss`"),
        (with(json!({"iss": format!("{ISSUER}/")})), "its `iss`"),
        (with(json!({"iss": [ISSUER]})), "its `iss`"),
        (without("sub"), "no `sub`"),
        (with(json!({"sub": ""})), "no `sub`"),
        (with(json!({"sub": 1})), "no `sub`"),
        (signer.sign(&json!(["user_1"])), "no JWT"),
    ];
    assert_refused(&stage, &signer, cases).await;
}

#[tokio::test]
async fn a_token_that_the_key_has_not_signed_is_refused() {
    let (signer, mallory) = (Signer::rs256("k1"), Signer::rs256("k1"));
    let issuer = Issuer::of([signer.jwk()]).await;
    let stage = Stage::of(issuer.jwks());
    let claims = stage.claims();
    let (good, other) = (signer.sign(&claims), signer.sign(&json!({"iss": ISSUER, "sub": "root"})));
    let (message, signature) = good.rsplit_once('.').unwrap();
    let (header, _) = message.split_once('.').unwrap();
    let payload = other.split('.').nth(1).unwrap();

    let public = signer.jwk();
    let confused = |secret: &str| Signer::hs256("k1", secret.as_bytes()).sign(&claims);
    let own_key = json!({
        "jwk": mallory.jwk(), "jku": "https://mallory.example/jwks.json",
        "x5u": "https://mallory.example/key.pem", "x5c": ["AAAA"],
    });
    let cases = vec![
        (mallory.sign(&claims), "its signature"),
        (mallory.sign_with(&own_key, &claims), "its signature"),
        (format!("{header}.{payload}.{signature}"), "its signature"),
        (format!("{message}."), "its signature"),
        (format!("{message}.{}", &signature[..signature.len() - 6]), "its signature"),
        (format!("{message}.{signature}A"), "its signature"),
        (format!("{message}.{signature}AAA"), "no JWT"),
        (signer.sign_with(&json!({"alg": "none"}), &claims), "no JWT"),
        (format!("{}.", strip(&signer.sign_with(&json!({"alg": "none"}), &claims))), "no JWT"),
        (confused(public["n"].as_str().unwrap()), "its algorithm"),
        (confused(&public.to_string()), "its algorithm"),
        (signer.sign_with(&json!({"alg": "HS256"}), &claims), "its algorithm"),
        (signer.sign_with(&json!({"alg": "PS256"}), &claims), "its algorithm"),
        (signer.sign_with(&json!({"alg": "RS512"}), &claims), "its algorithm"),
        (signer.sign_with(&json!({"alg": "ES256"}), &claims), "its algorithm"),
        (signer.sign_with(&json!({"alg": null}), &claims), "no JWT"),
        (signer.sign_with(&json!({"crit": ["b64"], "b64": true}), &claims), "`crit`"),
        (signer.sign_with(&json!({"crit": []}), &claims), "`crit`"),
        (signer.sign_with(&json!({"kid": null}), &claims), "names no key"),
        (signer.sign_with(&json!({"kid": "k2"}), &claims), "does not have"),
        (signer.sign_with(&json!({"kid": 1}), &claims), "no JWT"),
        ("eyJ.e30.c2ln".to_owned(), "no JWT"),
        ("ey..".to_owned(), "no JWT"),
    ];
    assert_refused(&stage, &signer, cases).await;
}

fn strip(token: &str) -> &str {
    token.rsplit_once('.').unwrap().0
}

#[tokio::test]
async fn what_a_token_says_about_where_its_key_is_does_not_count() {
    let (signer, mallory) = (Signer::rs256("k1"), Signer::rs256("k1"));
    let issuer = Issuer::of([signer.jwk()]).await;
    let elsewhere = Issuer::of([mallory.jwk()]).await;
    let stage = Stage::of(issuer.jwks());
    let header = json!({"jku": elsewhere.url(), "x5u": elsewhere.url(), "jwk": mallory.jwk()});
    assert_admitted(&stage.ask(&signer.sign_with(&header, &stage.claims())).await);
    assert_unknown(&stage.ask(&mallory.sign_with(&header, &stage.claims())).await);
    assert_eq!(elsewhere.fetches(), 0);
}

#[tokio::test]
async fn a_token_longer_than_16_kib_is_refused_unread() {
    let signer = Signer::rs256("k1");
    let issuer = Issuer::of([signer.jwk()]).await;
    let stage = Stage::of(issuer.jwks());
    let token = |padding: usize| {
        let mut claims = stage.claims();
        claims["padding"] = "a".repeat(padding).into();
        signer.sign(&claims)
    };
    // Three bytes of claims are four of the token.
    let most = (1..).map(|less| 16 * 1024 * 3 / 4 - 3 * less).map(token);
    let longest = most.into_iter().find(|token| token.len() <= 16 * 1024).unwrap();
    assert!(longest.len() > 16 * 1024 - 4);
    assert_admitted(&stage.ask(&longest).await);
    let cases = vec![(format!("{longest}AAAA"), "16 KiB")];
    assert_refused(&stage, &signer, cases).await;
}

#[tokio::test]
async fn time_is_read_from_the_clock_with_the_leeway_on_both_sides() {
    let signer = Signer::es256("k1");
    let issuer = Issuer::of([signer.jwk()]).await;
    let stage = Stage::of(issuer.jwks());
    let lives = |nbf: f64, exp: f64| {
        signer.sign(&json!({"iss": ISSUER, "sub": "user_1", "nbf": nbf, "exp": exp}))
    };
    let now = 1_767_694_200.0;
    assert_admitted(&stage.ask(&lives(now + 5.0, now - 4.999)).await);
    assert_unknown(&stage.ask(&lives(now + 5.001, now + 60.0)).await);
    assert_unknown(&stage.ask(&lives(now, now - 5.0)).await);

    let token = lives(now, now + 60.0);
    stage.clock.advance(std::time::Duration::from_millis(64_999));
    assert_admitted(&stage.ask(&token).await);
    stage.clock.advance(std::time::Duration::from_millis(1));
    assert_unknown(&stage.ask(&token).await);
}

#[tokio::test]
async fn an_audience_counts_where_one_is_set() {
    let signer = Signer::es256("k1");
    let issuer = Issuer::of([signer.jwk()]).await;
    let for_anybody = Stage::of(issuer.jwks());
    let for_us = Stage::with(issuer.jwks(), |builder| builder.with_audience("onepin"));
    for (aud, ours) in [
        (json!("onepin"), true),
        (json!(["other", "onepin"]), true),
        (json!("other"), false),
        (json!(["other"]), false),
        (json!("onepin "), false),
        (json!({"onepin": true}), false),
        (json!([["onepin"]]), false),
        (json!(null), false),
    ] {
        let mut claims = for_us.claims();
        claims["aud"] = aud.clone();
        let token = signer.sign(&claims);
        assert_admitted(&for_anybody.ask(&token).await);
        let expected = if ours { Ok(()) } else { Err(RejectionKind::Unknown) };
        assert_eq!(for_us.ask(&token).await.map(|_| ()), expected, "{aud}");
    }
    let without = for_us.ask_signed(&signer).await;
    assert_unknown(&without);
}

#[tokio::test]
async fn the_claims_say_who_it_is_and_hide_the_rest_from_debug() {
    let signer = Signer::es256("k1");
    let issuer = Issuer::of([signer.jwk()]).await;
    let stage = Stage::of(issuer.jwks());
    let mut claims = stage.claims();
    claims["org_id"] = "org_7".into();
    let token = signer.sign(&claims);
    let verified = stage.ask(&token).await.unwrap().unwrap();
    assert_eq!(verified.subject(), "user_1");
    assert_eq!(verified.claim("org_id"), Some(&json!("org_7")));
    assert_eq!(verified.claim("org"), None);
    assert_eq!(format!("{verified:?}"), "Claims { subject: \"user_1\", .. }");
}
