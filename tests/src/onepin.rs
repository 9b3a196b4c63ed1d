//! How OnePin's API answers, byte for byte.

use keyward::clock::{Clock, SystemClock, Timestamp};
use uuid::Uuid;

use crate::answer::Answer;

/// The workspace of most keys, and of the operator.
pub const ACME: &str = "a3f1c2d4-5b6e-4f7a-9c8d-123456789abc";
/// Somebody else's workspace.
pub const GLOBEX: &str = "5d0c7a52-8e1b-4b6f-a3c9-0f1e2d3c4b5a";
/// The person who made the keys.
pub const OPERATOR: &str = "f47ac10b-58cc-4372-a567-0e02b2c3d479";

/// The challenge without an error.
pub const CHALLENGE: &str = r#"Bearer realm="onepin""#;
/// The challenge of a bad key.
pub const INVALID_TOKEN: &str = r#"Bearer realm="onepin", error="invalid_token""#;

/// Marks an answer of the management of keys.
const NO_STORE: (&str, &str) = ("cache-control", "no-store");

/// The `meta` of an answer: the id of its header, and the moment, which is now.
#[track_caller]
pub fn meta(answer: &Answer) -> String {
    let id = answer.header("x-request-id").expect("an id of the request");
    assert_is_uuid(id);
    let timestamp = answer.json()["meta"]["timestamp"].as_str().expect("a moment").to_owned();
    assert_is_now(&timestamp);
    format!(r#"{{"request_id":"{id}","timestamp":"{timestamp}"}}"#)
}

/// An id in the usual form.
#[track_caller]
pub fn assert_is_uuid(id: &str) {
    let parsed = Uuid::parse_str(id).expect("a UUID");
    assert_eq!(parsed.to_string(), id, "in the usual form");
}

/// An instant to the second, within the last minute.
#[track_caller]
pub fn assert_is_now(instant: &str) {
    let parsed = Timestamp::from_rfc3339(instant).expect("an instant");
    assert_eq!(parsed.to_rfc3339(), instant, "to the second, with Z");
    let age = SystemClock::new().now().timestamp.as_millis() - parsed.as_millis();
    assert!((-1000..60_000).contains(&age), "{age} ms ago");
}

/// Checks an answer whole: status, body, and every header that stands there.
#[track_caller]
pub fn assert_answers(answer: &Answer, status: u16, body: &str, more: &[(&str, &str)]) {
    assert_eq!((answer.status, &*answer.body), (status, body));
    let mut expected = vec!["content-length", "content-type", "x-request-id"];
    expected.extend(more.iter().map(|(name, _)| name));
    expected.sort_unstable();
    assert_eq!(answer.header_names(), expected);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("content-length"), Some(&*body.len().to_string()));
    assert_is_uuid(answer.header("x-request-id").expect("an id of the request"));
    for (name, value) in more {
        assert_eq!(answer.header(name), Some(*value), "{name}");
    }
}

/// `{"error":…,"meta":…}`, whole.
#[track_caller]
pub fn assert_error(
    answer: &Answer,
    status: u16,
    code: &str,
    message: &str,
    more: &[(&str, &str)],
) {
    let error = format!(r#"{{"code":"{code}","message":"{message}","details":null}}"#);
    let body = format!(r#"{{"error":{error},"meta":{}}}"#, meta(answer));
    assert_answers(answer, status, &body, more);
}

/// O1 for a request without a credential, whole.
#[track_caller]
pub fn assert_missing(answer: &Answer) {
    let challenge = [("www-authenticate", CHALLENGE)];
    assert_error(answer, 401, "INVALID_API_KEY", "Invalid API key", &challenge);
}

/// O1 for a bad credential, whole.
#[track_caller]
pub fn assert_invalid(answer: &Answer) {
    let challenge = [("www-authenticate", INVALID_TOKEN)];
    assert_error(answer, 401, "INVALID_API_KEY", "Invalid API key", &challenge);
}

/// O1 for a key where only people may be, whole.
#[track_caller]
pub fn assert_is_for_people(answer: &Answer) {
    let more = [NO_STORE, ("www-authenticate", INVALID_TOKEN)];
    assert_error(answer, 401, "INVALID_API_KEY", "Invalid API key", &more);
}

const FORBIDDEN: (&str, &str) = ("FORBIDDEN", "API key does not have the required scope");

/// O2 for a scope, whole.
#[track_caller]
pub fn assert_lacks(answer: &Answer, scope: &str) {
    let challenge = format!("{CHALLENGE}, error=\"insufficient_scope\", scope=\"{scope}\"");
    assert_error(answer, 403, FORBIDDEN.0, FORBIDDEN.1, &[("www-authenticate", &challenge)]);
}

/// O2 for another workspace, whole.
#[track_caller]
pub fn assert_of_another_workspace(answer: &Answer) {
    assert_error(answer, 403, FORBIDDEN.0, FORBIDDEN.1, &[]);
}

/// O3, whole.
#[track_caller]
pub fn assert_ambiguous(answer: &Answer) {
    let challenge = format!("{CHALLENGE}, error=\"invalid_request\"");
    let more = [("www-authenticate", &*challenge)];
    assert_error(answer, 400, "BAD_REQUEST", "Send exactly one API key", &more);
}

/// O4, whole.
#[track_caller]
pub fn assert_limited(answer: &Answer) {
    assert_error(answer, 429, "RATE_LIMITED", "Rate limit exceeded", &[("retry-after", "1")]);
}

const UNAVAILABLE: (&str, &str) =
    ("SERVICE_UNAVAILABLE", "Authentication is temporarily unavailable");

/// O5, whole: never a challenge, always when to come back.
#[track_caller]
pub fn assert_unavailable(answer: &Answer) {
    assert_error(answer, 503, UNAVAILABLE.0, UNAVAILABLE.1, &[("retry-after", "1")]);
}

/// O5 of the management of keys, whole.
#[track_caller]
pub fn assert_unmanageable(answer: &Answer) {
    assert_error(answer, 503, UNAVAILABLE.0, UNAVAILABLE.1, &[NO_STORE, ("retry-after", "1")]);
}

/// The 404 of the management of keys, whole.
#[track_caller]
pub fn assert_not_found(answer: &Answer) {
    assert_error(answer, 404, "NOT_FOUND", "API key not found.", &[NO_STORE]);
}

/// The 409 of a key that is not in a state for this, whole.
#[track_caller]
pub fn assert_conflict(answer: &Answer, message: &str) {
    assert_error(answer, 409, "CONFLICT", message, &[NO_STORE]);
}

/// The 413 of the management of keys, whole.
#[track_caller]
pub fn assert_too_large(answer: &Answer) {
    assert_error(answer, 413, "PAYLOAD_TOO_LARGE", "The body is too large", &[NO_STORE]);
}

/// The 422 of the management of keys, whole: `{"detail":[…]}`.
#[track_caller]
pub fn assert_faults(answer: &Answer, faults: &[&str]) {
    assert_answers(answer, 422, &format!(r#"{{"detail":[{}]}}"#, faults.join(",")), &[NO_STORE]);
}

/// `{"data":…,"meta":…}` of the management of keys, whole.
#[track_caller]
pub fn assert_data(answer: &Answer, status: u16, data: &str) {
    let body = format!(r#"{{"data":{data},"meta":{}}}"#, meta(answer));
    assert_answers(answer, status, &body, &[NO_STORE]);
}

/// A page of keys, whole.
#[track_caller]
pub fn assert_page(answer: &Answer, records: &[String], pagination: &str) {
    let (records, meta) = (records.join(","), meta(answer));
    let body = format!(r#"{{"data":[{records}],"pagination":{pagination},"meta":{meta}}}"#);
    assert_answers(answer, 200, &body, &[NO_STORE]);
}

/// A key of [`ACME`] that nobody has used yet, as its record shows it.
#[derive(Debug, Clone)]
pub struct Record {
    /// A UUID.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// `pk_live_`, or the legacy one.
    pub prefix: &'static str,
    /// The 8 characters after the prefix.
    pub suffix: String,
    /// In the order of the service's documentation.
    pub scopes: Vec<&'static str>,
    /// Requests a minute.
    pub rate_limit_per_min: Option<u32>,
    /// When it was used last.
    pub last_used_at: Option<String>,
    /// When it was revoked.
    pub revoked_at: Option<String>,
    /// When it was made.
    pub created_at: String,
    /// When it was changed last.
    pub updated_at: String,
}

impl Record {
    /// The key of an answer's `data`: its secret, and a record with the answer's id and instants,
    /// all checked for their form.
    #[track_caller]
    pub fn created(answer: &Answer) -> (Self, String) {
        assert_eq!(answer.status, 201, "{}", answer.body);
        Self::issued(&answer.json()["data"])
    }

    /// The same of a record with a secret in it.
    #[track_caller]
    pub fn issued(data: &serde_json::Value) -> (Self, String) {
        let text = |name: &str| data[name].as_str().expect("a text").to_owned();
        let (id, key, created_at) = (text("id"), text("api_key"), text("created_at"));
        assert_is_uuid(&id);
        let secret = key.strip_prefix("pk_live_").expect("the prefix");
        assert!(secret.len() == 32 && secret.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_is_now(&created_at);
        let record = Self {
            id,
            name: text("name"),
            prefix: "pk_live_",
            suffix: secret[..8].to_owned(),
            scopes: Vec::new(),
            rate_limit_per_min: None,
            last_used_at: None,
            revoked_at: None,
            updated_at: created_at.clone(),
            created_at,
        };
        (record, key)
    }

    /// Of a key that was used just now: an answer shows that, or does not yet.
    #[track_caller]
    #[must_use]
    pub fn used_as(mut self, shown: &serde_json::Value) -> Self {
        self.last_used_at = shown["last_used_at"].as_str().map(str::to_owned);
        self.last_used_at.iter().for_each(|at| assert_is_now(at));
        self
    }

    /// The record's bytes.
    pub fn shown(&self) -> String {
        self.with_key("")
    }

    /// The record's bytes with the secret in it.
    pub fn shown_with(&self, key: &str) -> String {
        self.with_key(&format!(r#""api_key":"{key}","#))
    }

    fn with_key(&self, key: &str) -> String {
        let Self { id, name, prefix, suffix, scopes, created_at, updated_at, .. } = self;
        let scopes: Vec<_> = scopes.iter().map(|scope| format!(r#""{scope}""#)).collect();
        let scopes = scopes.join(",");
        let active = self.revoked_at.is_none();
        let limit = self.rate_limit_per_min.map_or("null".to_owned(), |limit| limit.to_string());
        let instant =
            |at: &Option<String>| at.as_ref().map_or("null".to_owned(), |at| format!(r#""{at}""#));
        let (last_used_at, revoked_at) = (instant(&self.last_used_at), instant(&self.revoked_at));
        format!(
            r#"{{"id":"{id}","workspace_id":"{ACME}","created_by":"{OPERATOR}","name":"{name}","key_type":"live","key_prefix":"{prefix}","key_suffix":"{suffix}","scopes":[{scopes}],"active":{active},"last_used_at":{last_used_at},"rate_limit_per_min":{limit},"revoked_at":{revoked_at},"created_at":"{created_at}","updated_at":"{updated_at}",{key}"preview":"{prefix}{suffix}"}}"#
        )
    }
}
