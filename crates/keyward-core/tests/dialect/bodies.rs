use keyward_core::clock::Timestamp;
use keyward_core::dialect::{Dialect, Location, Refusal};
use keyward_core::verify::{Rejection, RejectionKind};

const NOW: Timestamp = Timestamp::from_millis(1_767_693_600_250);

fn bigspin(rejection: &Rejection) -> Refusal {
    Dialect::bigspin().refuse(rejection, "0e0a", NOW)
}

fn assert_answer(refusal: &Refusal, status: u16, headers: &[(&str, &str)], body: &str) {
    assert_eq!(std::str::from_utf8(&refusal.body).unwrap(), body);
    assert_eq!(refusal.status, status);
    let given: Vec<_> = refusal.headers.iter().map(|(name, value)| (*name, &**value)).collect();
    assert_eq!(given, headers);
}

const JSON: (&str, &str) = ("content-type", "application/json");

#[test]
fn bigspin_asks_for_a_key_where_there_is_none() {
    assert_answer(
        &bigspin(&Rejection::new(RejectionKind::Missing)),
        401,
        &[JSON, ("www-authenticate", r#"Bearer realm="bigspin""#)],
        r#"{"error":{"message":"API key required for authentication","type":"authentication_error","code":401}}"#,
    );
}

#[test]
fn bigspin_answers_every_bad_key_alike() {
    for kind in [
        RejectionKind::Malformed,
        RejectionKind::Unknown,
        RejectionKind::Revoked,
        RejectionKind::Expired,
    ] {
        assert_answer(
            &bigspin(&Rejection::new(kind)),
            401,
            &[JSON, ("www-authenticate", r#"Bearer realm="bigspin", error="invalid_token""#)],
            r#"{"error":{"message":"Invalid API key","type":"authentication_error","code":401}}"#,
        );
    }
}

const BIGSPIN_FORBIDDEN: &str = r#"{"error":{"message":"API key does not have permission for this endpoint","type":"authorization_error","code":403}}"#;

#[test]
fn bigspin_names_the_scope_that_is_missing_in_the_challenge() {
    let rejection =
        Rejection::new(RejectionKind::Scope).with_scope("projects-read  projects-write | admin");
    let challenge = r#"Bearer realm="bigspin", error="insufficient_scope", scope="projects-read projects-write""#;
    assert_answer(
        &bigspin(&rejection),
        403,
        &[JSON, ("www-authenticate", challenge)],
        BIGSPIN_FORBIDDEN,
    );
}

#[test]
fn bigspin_challenges_nobody_over_a_resource() {
    let rejection = Rejection::new(RejectionKind::Resource).with_scope("projects-read");
    assert_answer(&bigspin(&rejection), 403, &[JSON], BIGSPIN_FORBIDDEN);
}

#[test]
fn bigspin_challenges_nobody_over_an_address() {
    let body = r#"{"error":{"message":"API key is not allowed from this IP address","type":"authorization_error","code":403}}"#;
    assert_answer(&bigspin(&Rejection::new(RejectionKind::Network)), 403, &[JSON], body);
}

#[test]
fn a_dialect_without_words_for_an_address_takes_those_for_a_resource() {
    for (name, text, expected) in [
        ("standard", include_str!("../../dialects/standard.toml"), "forbidden_resource"),
        ("bigspin", include_str!("../../dialects/bigspin.toml"), "for this endpoint"),
    ] {
        let (before, after) = text.split_once("[rejections.network]").unwrap();
        let (_, after) = after.split_once("[rejections.ambiguous]").unwrap();
        let dialect = format!("{before}[rejections.ambiguous]{after}");
        let dialect = Dialect::from_toml(&dialect).unwrap();
        let refusal = dialect.refuse(&Rejection::new(RejectionKind::Network), "0e0a", NOW);
        assert!(String::from_utf8(refusal.body).unwrap().contains(expected), "{name}");
    }
}

#[test]
fn bigspin_refuses_two_keys() {
    assert_answer(
        &bigspin(&Rejection::new(RejectionKind::Ambiguous)),
        400,
        &[JSON, ("www-authenticate", r#"Bearer realm="bigspin", error="invalid_request""#)],
        r#"{"error":{"message":"Send exactly one API key","type":"invalid_request_error","code":400}}"#,
    );
}

#[test]
fn bigspin_says_when_to_come_back_after_too_many_requests() {
    let body = r#"{"error":{"message":"Too many requests","type":"rate_limit_error","code":429}}"#;
    let rejection = Rejection::new(RejectionKind::RateLimited);
    assert_answer(&bigspin(&rejection), 429, &[JSON, ("retry-after", "1")], body);
    let rejection = rejection.with_retry_after(42);
    assert_answer(&bigspin(&rejection), 429, &[JSON, ("retry-after", "42")], body);
}

#[test]
fn bigspin_blames_no_key_when_its_store_is_down() {
    let body = r#"{"error":{"message":"Authentication is temporarily unavailable","type":"api_error","code":503}}"#;
    let rejection = Rejection::new(RejectionKind::Unavailable);
    assert_answer(&bigspin(&rejection), 503, &[JSON, ("retry-after", "1")], body);
    let rejection = rejection.with_retry_after(9);
    assert_answer(&bigspin(&rejection), 503, &[JSON, ("retry-after", "9")], body);
}

#[test]
fn standard_bodies_are_problems_with_their_status_and_the_request_id() {
    for kind in RejectionKind::ALL {
        let refusal = Dialect::standard().refuse(&Rejection::new(kind), "req\"\\\n7", NOW);
        let body: serde_json::Value = serde_json::from_slice(&refusal.body).unwrap();
        assert_eq!(refusal.headers[0].1, "application/problem+json");
        assert_eq!(refusal.status, kind.status(), "{kind}");
        assert_eq!(body["status"], refusal.status, "{kind}");
        assert_eq!(body["request_id"], "req\"\\\n7", "{kind}");
        for member in ["type", "title", "detail", "code"] {
            assert!(body[member].is_string(), "{kind} {member}");
        }
    }
}

#[test]
fn standard_says_expired_and_names_the_seconds() {
    let standard = Dialect::standard();
    let expired = standard.refuse(&Rejection::new(RejectionKind::Expired), "r1", NOW);
    let body = r#"{"type":"about:blank","title":"Unauthorized","status":401,"detail":"This API key has expired.","code":"expired_key","request_id":"r1"}"#;
    let challenge = r#"Bearer realm="standard", error="invalid_token""#;
    let json = ("content-type", "application/problem+json");
    assert_answer(&expired, 401, &[json, ("www-authenticate", challenge)], body);

    let limited = Rejection::new(RejectionKind::RateLimited).with_retry_after(30);
    let body = r#"{"type":"about:blank","title":"Too Many Requests","status":429,"detail":"Try again in 30 seconds.","code":"rate_limited","request_id":"r1"}"#;
    let limited = standard.refuse(&limited, "r1", NOW);
    assert_answer(&limited, 429, &[json, ("retry-after", "30")], body);
}

#[test]
fn a_placeholder_for_the_time_is_filled_to_the_second() {
    let text = include_str!("../../dialects/bigspin.toml")
        .replace(r#""Invalid API key""#, r#""at {{timestamp}}""#);
    let dialect = Dialect::from_toml(&text).unwrap();
    let refusal = dialect.refuse(&Rejection::new(RejectionKind::Unknown), "", NOW);
    assert_eq!(
        String::from_utf8(refusal.body).unwrap(),
        r#"{"error":{"message":"at 2026-01-06T10:00:00Z","type":"authentication_error","code":401}}"#
    );
}

fn challenge(dialect: &Dialect, rejection: &Rejection) -> Option<String> {
    let headers = dialect.refuse(rejection, "", NOW).headers;
    headers.into_iter().find(|(name, _)| *name == "www-authenticate").map(|(_, value)| value)
}

#[test]
fn text_that_is_no_scope_never_comes_into_a_challenge() {
    for scope in ["a\", realm=\"evil", "a\r\nset-cookie: x", "", "é"] {
        let rejection = Rejection::new(RejectionKind::Scope).with_scope(scope);
        assert_eq!(
            challenge(&Dialect::bigspin(), &rejection).unwrap(),
            r#"Bearer realm="bigspin", error="insufficient_scope""#
        );
    }
}

#[test]
fn only_an_api_that_takes_bearer_keys_says_bearer() {
    let basic = |scheme: &str| Location::Header {
        name: "authorization".into(),
        scheme: Some(scheme.into()),
    };
    let challenge_of = |locations: Vec<Location>| {
        let dialect = Dialect::builder("acme").locations(locations).build().unwrap();
        challenge(&dialect, &Rejection::new(RejectionKind::Missing)).unwrap()
    };
    let header = Location::header("X-API-Key");
    assert_eq!(challenge_of(vec![header.clone()]), r#"ApiKey realm="acme""#);
    assert_eq!(challenge_of(vec![header.clone(), basic("Token")]), r#"Token realm="acme""#);
    assert_eq!(challenge_of(vec![basic("Token"), basic("bearer")]), r#"bearer realm="acme""#);
}

#[test]
fn another_status_keeps_the_challenge_to_where_it_belongs() {
    let text = include_str!("../../dialects/bigspin.toml")
        .replace("[rejections.scope]", "[rejections.scope]\nstatus = 404");
    let hidden = Dialect::from_toml(&text).unwrap();
    let rejection = Rejection::new(RejectionKind::Scope).with_scope("projects-read");
    assert_eq!(hidden.refuse(&rejection, "", NOW).status, 404);
    assert_eq!(challenge(&hidden, &rejection), None);
}
