use std::sync::Arc;

use super::template::{Names, Piece, Placeholder, Template};
use super::{Dialect, Location};
use crate::clock::Timestamp;
use crate::key::check_expression;
use crate::limit::LimitField;
use crate::verify::{Rejection, RejectionKind};

/// A response that refuses, for an adapter to put into its framework's words.
///
/// The adapter also sets `x-request-id`, as on every response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status, 400 to 599.
    pub status: u16,
    /// `content-type`, and `www-authenticate`, `retry-after` and those of a limit where they belong.
    pub headers: Vec<(&'static str, String)>,
    /// JSON.
    pub body: Vec<u8>,
}

/// What is ready before any request: one answer for each kind of rejection, in their order.
pub(super) struct Answers(pub(super) [Answer; RejectionKind::ALL.len()]);

pub(super) struct Answer {
    pub(super) status: u16,
    /// All of the challenge but the scope.
    pub(super) challenge: Option<Box<str>>,
    pub(super) template: Arc<Template<Detail>>,
}

/// The placeholders of a refusal's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    RequestId,
    Timestamp,
    RetryAfter,
}

impl Detail {
    pub(super) const NAMES: Names<Self> = &[
        ("request_id", Self::RequestId),
        ("timestamp", Self::Timestamp),
        ("retry_after", Self::RetryAfter),
    ];
}

impl Placeholder for Detail {
    fn sample(self, wide: bool) -> Piece<'static> {
        match self {
            Self::RequestId | Self::Timestamp => if wide { "-" } else { "" }.into(),
            Self::RetryAfter => Piece::Number(if wide { u32::MAX.into() } else { 0 }),
        }
    }
}

impl Dialect {
    /// Puts a rejection into this API's words.
    ///
    /// ```
    /// use keyward_core::clock::Timestamp;
    /// use keyward_core::dialect::Dialect;
    /// use keyward_core::verify::{Rejection, RejectionKind};
    ///
    /// let rejection = Rejection::new(RejectionKind::RateLimited).with_retry_after(7);
    /// let refusal = Dialect::bigspin().refuse(&rejection, "", Timestamp::from_millis(0));
    /// assert_eq!(refusal.status, 429);
    /// assert!(refusal.headers.contains(&("retry-after", "7".to_owned())));
    /// ```
    pub fn refuse(&self, rejection: &Rejection, request_id: &str, now: Timestamp) -> Refusal {
        let kind = rejection.kind();
        let answer = &self.0.answers.0[kind as usize];
        let mut headers = Vec::with_capacity(2);
        headers.push(("content-type", self.0.form.content_type.get_ref().clone()));
        if let Some(challenge) = &answer.challenge {
            let scope = rejection.scope().filter(|_| kind == RejectionKind::Scope);
            headers.push(("www-authenticate", with_scope(challenge, scope)));
        }
        if let Some(seconds) = self.retry_after(rejection) {
            headers.push(("retry-after", seconds.to_string()));
        }
        if let Some(standing) = rejection.standing() {
            let show = |field: LimitField, value: &str| headers.push((field.name(), value.into()));
            self.show_limit(standing, show);
        }
        let body = answer.template.render(|slot| match slot {
            Detail::RequestId => request_id.into(),
            Detail::Timestamp => now.to_rfc3339().into(),
            Detail::RetryAfter => Piece::Number(self.wait(rejection).into()),
        });
        Refusal { status: answer.status, headers, body }
    }

    /// Seconds after which whoever was refused may try again, where trying again makes sense.
    pub fn retry_after(&self, rejection: &Rejection) -> Option<u32> {
        let passes =
            matches!(rejection.kind(), RejectionKind::RateLimited | RejectionKind::Unavailable);
        passes.then(|| self.wait(rejection))
    }

    fn wait(&self, rejection: &Rejection) -> u32 {
        rejection.retry_after().unwrap_or(match rejection.kind() {
            RejectionKind::RateLimited => 1,
            _ => self.0.form.retry_after,
        })
    }
}

fn with_scope(challenge: &str, scope: Option<&str>) -> String {
    let mut header = challenge.to_owned();
    // Only a scope expression: nothing else may come between a header's quotes.
    if let Some(scope) = scope.filter(|scope| check_expression(scope).is_ok()) {
        let mut before = ", scope=\"";
        for name in scope.split(' ').filter(|name| !name.is_empty()).take_while(|name| *name != "|")
        {
            header.extend([before, name]);
            before = " ";
        }
        header.push('"');
    }
    header
}

/// The challenge of one kind of rejection (RFC 6750 §3), where it has one.
///
/// A 401 must carry a challenge (RFC 9110 §15.5.2), and `Bearer` is right only where the API takes
/// it. An API that takes keys by a header alone names the scheme `ApiKey`, which nobody registered
/// but no client mistakes for one that it knows.
pub(super) fn challenge(
    kind: RejectionKind,
    status: u16,
    realm: &str,
    locations: &[Location],
) -> Option<Box<str>> {
    let wanted = match status {
        401 => true,
        403 => kind == RejectionKind::Scope,
        400 => kind == RejectionKind::Ambiguous,
        _ => false,
    };
    let mut schemes = locations.iter().filter_map(Location::scheme);
    let bearer = schemes.clone().find(|scheme| scheme.eq_ignore_ascii_case("bearer"));
    let scheme = bearer.or_else(|| schemes.next()).unwrap_or("ApiKey");
    wanted.then(|| match kind.oauth_error() {
        Some(error) => format!("{scheme} realm=\"{realm}\", error=\"{error}\"").into(),
        None => format!("{scheme} realm=\"{realm}\"").into(),
    })
}
