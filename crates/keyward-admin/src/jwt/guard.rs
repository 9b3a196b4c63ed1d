use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::request::Parts;
use jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER;
use keyward_core::clock::{Clock, SystemClock};
use keyward_core::verify::RejectionKind;
use keyward_tower::Guard;
use tokio::runtime::Handle;

use super::bearer;
use super::claims::{Claims, Expected};
use super::error::{JwtConfigError, Refusal};
use super::jwks::Jwks;
use super::keyring::Keyring;

/// Longer tokens are refused unread.
const MOST_TOKEN_BYTES: usize = 16 * 1024;

/// Lets people with a JWT in, beside keys. Clones share what is known of the issuer's keys.
///
/// ```
/// use axum::{Router, routing::get};
/// use keyward::axum::Caller;
/// use keyward_admin::jwt::{Claims, DevelopmentKeys, Jwks, JwtGuard};
/// use serde_json::json;
///
/// async fn who(caller: Caller<Claims>) -> String {
///     match caller {
///         Caller::Key(key) => key.name().to_owned(),
///         Caller::Guard(person) => person.subject().to_owned(),
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("jwks.json");
/// # let keys = keyward_tests::Keys::of(keyward::dialect::Dialect::bigspin()).await;
/// # let (key, auth) = (keys.key("projects-read").await, keys.auth());
/// let issuer = DevelopmentKeys::generate()?;
/// issuer.write_jwks(&path)?;
/// // In production: `Jwks::at("https://clerk.example.com/.well-known/jwks.json")?`
/// let guard = JwtGuard::builder(Jwks::from_file(&path)?)
///     .with_issuer("https://clerk.example.com")
///     .build()?;
/// let app = Router::new().route("/", get(who)).layer(auth.or(guard));
///
/// let token = |issued_by: &str, exp: u64| {
///     issuer.sign(&json!({"iss": issued_by, "sub": "alice", "exp": exp}))
/// };
/// let in_2100 = 4_102_444_800;
/// let good = token("https://clerk.example.com", in_2100)?;
/// let expired = token("https://clerk.example.com", 0)?;
/// let of_another = token("https://clerk.mallory.example", in_2100)?;
/// # let server = keyward_tests::Server::start(app).await;
/// # let client = server.client();
/// assert_eq!(client.get("/", &good).await.body, "alice");
/// assert_eq!(client.get("/", &expired).await.status, 401);
/// assert_eq!(client.get("/", &of_another).await.status, 401);
/// assert_eq!(client.get("/", key.expose()).await.body, "a test's key");
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct JwtGuard(Arc<Inner>);

struct Inner {
    keyring: Arc<Keyring>,
    expected: Expected,
    clock: Arc<dyn Clock>,
}

/// Puts a [`JwtGuard`] together.
pub struct JwtGuardBuilder {
    jwks: Jwks,
    issuer: Option<String>,
    audience: Option<String>,
    leeway: Duration,
    clock: Arc<dyn Clock>,
}

impl JwtGuard {
    /// A guard that knows an issuer by these keys.
    pub fn builder(jwks: Jwks) -> JwtGuardBuilder {
        JwtGuardBuilder {
            jwks,
            issuer: None,
            audience: None,
            leeway: Duration::from_secs(5),
            clock: Arc::new(SystemClock::new()),
        }
    }
}

impl JwtGuardBuilder {
    /// The one issuer whose tokens are good, exactly as it writes itself in `iss`. Required.
    #[must_use]
    pub fn with_issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// What a token's `aud` must hold. Without it, a token for any audience is taken.
    #[must_use]
    pub fn with_audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = Some(audience.into());
        self
    }

    /// How far the issuer's clock may be from this one when `exp` and `nbf` are looked at. 5 s by
    /// default, as in Clerk's own libraries; at most a minute.
    #[must_use]
    pub fn with_leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// Where time comes from.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Must be called inside a tokio runtime, in which the keys are then asked for.
    ///
    /// # Errors
    /// Outside a tokio runtime, without an issuer, or with a leeway over a minute.
    pub fn build(self) -> Result<JwtGuard, JwtConfigError> {
        let runtime = Handle::try_current().map_err(|error| {
            JwtConfigError::new(
                "build the JWT guard inside a tokio runtime: it asks for keys there",
            )
            .with_source(error)
        })?;
        let issuer = self.issuer.filter(|issuer| !issuer.is_empty()).ok_or_else(|| {
            JwtConfigError::new(
                "name the issuer of the JWTs, such as `.with_issuer(\"https://clerk.example.com\")`",
            )
        })?;
        if self.leeway > Duration::from_mins(1) {
            return Err(JwtConfigError::new("set a leeway of at most a minute"));
        }
        // Says which cryptography is meant, should another crate have turned on both that
        // `jsonwebtoken` knows; whoever chose before has chosen.
        let _ = DEFAULT_PROVIDER.install_default();
        Ok(JwtGuard(Arc::new(Inner {
            keyring: Keyring::new(self.jwks, Arc::clone(&self.clock), runtime),
            expected: Expected { issuer, audience: self.audience, leeway: self.leeway },
            clock: self.clock,
        })))
    }
}

#[async_trait]
impl Guard for JwtGuard {
    type Principal = Claims;

    async fn authenticate(&self, head: &Parts) -> Result<Option<Claims>, RejectionKind> {
        let Some(token) = bearer::jwt_in(&head.headers)? else { return Ok(None) };
        let verified = self.0.verify(token).await;
        verified.map(Some).map_err(|reason| {
            tracing::debug!(target: "keyward", %reason, "a JWT is refused");
            match reason {
                Refusal::Unavailable => RejectionKind::Unavailable,
                _ => RejectionKind::Unknown,
            }
        })
    }
}

impl Inner {
    async fn verify(&self, token: &str) -> Result<Claims, Refusal> {
        if token.len() > MOST_TOKEN_BYTES {
            return Err(Refusal::TooLong);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| Refusal::Malformed)?;
        // It asks for extensions to be understood (RFC 7515 §4.1.11), and there are none here.
        if header.crit.is_some() {
            return Err(Refusal::Critical);
        }
        let key = self.keyring.find(&header.kid.ok_or(Refusal::NoKeyId)?).await?;
        if header.alg != key.algorithm() {
            return Err(Refusal::Algorithm);
        }
        self.expected.judge(key.verify(token)?, self.clock.now().timestamp)
    }
}

impl fmt::Debug for JwtGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtGuard").field("expected", &self.0.expected).finish_non_exhaustive()
    }
}

impl fmt::Debug for JwtGuardBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtGuardBuilder").field("jwks", &self.jwks).finish_non_exhaustive()
    }
}
