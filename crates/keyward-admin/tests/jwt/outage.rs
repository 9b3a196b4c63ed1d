use std::time::{Duration, Instant};

use keyward_admin::jwt::Jwks;
use tokio::task::JoinSet;

use crate::support::{
    DAY, Issuer, LEAST_GAP, Serve, Signer, Stage, ask_with, assert_admitted, assert_unavailable,
    assert_unknown,
};

/// What a broken issuer may say.
fn troubles(url: &str) -> Vec<Serve> {
    let text = |text: &str| Serve::Text(text.to_owned());
    let huge = format!("{{\"keys\": [], \"padding\": \"{}\"}}", "a".repeat(1024 * 1024));
    vec![
        Serve::Status(500),
        Serve::Status(404),
        Serve::Status(204),
        Serve::Elsewhere(url.to_owned()),
        text(""),
        text("<html>maintenance</html>"),
        text("[]"),
        text("{}"),
        text(r#"{"keys": null}"#),
        text(r#"{"keys": {}}"#),
        text(r#"{"error": "try again"}"#),
        text(&"[".repeat(100_000)),
        Serve::Text(huge),
    ]
}

#[tokio::test]
async fn before_the_first_answer_an_outage_is_a_503_and_ends_with_the_outage() {
    let signer = Signer::es256("k1");
    let good = Issuer::of([signer.jwk()]).await;
    for trouble in troubles(&good.url()) {
        let issuer = Issuer::serving(trouble).await;
        let stage = Stage::of(issuer.jwks());
        assert_unavailable(&stage.ask_signed(&signer).await);
        assert_unavailable(&stage.ask_unknown().await);
        assert_eq!(issuer.fetches(), 1);

        issuer.serve_keys([signer.jwk()]);
        stage.clock.advance(LEAST_GAP);
        assert_admitted(&stage.ask_signed(&signer).await);
        assert_unknown(&stage.ask_unknown().await);
        assert_eq!(issuer.fetches(), 2);
    }
    assert_eq!(good.fetches(), 0, "a redirect is not followed");
}

#[tokio::test]
async fn later_an_outage_keeps_the_keys_and_makes_no_good_token_bad() {
    let (old, new) = (Signer::es256("old"), Signer::es256("new"));
    let issuer = Issuer::of([old.jwk()]).await;
    let stage = Stage::of(issuer.jwks());
    assert_admitted(&stage.ask_signed(&old).await);
    for trouble in troubles(&issuer.url()) {
        issuer.serve(trouble);
        stage.clock.advance(LEAST_GAP);
        // It may be signed with a key that cannot be asked for.
        assert_unavailable(&stage.ask_signed(&new).await);
        assert_admitted(&stage.ask_signed(&old).await);
    }
    stage.clock.advance(30 * DAY);
    assert_admitted(&stage.ask_signed(&old).await);
    assert_unavailable(&stage.ask_signed(&new).await);

    issuer.serve_keys([new.jwk()]);
    stage.clock.advance(LEAST_GAP);
    assert_admitted(&stage.ask_signed(&new).await);
    assert_unknown(&stage.ask_signed(&old).await);
}

#[tokio::test]
async fn an_issuer_that_is_gone_is_a_503_until_a_key_is_known() {
    let signer = Signer::es256("k1");
    let issuer = Issuer::of([signer.jwk()]).await;
    let (knowing, late) = (Stage::of(issuer.jwks()), Stage::of(issuer.jwks()));
    assert_admitted(&knowing.ask_signed(&signer).await);
    issuer.stop().await;
    knowing.clock.advance(DAY);
    assert_admitted(&knowing.ask_signed(&signer).await);
    assert_unavailable(&late.ask_signed(&signer).await);
}

#[tokio::test]
async fn an_issuer_that_does_not_answer_holds_a_request_for_three_seconds_at_most() {
    let signer = Signer::es256("k1");
    let issuer = Issuer::serving(Serve::Nothing).await;
    let stage = Stage::of(issuer.jwks());
    let began = Instant::now();
    let mut waiting = JoinSet::new();
    for _ in 0..20 {
        let guard = stage.guard.clone();
        let header = format!("Bearer {}", stage.token(&signer)).try_into().unwrap();
        waiting.spawn(async move { ask_with(&guard, header).await });
    }
    for verdict in waiting.join_all().await {
        assert_unavailable(&verdict);
    }
    // Twenty that wait one after the other would take a minute.
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    assert_eq!(issuer.fetches(), 1);
}

#[tokio::test]
async fn https_is_not_given_up_for_a_server_that_does_not_speak_it() {
    let signer = Signer::es256("k1");
    let issuer = Issuer::of([signer.jwk()]).await;
    let url = issuer.url().replace("http://", "https://");
    let stage = Stage::of(Jwks::at(url).unwrap());
    assert_unavailable(&stage.ask_signed(&signer).await);
    assert_eq!(issuer.fetches(), 0);
}
