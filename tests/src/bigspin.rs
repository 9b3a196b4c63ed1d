//! How Bigspin's API answers, byte for byte.

use crate::answer::Answer;

/// B1: no credential.
pub const MISSING: &str = r#"{"error":{"message":"API key required for authentication","type":"authentication_error","code":401}}"#;
/// B2: not a key that is let in.
pub const INVALID: &str =
    r#"{"error":{"message":"Invalid API key","type":"authentication_error","code":401}}"#;
/// B3: a good key at the wrong place.
pub const FORBIDDEN: &str = r#"{"error":{"message":"API key does not have permission for this endpoint","type":"authorization_error","code":403}}"#;
/// B4: two credentials.
pub const AMBIGUOUS: &str =
    r#"{"error":{"message":"Send exactly one API key","type":"invalid_request_error","code":400}}"#;
/// B5: too many requests.
pub const LIMITED: &str =
    r#"{"error":{"message":"Too many requests","type":"rate_limit_error","code":429}}"#;
/// B6: the store cannot say.
pub const UNAVAILABLE: &str = r#"{"error":{"message":"Authentication is temporarily unavailable","type":"api_error","code":503}}"#;

/// The challenge without an error.
pub const CHALLENGE: &str = r#"Bearer realm="bigspin""#;
/// The challenge of a bad key.
pub const INVALID_TOKEN: &str = r#"Bearer realm="bigspin", error="invalid_token""#;

/// Checks a refusal whole: status, body, and every header that stands there.
#[track_caller]
pub fn assert_refused(answer: &Answer, status: u16, body: &str, more: &[(&str, &str)]) {
    assert_eq!((answer.status, &*answer.body), (status, body));
    let mut expected = vec!["content-length", "content-type", "x-request-id"];
    expected.extend(more.iter().map(|(name, _)| name));
    expected.sort_unstable();
    assert_eq!(answer.header_names(), expected);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("content-length"), Some(&*body.len().to_string()));
    assert_is_request_id(answer);
    for (name, value) in more {
        assert_eq!(answer.header(name), Some(*value), "{name}");
    }
}

/// B1, whole.
#[track_caller]
pub fn assert_missing(answer: &Answer) {
    assert_refused(answer, 401, MISSING, &[("www-authenticate", CHALLENGE)]);
}

/// B2, whole.
#[track_caller]
pub fn assert_invalid(answer: &Answer) {
    assert_refused(answer, 401, INVALID, &[("www-authenticate", INVALID_TOKEN)]);
}

/// B3 for a scope, whole.
#[track_caller]
pub fn assert_lacks(answer: &Answer, scope: &str) {
    let challenge = format!("{CHALLENGE}, error=\"insufficient_scope\", scope=\"{scope}\"");
    assert_refused(answer, 403, FORBIDDEN, &[("www-authenticate", &challenge)]);
}

/// B3 for a resource, whole.
#[track_caller]
pub fn assert_out_of_reach(answer: &Answer) {
    assert_refused(answer, 403, FORBIDDEN, &[]);
}

/// B6, whole: never a challenge, always when to come back.
#[track_caller]
pub fn assert_unavailable(answer: &Answer) {
    assert_refused(answer, 503, UNAVAILABLE, &[("retry-after", "1")]);
}

/// Ids of requests are UUIDs.
#[track_caller]
pub fn assert_is_request_id(answer: &Answer) {
    let id = answer.header("x-request-id").expect("an id of the request");
    let parsed = uuid::Uuid::parse_str(id).expect("a UUID");
    assert_eq!(parsed.to_string(), id, "in the usual form");
}
