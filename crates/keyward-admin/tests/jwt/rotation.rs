use std::time::Duration;

use tokio::task::JoinSet;

use crate::support::{
    DAY, Issuer, LEAST_GAP, Serve, Signer, Stage, assert_admitted, assert_unknown, unknown_key,
};

#[tokio::test]
async fn nothing_is_asked_before_the_first_token_and_once_for_many() {
    let signer = Signer::es256("k1");
    let issuer = Issuer::of([signer.jwk()]).await;
    let stage = Stage::of(issuer.jwks());
    assert_eq!(issuer.fetches(), 0);
    for _ in 0..10 {
        assert_admitted(&stage.ask_signed(&signer).await);
    }
    assert_eq!(issuer.fetches(), 1);
}

#[tokio::test]
async fn a_key_that_comes_in_works_at_once_and_one_that_goes_stops_with_it() {
    let (old, new) = (Signer::es256("old"), Signer::es256("new"));
    let issuer = Issuer::of([old.jwk()]).await;
    let stage = Stage::of(issuer.jwks());
    assert_admitted(&stage.ask_signed(&old).await);

    issuer.serve_keys([new.jwk()]);
    stage.clock.advance(LEAST_GAP);
    // Nobody has asked for the new key, so nobody knows of the change.
    assert_admitted(&stage.ask_signed(&old).await);
    assert_eq!(issuer.fetches(), 1);
    assert_admitted(&stage.ask_signed(&new).await);
    assert_unknown(&stage.ask_signed(&old).await);
    assert_eq!(issuer.fetches(), 2);
}

#[tokio::test]
async fn keys_older_than_a_day_are_asked_for_in_passing() {
    let (old, new) = (Signer::es256("old"), Signer::es256("new"));
    let issuer = Issuer::of([old.jwk()]).await;
    let stage = Stage::of(issuer.jwks());
    assert_admitted(&stage.ask_signed(&old).await);
    stage.clock.advance(Duration::from_hours(23));
    assert_admitted(&stage.ask_signed(&old).await);
    assert_unknown(&stage.ask_unknown().await);
    assert_eq!(issuer.fetches(), 2, "the unknown key is asked for");

    issuer.serve(Serve::Nothing);
    stage.clock.advance(DAY);
    let in_passing = stage.ask_signed(&old);
    let in_passing = tokio::time::timeout(Duration::from_secs(1), in_passing).await;
    assert_admitted(&in_passing.expect("a request does not wait for it"));
    issuer.serve_keys([new.jwk()]);
    assert_admitted(&stage.ask_signed(&new).await);
    assert_unknown(&stage.ask_signed(&old).await);
    assert_eq!(issuer.fetches(), 3);
}

#[tokio::test]
async fn an_issuer_that_withdraws_every_key_lets_nobody_in() {
    let signer = Signer::es256("k1");
    let issuer = Issuer::of([signer.jwk()]).await;
    let stage = Stage::of(issuer.jwks());
    assert_admitted(&stage.ask_signed(&signer).await);
    issuer.serve_keys([]);
    stage.clock.advance(LEAST_GAP);
    assert_unknown(&stage.ask_unknown().await);
    assert_unknown(&stage.ask_signed(&signer).await);
}

#[tokio::test]
async fn a_flood_of_unknown_keys_is_one_question() {
    let signer = Signer::es256("k1");
    let issuer = Issuer::of([signer.jwk()]).await;
    let stage = Stage::of(issuer.jwks());
    for number in 0..200 {
        assert_unknown(&stage.ask(&unknown_key(number)).await);
    }
    assert_eq!(issuer.fetches(), 1);
    stage.clock.advance(Duration::from_secs(9));
    assert_unknown(&stage.ask_unknown().await);
    assert_eq!(issuer.fetches(), 1);

    stage.clock.advance(Duration::from_secs(1));
    let mut flood = JoinSet::new();
    for number in 0..200 {
        let guard = stage.guard.clone();
        let header = format!("Bearer {}", unknown_key(number)).try_into().unwrap();
        flood.spawn(async move { crate::support::ask_with(&guard, header).await });
    }
    for verdict in flood.join_all().await {
        assert_unknown(&verdict);
    }
    assert_eq!(issuer.fetches(), 2);
    assert_admitted(&stage.ask_signed(&signer).await);
}

#[tokio::test]
async fn a_request_that_is_cancelled_takes_the_answer_from_nobody() {
    let signer = Signer::es256("k1");
    let issuer = Issuer::serving(Serve::Nothing).await;
    let stage = Stage::of(issuer.jwks());
    let token = stage.token(&signer);
    {
        let mut first = std::pin::pin!(stage.ask(&token));
        while issuer.fetches() == 0 {
            let soon = tokio::time::timeout(Duration::from_millis(1), &mut first).await;
            assert!(soon.is_err(), "there is no answer yet");
        }
    }
    let (verdict, ()) =
        tokio::join!(stage.ask(&token), async { issuer.serve_keys([signer.jwk()]) });
    assert_admitted(&verdict);
    assert_eq!(issuer.fetches(), 1);
}
