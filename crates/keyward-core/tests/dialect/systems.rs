//! Scribe Sight, OnePin and systemprompt.io, to the byte; Bigspin is in `bodies.rs`.

use keyward_core::clock::Timestamp;
use keyward_core::dialect::{Dialect, Environment, InFlight};
use keyward_core::verify::RejectionKind::{
    Ambiguous, Expired, Malformed, Missing, Network, RateLimited, Resource, Revoked, Scope,
    Unavailable, Unknown,
};
use keyward_core::verify::{Rejection, RejectionKind};

const NOW: Timestamp = Timestamp::from_millis(1_767_693_600_250);

/// Some kinds of rejection and the one body that answers them.
type Row<'a> = (&'a [RejectionKind], &'a str);

/// Checks every kind of rejection: status, body, and every header.
fn assert_answers(dialect: &Dialect, rows: &[Row<'_>]) {
    let kinds: Vec<_> = rows.iter().flat_map(|(kinds, _)| *kinds).collect();
    assert_eq!(kinds.len(), RejectionKind::ALL.len(), "each kind stands in one row");
    for kind in RejectionKind::ALL {
        let (_, body) = rows.iter().find(|(kinds, _)| kinds.contains(&kind)).unwrap();
        let rejection = Rejection::new(kind).with_scope("read write | admin").with_retry_after(42);
        let refusal = dialect.refuse(&rejection, "req_0a1b2c3d4e5f", NOW);
        assert_eq!(std::str::from_utf8(&refusal.body).unwrap(), *body, "{kind}");
        assert_eq!(refusal.status, kind.status(), "{kind}");

        let realm = dialect.name();
        let more = match kind {
            Missing => Some(("www-authenticate", format!("Bearer realm=\"{realm}\""))),
            Malformed | Unknown | Revoked | Expired => Some((
                "www-authenticate",
                format!("Bearer realm=\"{realm}\", error=\"invalid_token\""),
            )),
            Scope => Some((
                "www-authenticate",
                format!(
                    "Bearer realm=\"{realm}\", error=\"insufficient_scope\", scope=\"read write\""
                ),
            )),
            Ambiguous => Some((
                "www-authenticate",
                format!("Bearer realm=\"{realm}\", error=\"invalid_request\""),
            )),
            RateLimited | Unavailable => Some(("retry-after", "42".to_owned())),
            _ => None,
        };
        let mut headers = vec![("content-type", "application/json".to_owned())];
        headers.extend(more);
        assert_eq!(refusal.headers, headers, "{kind}");
    }
}

#[test]
fn scribe_sight_answers_every_rejection_in_its_words() {
    assert_answers(
        &Dialect::scribe_sight(),
        &[
            (
                &[Missing, Malformed, Unknown, Revoked, Expired],
                r#"{"error":{"code":"authentication_required","message":"Invalid or missing API key"},"meta":{"request_id":"req_0a1b2c3d4e5f"}}"#,
            ),
            (
                &[Scope],
                r#"{"error":{"code":"insufficient_permissions","message":"Key lacks required scope"},"meta":{"request_id":"req_0a1b2c3d4e5f"}}"#,
            ),
            (
                &[Resource],
                r#"{"error":{"code":"insufficient_permissions","message":"Key cannot access this project"},"meta":{"request_id":"req_0a1b2c3d4e5f"}}"#,
            ),
            (
                &[Network],
                r#"{"error":{"code":"insufficient_permissions","message":"Key cannot be used from this IP address"},"meta":{"request_id":"req_0a1b2c3d4e5f"}}"#,
            ),
            (
                &[Ambiguous],
                r#"{"error":{"code":"invalid_request","message":"Send exactly one API key"},"meta":{"request_id":"req_0a1b2c3d4e5f"}}"#,
            ),
            (
                &[RateLimited],
                r#"{"error":{"code":"rate_limit_exceeded","message":"Too many requests. Please retry after 42 seconds.","details":{"retry_after":42}},"meta":{"request_id":"req_0a1b2c3d4e5f"}}"#,
            ),
            (
                &[Unavailable],
                r#"{"error":{"code":"service_unavailable","message":"Authentication is temporarily unavailable"},"meta":{"request_id":"req_0a1b2c3d4e5f"}}"#,
            ),
        ],
    );
}

#[test]
fn onepin_answers_every_rejection_in_its_words() {
    assert_answers(
        &Dialect::onepin(),
        &[
            (
                &[Missing, Malformed, Unknown, Revoked, Expired],
                r#"{"error":{"code":"INVALID_API_KEY","message":"Invalid API key","details":null},"meta":{"request_id":"req_0a1b2c3d4e5f","timestamp":"2026-01-06T10:00:00Z"}}"#,
            ),
            (
                &[Scope, Resource],
                r#"{"error":{"code":"FORBIDDEN","message":"API key does not have the required scope","details":null},"meta":{"request_id":"req_0a1b2c3d4e5f","timestamp":"2026-01-06T10:00:00Z"}}"#,
            ),
            (
                &[Network],
                r#"{"error":{"code":"FORBIDDEN","message":"API key is not allowed from this IP address","details":null},"meta":{"request_id":"req_0a1b2c3d4e5f","timestamp":"2026-01-06T10:00:00Z"}}"#,
            ),
            (
                &[Ambiguous],
                r#"{"error":{"code":"BAD_REQUEST","message":"Send exactly one API key","details":null},"meta":{"request_id":"req_0a1b2c3d4e5f","timestamp":"2026-01-06T10:00:00Z"}}"#,
            ),
            (
                &[RateLimited],
                r#"{"error":{"code":"RATE_LIMITED","message":"Rate limit exceeded","details":null},"meta":{"request_id":"req_0a1b2c3d4e5f","timestamp":"2026-01-06T10:00:00Z"}}"#,
            ),
            (
                &[Unavailable],
                r#"{"error":{"code":"SERVICE_UNAVAILABLE","message":"Authentication is temporarily unavailable","details":null},"meta":{"request_id":"req_0a1b2c3d4e5f","timestamp":"2026-01-06T10:00:00Z"}}"#,
            ),
        ],
    );
}

#[test]
fn systemprompt_answers_every_rejection_in_its_words() {
    assert_answers(
        &Dialect::systemprompt(),
        &[
            (
                &[Missing, Malformed, Unknown, Revoked],
                r#"{"error":{"code":"invalid_api_key","message":"Invalid API key","status":401}}"#,
            ),
            (
                &[Expired],
                r#"{"error":{"code":"expired_api_key","message":"Expired API key","status":401}}"#,
            ),
            (
                &[Scope, Resource],
                r#"{"error":{"code":"insufficient_scope","message":"Insufficient scope","status":403}}"#,
            ),
            (
                &[Network],
                r#"{"error":{"code":"forbidden_ip","message":"IP address not allowed","status":403}}"#,
            ),
            (
                &[Ambiguous],
                r#"{"error":{"code":"invalid_request","message":"Send exactly one API key","status":400}}"#,
            ),
            (
                &[RateLimited],
                r#"{"error":{"code":"rate_limited","message":"Too many requests","status":429}}"#,
            ),
            (
                &[Unavailable],
                r#"{"error":{"code":"unavailable","message":"Authentication is temporarily unavailable","status":503}}"#,
            ),
        ],
    );
}

#[test]
fn test_keys_of_systemprompt_are_the_sandbox_and_its_revocations_reach_requests_in_flight() {
    let dialect = Dialect::systemprompt();
    let environment = |kind| dialect.kind(dialect.kind_id(kind).unwrap()).environment();
    assert_eq!(environment("live"), Environment::Live);
    assert_eq!(environment("test"), Environment::Sandbox);
    assert_eq!(dialect.in_flight(), InFlight::RefuseOnReturn);
    for other in [Dialect::bigspin(), Dialect::scribe_sight(), Dialect::onepin()] {
        assert_eq!(other.in_flight(), InFlight::Finish);
    }
}
