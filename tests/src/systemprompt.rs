//! How systemprompt.io's API answers, byte for byte.

use crate::answer::Answer;
use crate::bigspin::assert_refused;

/// P1: no credential, or not a key that is let in.
pub const INVALID: &str =
    r#"{"error":{"code":"invalid_api_key","message":"Invalid API key","status":401}}"#;
/// P2: a key whose time is over.
pub const EXPIRED: &str =
    r#"{"error":{"code":"expired_api_key","message":"Expired API key","status":401}}"#;
/// P3: a good key at the wrong place.
pub const INSUFFICIENT: &str =
    r#"{"error":{"code":"insufficient_scope","message":"Insufficient scope","status":403}}"#;
/// P4: two credentials.
pub const AMBIGUOUS: &str =
    r#"{"error":{"code":"invalid_request","message":"Send exactly one API key","status":400}}"#;
/// P5: too many requests.
pub const LIMITED: &str =
    r#"{"error":{"code":"rate_limited","message":"Too many requests","status":429}}"#;
/// P6: the store cannot say.
pub const UNAVAILABLE: &str = r#"{"error":{"code":"unavailable","message":"Authentication is temporarily unavailable","status":503}}"#;
/// What is not there, or not for this key.
pub const NOT_FOUND: &str = r#"{"error":{"code":"not_found","message":"Not found","status":404}}"#;

/// The challenge without an error.
pub const CHALLENGE: &str = r#"Bearer realm="systemprompt""#;

/// P1 for want of a key, whole.
#[track_caller]
pub fn assert_missing(answer: &Answer) {
    assert_refused(answer, 401, INVALID, &[("www-authenticate", CHALLENGE)]);
}

/// P1 for a key, whole.
#[track_caller]
pub fn assert_invalid(answer: &Answer) {
    assert_challenged(answer, 401, INVALID, r#"error="invalid_token""#);
}

/// P2, whole.
#[track_caller]
pub fn assert_expired(answer: &Answer) {
    assert_challenged(answer, 401, EXPIRED, r#"error="invalid_token""#);
}

/// P3 for a scope, whole.
#[track_caller]
pub fn assert_lacks(answer: &Answer, scope: &str) {
    let error = format!(r#"error="insufficient_scope", scope="{scope}""#);
    assert_challenged(answer, 403, INSUFFICIENT, &error);
}

/// P3 for a key that has no scope at all, whole.
#[track_caller]
pub fn assert_lacks_everything(answer: &Answer) {
    assert_challenged(answer, 403, INSUFFICIENT, r#"error="insufficient_scope""#);
}

/// P4, whole.
#[track_caller]
pub fn assert_ambiguous(answer: &Answer) {
    assert_challenged(answer, 400, AMBIGUOUS, r#"error="invalid_request""#);
}

/// P6, whole: never a challenge, always when to come back.
#[track_caller]
pub fn assert_unavailable(answer: &Answer) {
    assert_refused(answer, 503, UNAVAILABLE, &[("retry-after", "1")]);
}

/// What is not there, whole.
#[track_caller]
pub fn assert_not_found(answer: &Answer) {
    assert_refused(answer, 404, NOT_FOUND, &[]);
}

#[track_caller]
fn assert_challenged(answer: &Answer, status: u16, body: &str, error: &str) {
    let challenge = format!("{CHALLENGE}, {error}");
    assert_refused(answer, status, body, &[("www-authenticate", &challenge)]);
}
