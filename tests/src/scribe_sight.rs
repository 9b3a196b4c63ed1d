//! How Scribe Sight's API answers, byte for byte.

use serde_json::Value;

use crate::answer::Answer;

/// C1: no credential, or none that is let in.
pub const UNAUTHENTICATED: &str = r#"{"error":{"code":"authentication_required","message":"Invalid or missing API key"},"meta":{"request_id":"{{request_id}}"}}"#;
/// C2: a good key without the scope.
pub const LACKS: &str = r#"{"error":{"code":"insufficient_permissions","message":"Key lacks required scope"},"meta":{"request_id":"{{request_id}}"}}"#;
/// C3: a good key at another project.
pub const OUT_OF_REACH: &str = r#"{"error":{"code":"insufficient_permissions","message":"Key cannot access this project"},"meta":{"request_id":"{{request_id}}"}}"#;
/// C4: two credentials.
pub const AMBIGUOUS: &str = r#"{"error":{"code":"invalid_request","message":"Send exactly one API key"},"meta":{"request_id":"{{request_id}}"}}"#;
/// C5: too many requests, where the dialect says nothing else about when to come back.
pub const LIMITED: &str = r#"{"error":{"code":"rate_limit_exceeded","message":"Too many requests. Please retry after 1 seconds.","details":{"retry_after":1}},"meta":{"request_id":"{{request_id}}"}}"#;
/// C6: the store cannot say.
pub const UNAVAILABLE: &str = r#"{"error":{"code":"service_unavailable","message":"Authentication is temporarily unavailable"},"meta":{"request_id":"{{request_id}}"}}"#;
/// No key of this id.
pub const NO_KEY: &str = r#"{"error":{"code":"not_found","message":"API key not found"},"meta":{"request_id":"{{request_id}}"}}"#;
/// No project of this id.
pub const NO_PROJECT: &str = r#"{"error":{"code":"not_found","message":"Project not found"},"meta":{"request_id":"{{request_id}}"}}"#;
/// A key that would revoke itself.
pub const OWN_KEY: &str = r#"{"error":{"code":"conflict","message":"Cannot revoke the API key used for this request"},"meta":{"request_id":"{{request_id}}"}}"#;
/// A method that keys do not know.
pub const NO_METHOD: &str = r#"{"error":{"code":"method_not_allowed","message":"Method not allowed"},"meta":{"request_id":"{{request_id}}"}}"#;

/// The challenge without an error.
pub const CHALLENGE: &str = r#"Bearer realm="scribe-sight""#;

/// What pages of other origins may read of an answer.
pub const EXPOSED: &str =
    "x-request-id,retry-after,x-ratelimit-limit,x-ratelimit-remaining,x-ratelimit-reset";

/// Checks status and body, whose request id is the header's.
#[track_caller]
pub fn assert_refused(answer: &Answer, status: u16, body: &str) {
    let body = body.replace("{{request_id}}", request_id(answer));
    assert_eq!((answer.status, &*answer.body), (status, &*body));
    assert_eq!(answer.header("content-type"), Some("application/json"));
}

/// The headers that say how a key stands with its limit.
const LIMIT: [&str; 3] = ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"];

/// Checks an answer of the program whole: status, body, and every header that stands there. What is
/// said of keys is for no cache, and whoever has a good key is told how it stands with its limit.
#[track_caller]
pub fn assert_answers(answer: &Answer, status: u16, body: &str, more: &[(&str, &str)]) {
    assert_refused(answer, status, body);
    let mut expected = vec![
        ("access-control-allow-origin", "*"),
        ("access-control-expose-headers", EXPOSED),
        ("content-type", "application/json"),
    ];
    expected.extend(answer.header("cache-control").map(|_| ("cache-control", "no-store")));
    expected.extend(more);
    for (name, value) in &expected {
        assert_eq!(answer.header(name), Some(*value), "{name}");
    }
    let mut names: Vec<&str> = expected.iter().map(|(name, _)| *name).collect();
    names.extend(["content-length", "x-request-id"]);
    // A store that is down may be one of managing alone.
    let of_a_good_key = match status {
        401 => false,
        503 => answer.header(LIMIT[0]).is_some(),
        _ => body != AMBIGUOUS,
    };
    if of_a_good_key {
        names.extend(LIMIT);
    }
    names.sort_unstable();
    names.dedup();
    assert_eq!(answer.header_names(), names);
    assert_eq!(answer.header("content-length"), Some(&*answer.body.len().to_string()));
}

/// C1 without a credential, whole.
#[track_caller]
pub fn assert_missing(answer: &Answer) {
    assert_answers(answer, 401, UNAUTHENTICATED, &[("www-authenticate", CHALLENGE)]);
}

/// C1 for a key that is not let in, whole.
#[track_caller]
pub fn assert_invalid(answer: &Answer) {
    let challenge = format!("{CHALLENGE}, error=\"invalid_token\"");
    assert_answers(answer, 401, UNAUTHENTICATED, &[("www-authenticate", &challenge)]);
}

/// C2, whole.
#[track_caller]
pub fn assert_lacks(answer: &Answer, scope: &str) {
    let challenge = format!("{CHALLENGE}, error=\"insufficient_scope\", scope=\"{scope}\"");
    assert_answers(answer, 403, LACKS, &[("www-authenticate", &challenge)]);
}

/// C3, whole.
#[track_caller]
pub fn assert_out_of_reach(answer: &Answer) {
    assert_answers(answer, 403, OUT_OF_REACH, &[]);
}

/// C4, whole.
#[track_caller]
pub fn assert_ambiguous(answer: &Answer) {
    let challenge = format!("{CHALLENGE}, error=\"invalid_request\"");
    assert_answers(answer, 400, AMBIGUOUS, &[("www-authenticate", &challenge)]);
}

/// C6, whole: never a challenge, always when to come back.
#[track_caller]
pub fn assert_unavailable(answer: &Answer) {
    assert_answers(answer, 503, UNAVAILABLE, &[("retry-after", "1")]);
}

/// The body that says what is wrong with a field.
pub fn invalid(field: &str, reason: &str) -> String {
    format!(
        r#"{{"error":{{"code":"invalid_request","message":"Validation failed","details":{{"field":"{field}","reason":"{reason}"}}}},"meta":{{"request_id":"{{{{request_id}}}}"}}}}"#
    )
}

/// The id of the request, which is `req_` and 12 of `[a-z0-9]`.
#[track_caller]
pub fn request_id(answer: &Answer) -> &str {
    let id = answer.header("x-request-id").expect("an id of the request");
    assert_is_id(id, "req_");
    id
}

/// Checks an id: a prefix and 12 of `[a-z0-9]`.
#[track_caller]
pub fn assert_is_id(id: &str, prefix: &str) {
    let random = id.strip_prefix(prefix).unwrap_or_default();
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    assert!(random.len() == 12 && random.bytes().all(fits), "`{id}` is not of the form {prefix}…");
}

/// Checks an instant, which is UTC to the second, and gives its text.
#[track_caller]
pub fn instant(value: &Value) -> &str {
    let text = value.as_str().expect("an instant");
    let digit = |letter: char| if letter.is_ascii_digit() { '0' } else { letter };
    assert_eq!(text.chars().map(digit).collect::<String>(), "0000-00-00T00:00:00Z");
    text
}

/// The id of a key in a list of keys, found by the beginning of its secret.
pub fn id_in(list: &Value, key: &str) -> String {
    let records = list["data"].as_array().expect("a list");
    let mut found = records.iter().filter(|record| record["key_prefix"] == key[..12]);
    let id = found.next().and_then(|record| record["id"].as_str()).expect("the key's record");
    assert!(found.next().is_none(), "two keys begin alike");
    id.to_owned()
}
