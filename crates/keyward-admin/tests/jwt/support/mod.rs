mod issuer;
mod signer;

use std::sync::Arc;
use std::time::Duration;

use http::header::AUTHORIZATION;
use http::{HeaderValue, Request};
use keyward_admin::jwt::{Claims, Jwks, JwtGuard, JwtGuardBuilder};
use keyward_core::clock::{Clock as _, TestClock, Timestamp};
use keyward_core::verify::RejectionKind;
use keyward_tower::Guard as _;
use serde_json::{Value, json};

pub(crate) use issuer::{Issuer, Serve};
pub(crate) use signer::Signer;

pub(crate) const ISSUER: &str = "https://clerk.onepin.example";

/// When these tests play, in seconds.
pub(crate) const NOW: i64 = 1_767_694_200;

/// The address asks for keys no more often.
pub(crate) const LEAST_GAP: Duration = Duration::from_secs(10);

pub(crate) const DAY: Duration = Duration::from_hours(24);

pub(crate) type Verdict = Result<Option<Claims>, RejectionKind>;

/// A guard and the clock that it reads.
pub(crate) struct Stage {
    pub(crate) guard: JwtGuard,
    pub(crate) clock: Arc<TestClock>,
}

impl Stage {
    pub(crate) fn of(jwks: Jwks) -> Self {
        Self::with(jwks, |builder| builder)
    }

    pub(crate) fn with(jwks: Jwks, more: impl FnOnce(JwtGuardBuilder) -> JwtGuardBuilder) -> Self {
        let clock = Arc::new(TestClock::at(Timestamp::from_millis(NOW * 1000)));
        let builder = JwtGuard::builder(jwks).with_issuer(ISSUER).with_clock(clock.clone());
        Self { guard: more(builder).build().unwrap(), clock }
    }

    /// The claims of a token that is good now.
    pub(crate) fn claims(&self) -> Value {
        claims_at(self.clock.now().timestamp)
    }

    pub(crate) fn token(&self, signer: &Signer) -> String {
        signer.sign(&self.claims())
    }

    pub(crate) async fn ask(&self, token: &str) -> Verdict {
        ask_with(&self.guard, format!("Bearer {token}").try_into().unwrap()).await
    }

    /// What becomes of a good token of this signer.
    pub(crate) async fn ask_signed(&self, signer: &Signer) -> Verdict {
        self.ask(&self.token(signer)).await
    }

    /// Asks with a key that nobody has, and so waits for the question that is open.
    pub(crate) async fn ask_unknown(&self) -> Verdict {
        self.ask(&unknown_key(0)).await
    }
}

pub(crate) async fn ask_with(guard: &JwtGuard, header: HeaderValue) -> Verdict {
    let request = Request::builder().header(AUTHORIZATION, header).body(()).unwrap();
    guard.authenticate(&request.into_parts().0).await
}

pub(crate) fn claims_at(now: Timestamp) -> Value {
    let now = now.as_millis() / 1000;
    json!({"iss": ISSUER, "sub": "user_1", "iat": now, "nbf": now, "exp": now + 60})
}

/// A token whose key id was never heard of. Its signature is not looked at.
pub(crate) fn unknown_key(number: usize) -> String {
    let header = json!({"alg": "RS256", "kid": format!("unknown-{number}")});
    signer::assemble(&header, &json!({}), |_| vec![0; 256])
}

#[track_caller]
pub(crate) fn assert_admitted(verdict: &Verdict) {
    match verdict {
        Ok(Some(claims)) => assert_eq!(claims.subject(), "user_1"),
        other => panic!("refused: {other:?}"),
    }
}

#[track_caller]
pub(crate) fn assert_unknown(verdict: &Verdict) {
    assert_eq!(*verdict, Err(RejectionKind::Unknown));
}

#[track_caller]
pub(crate) fn assert_unavailable(verdict: &Verdict) {
    assert_eq!(*verdict, Err(RejectionKind::Unavailable));
}
