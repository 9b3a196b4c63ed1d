use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use keyward_core::clock::Timestamp;
use serde_json::{Map, Value};

use super::error::Refusal;

/// What a verified token says of the person who sent it. The token itself is not in it.
///
/// Cheap to clone.
#[derive(Clone, PartialEq, Eq)]
pub struct Claims(Arc<Verified>);

#[derive(PartialEq, Eq)]
struct Verified {
    subject: Box<str>,
    claims: Map<String, Value>,
}

impl Claims {
    /// Who it is, in the issuer's words: `sub`. Never empty.
    pub fn subject(&self) -> &str {
        &self.0.subject
    }

    /// Any claim by its name, such as `org_id`.
    pub fn claim(&self, name: &str) -> Option<&Value> {
        self.0.claims.get(name)
    }
}

/// The subject alone: the rest may be personal.
impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claims").field("subject", &self.0.subject).finish_non_exhaustive()
    }
}

/// Which claims are good here.
#[derive(Debug)]
pub(super) struct Expected {
    pub(super) issuer: String,
    pub(super) audience: Option<String>,
    pub(super) leeway: Duration,
}

impl Expected {
    /// Judges the claims of a token whose signature is good (RFC 7519 §4.1).
    pub(super) fn judge(
        &self,
        claims: Map<String, Value>,
        now: Timestamp,
    ) -> Result<Claims, Refusal> {
        if claims.get("iss").and_then(Value::as_str) != Some(&self.issuer) {
            return Err(Refusal::Issuer);
        }
        if let Some(audience) = &self.audience
            && !claims.get("aud").is_some_and(|aud| holds(aud, audience))
        {
            return Err(Refusal::Audience);
        }
        let now = Duration::from_millis(u64::try_from(now.as_millis()).unwrap_or(0));
        let expiry = claims.get("exp").and_then(instant).ok_or(Refusal::NoExpiry)?;
        if now >= expiry.saturating_add(self.leeway) {
            return Err(Refusal::Expired);
        }
        if let Some(begin) = claims.get("nbf")
            && instant(begin).is_none_or(|begin| now.saturating_add(self.leeway) < begin)
        {
            return Err(Refusal::NotYet);
        }
        let subject = claims.get("sub").and_then(Value::as_str).filter(|sub| !sub.is_empty());
        let subject = subject.ok_or(Refusal::NoSubject)?.into();
        Ok(Claims(Arc::new(Verified { subject, claims })))
    }
}

/// `aud` is one text or a list of them (RFC 7519 §4.1.3).
fn holds(aud: &Value, audience: &str) -> bool {
    let is_it = |value: &Value| value.as_str() == Some(audience);
    is_it(aud) || aud.as_array().is_some_and(|list| list.iter().any(is_it))
}

/// A `NumericDate` (RFC 7519 §2): seconds since 1970, which may have a fraction.
fn instant(value: &Value) -> Option<Duration> {
    Duration::try_from_secs_f64(value.as_f64()?).ok()
}
