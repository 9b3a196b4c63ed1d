//! Who comes in, and for how long.

use std::time::Duration;

use keyward::dialect::Dialect;
use keyward::key::{Creator, Grant, PlainKey};
use keyward::manage::{NewKey, Reach};
use keyward_admin::{Admin, Dashboard, SignIn};

use crate::stage::{HASH, Stage, between, cookie_of, operator, seal};

#[tokio::test]
async fn whoever_has_not_signed_in_is_asked_to_and_then_gets_where_they_wanted() {
    let stage = Stage::of(Dialect::bigspin()).await;
    let stranger = stage.stranger();
    let id = stage.key("acme", "production").await.record.id;
    let path = format!("/dashboard/keys/{id}");
    let asked = stranger.get(&path).await;
    let location = asked.header("location").unwrap();
    assert_eq!((asked.status, location.starts_with("/dashboard/sign-in?next=")), (303, true));
    let page = stranger.page(location).await;
    let next = between(&page, "name=\"next\" value=\"", "\"").unwrap();
    let key = stage.operator_key().await.key;
    let signed_in = [("secret", key.expose()), ("next", next)];
    let signed_in = stranger.post("/dashboard/sign-in", &signed_in).await;
    assert_eq!(signed_in.header("location"), Some(&*path));
    let ada = stranger.with("cookie", cookie_of(&signed_in));
    assert!(ada.page(&path).await.contains("production"));
    let elsewhere = [("secret", key.expose()), ("next", "//evil.example/\\")];
    let elsewhere = ada.post("/dashboard/sign-in", &elsewhere).await;
    assert_eq!(elsewhere.header("location"), Some("/dashboard"));
}

#[tokio::test]
async fn the_cookie_is_for_this_site_and_no_script() {
    let stage = Stage::of(Dialect::bigspin()).await;
    let key = stage.operator_key().await.key;
    let cookie = stage.stranger().sign_in(&key).await;
    let cookie = cookie.header("set-cookie").unwrap();
    assert!(cookie.starts_with("keyward=") && !cookie.contains(key.expose()));
    assert!(cookie.ends_with("; Path=/; Max-Age=3600; HttpOnly; SameSite=Strict"), "{cookie}");

    let behind_tls = Stage::with(Dialect::bigspin(), |manager, operators| {
        let sign_in = SignIn::operator(operators.verifier.clone(), operator);
        Dashboard::signed_in(manager, sign_in).with_secure_cookies()
    })
    .await;
    let key = behind_tls.operator_key().await.key;
    let answer = behind_tls.stranger().sign_in(&key).await;
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.starts_with("__Host-keyward="), "{cookie}");
    assert!(cookie.ends_with("; Path=/; Max-Age=28800; HttpOnly; SameSite=Strict; Secure"));
    let ada = behind_tls.stranger().with("cookie", cookie_of(&answer));
    assert_eq!(ada.get("/dashboard").await.status, 200);
}

#[tokio::test]
async fn no_other_key_opens_it() {
    let stage = Stage::of(Dialect::bigspin()).await;
    let stranger = stage.stranger();
    let of_the_api = stage.key("acme", "production").await.key;
    let grant = Grant::Only("keys:read".parse().unwrap());
    let reader = NewKey::new("operators", "reader").with_grant(grant);
    let reader = stage.operators.manager.create(reader).await.unwrap().key;
    for key in [of_the_api, reader, PlainKey::new("x".to_owned()), PlainKey::new(String::new())] {
        let refused = stranger.sign_in(&key).await;
        assert_eq!((refused.status, refused.header("set-cookie")), (403, None));
        assert!(refused.body.contains("That is not right") && !refused.body.contains("kw_live_"));
    }
}

#[tokio::test]
async fn a_session_ends_with_its_time_its_key_or_by_signing_out() {
    let stage = Stage::of(Dialect::bigspin()).await;
    let ada = stage.signed_in().await;
    assert_eq!(ada.get("/dashboard").await.status, 200);
    stage.clock.advance(Duration::from_mins(59));
    assert_eq!(ada.get("/dashboard").await.status, 200);
    stage.clock.advance(Duration::from_mins(1));
    assert_eq!(ada.get("/dashboard").await.status, 303);

    let issued = stage.operator_key().await;
    let answer = stage.stranger().sign_in(&issued.key).await;
    let bob = stage.stranger().with("cookie", cookie_of(&answer));
    assert_eq!(bob.get("/dashboard").await.status, 200);
    stage.operators.manager.revoke(&issued.record.id, Reach::Key).await.unwrap();
    assert_eq!(bob.get("/dashboard").await.status, 303);

    let kim = stage.signed_in().await;
    let page = kim.page("/dashboard").await;
    let out = kim.post("/dashboard/sign-out", &[("seal", seal(&page))]).await;
    assert_eq!(out.header("location"), Some("/dashboard/sign-in"));
    assert!(out.header("set-cookie").unwrap().starts_with("keyward=; Path=/; Max-Age=0"));
    assert_eq!(kim.get("/dashboard").await.status, 303);
}

#[tokio::test]
async fn a_password_opens_it_and_guesses_are_few() {
    let stage = Stage::with(Dialect::bigspin(), |manager, operators| {
        let sign_in = SignIn::operator(operators.verifier.clone(), operator);
        Dashboard::signed_in(
            manager,
            sign_in.or_password(Admin::new(Creator::Person("grace".to_owned())), HASH).unwrap(),
        )
    })
    .await;
    let stranger = stage.stranger();
    let of = |secret: &str| PlainKey::new(secret.to_owned());
    let page = stranger.page("/dashboard/sign-in").await;
    assert!(page.contains("Operator key or password"));
    let answer = stranger.sign_in(&of("password")).await;
    let grace = stranger.clone().with("cookie", cookie_of(&answer));
    assert!(grace.page("/dashboard").await.contains("<bdi>grace</bdi>"));

    let mut statuses = Vec::new();
    for guess in 0..120 {
        statuses.push(stranger.sign_in(&of(&format!("guess {guess}"))).await.status);
    }
    let tried = statuses.iter().filter(|status| **status == 403).count();
    assert!(tried <= 100 && statuses.last() == Some(&429), "{tried}");
    let limited = stranger.sign_in(&of("password")).await;
    assert_eq!((limited.status, limited.header("retry-after")), (429, Some("60")));
    // Whoever is in stays in, and a key that cannot be guessed is let in all the same.
    assert_eq!(grace.get("/dashboard").await.status, 200);
    let key = stage.operator_key().await.key;
    assert_eq!(stranger.sign_in(&key).await.status, 303);
}

#[tokio::test]
async fn a_hash_that_is_none_is_told_at_the_start() {
    for hash in
        ["", "password", "$2b$12$abcdefghijklmnopqrstuv", "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ"]
    {
        let error =
            SignIn::password(Admin::new(Creator::Person("ada".to_owned())), hash).err().unwrap();
        assert_eq!(
            error.to_string(),
            "the password's hash is none of Argon2: write `$argon2id$v=19$…`"
        );
    }
}
