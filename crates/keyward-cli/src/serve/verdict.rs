use keyward::clock::Timestamp;
use keyward::dialect::Environment;
use keyward::key::{Grant, Resources};
use keyward::verify::{ApiKey, Rejection, RejectionKind, RequestId, Verifier};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

/// What is said of one key.
pub(super) struct Verdict(Value);

impl Verdict {
    /// `valid` is said only where it is known.
    pub(super) fn of(
        answer: Result<ApiKey, Rejection>,
        verifier: &Verifier,
        id: &RequestId,
    ) -> Result<Self, Rejection> {
        match answer {
            Ok(key) => Ok(Self(principal(&key))),
            Err(rejection) if rejection.kind() == RejectionKind::Unavailable => Err(rejection),
            Err(rejection) => Ok(Self(refusal(&rejection, verifier, id))),
        }
    }
}

/// Says in the log and the metrics what became of a key that somebody asks about, as the layer says it
/// of a request's.
pub(super) fn report(answer: &Result<ApiKey, Rejection>, id: &RequestId) {
    match answer {
        Ok(key) => key.admits(id.as_str()),
        Err(rejection) => rejection.answers(id.as_str()),
    }
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// Whose key it is, and what the response to its request is to say of its limit.
fn principal(key: &ApiKey) -> Value {
    let mut headers = Map::new();
    key.tally().show(|field, value| {
        headers.insert(field.name().to_owned(), value.into());
    });
    json!({
        "valid": true,
        "id": key.id(),
        "workspace": key.workspace(),
        "name": key.name(),
        "kind": key.kind(),
        "environment": match key.environment() {
            Environment::Live => "live",
            Environment::Sandbox => "sandbox",
        },
        "scopes": match key.effective_grant() {
            Grant::All => json!("all"),
            Grant::Only(scopes) => scopes.iter().collect(),
        },
        "resources": match key.resources() {
            Resources::All => json!("all"),
            Resources::Only(ids) => json!(ids),
        },
        "expires_at": key.expires_at().map(Timestamp::to_rfc3339_millis),
        "metadata": key.metadata(),
        "headers": headers,
    })
}

/// The response by which the request is to be refused, byte for byte.
fn refusal(rejection: &Rejection, verifier: &Verifier, id: &RequestId) -> Value {
    let refusal = verifier.refuse(rejection, id.as_str());
    let headers = refusal.headers.into_iter();
    let headers: Map<_, _> = headers.map(|(name, value)| (name.to_owned(), value.into())).collect();
    json!({
        "valid": false,
        "code": rejection.kind().as_str(),
        "status": refusal.status,
        "headers": headers,
        "body": String::from_utf8_lossy(&refusal.body),
    })
}
