use std::fmt;
use std::sync::Arc;

use super::cache::Known;
use crate::key::KeyId;
use crate::limit::Standing;
use crate::telemetry;
use crate::usage::Denial;

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RejectionKind {
    /// No credential, or one of a scheme that the dialect does not use.
    Missing,
    /// A credential that cannot be a key of this dialect.
    Malformed,
    /// A well-formed key that no store knows.
    Unknown,
    /// A key that was revoked.
    Revoked,
    /// A key whose time is over.
    Expired,
    /// A good key without the scope that is asked for.
    Scope,
    /// A good key that is not allowed at this resource or workspace.
    Resource,
    /// A good key that does not work where the request comes from.
    Network,
    /// Two credentials.
    Ambiguous,
    /// Too many requests.
    RateLimited,
    /// The store cannot say. Never a reason to call a key bad.
    Unavailable,
}

impl RejectionKind {
    /// Every kind there is.
    pub const ALL: [Self; 11] = [
        Self::Missing,
        Self::Malformed,
        Self::Unknown,
        Self::Revoked,
        Self::Expired,
        Self::Scope,
        Self::Resource,
        Self::Network,
        Self::Ambiguous,
        Self::RateLimited,
        Self::Unavailable,
    ];

    /// The HTTP status, the one table of them.
    pub const fn status(self) -> u16 {
        match self {
            Self::Missing | Self::Malformed | Self::Unknown | Self::Revoked | Self::Expired => 401,
            Self::Scope | Self::Resource | Self::Network => 403,
            Self::Ambiguous => 400,
            Self::RateLimited => 429,
            Self::Unavailable => 503,
        }
    }

    /// The gRPC status code: 16 unauthenticated, 7 permission denied, 3 invalid argument,
    /// 8 resource exhausted, 14 unavailable.
    pub const fn grpc_status(self) -> u8 {
        match self {
            Self::Missing | Self::Malformed | Self::Unknown | Self::Revoked | Self::Expired => 16,
            Self::Scope | Self::Resource | Self::Network => 7,
            Self::Ambiguous => 3,
            Self::RateLimited => 8,
            Self::Unavailable => 14,
        }
    }

    /// A sentence for clients of a protocol without bodies, such as gRPC. Whether a bad key was
    /// ever a good one, it does not say.
    pub const fn message(self) -> &'static str {
        match self {
            Self::Missing => "Send an API key.",
            Self::Malformed | Self::Unknown | Self::Revoked | Self::Expired => {
                "This API key is not valid."
            }
            Self::Scope => "This API key lacks a scope that is needed here.",
            Self::Resource => "This API key is not allowed at this resource.",
            Self::Network => "This API key is not allowed from this address.",
            Self::Ambiguous => "Send exactly one API key.",
            Self::RateLimited => "Too many requests.",
            Self::Unavailable => "Authentication is temporarily unavailable.",
        }
    }

    /// The `error` of a challenge (RFC 6750 §3.1), or `None` where there is no challenge or it has
    /// no error code.
    pub const fn oauth_error(self) -> Option<&'static str> {
        match self {
            Self::Malformed | Self::Unknown | Self::Revoked | Self::Expired => {
                Some("invalid_token")
            }
            Self::Scope => Some("insufficient_scope"),
            Self::Ambiguous => Some("invalid_request"),
            _ => None,
        }
    }

    /// The word for logs and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Malformed => "malformed",
            Self::Unknown => "unknown",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
            Self::Scope => "scope",
            Self::Resource => "resource",
            Self::Network => "network",
            Self::Ambiguous => "ambiguous",
            Self::RateLimited => "rate_limited",
            Self::Unavailable => "unavailable",
        }
    }
}

impl fmt::Display for RejectionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A refusal, before a dialect gives it a body.
///
/// Small, since every verdict has room for one, and refusing junk allocates nothing.
#[derive(Debug, Clone)]
pub struct Rejection {
    kind: RejectionKind,
    unclaimed: bool,
    details: Option<Box<Details>>,
}

/// What is known beside the kind, mostly when there is a key.
#[derive(Debug, Clone, Default)]
struct Details {
    scope: Option<Box<str>>,
    retry_after: Option<u32>,
    standing: Option<Standing>,
    key: Option<KeyId>,
    workspace: Option<Box<str>>,
    let_in: Option<LetIn>,
}

/// The key of a request that was let in, and counted.
#[derive(Clone)]
struct LetIn(Arc<Known>);

impl fmt::Debug for LetIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LetIn").finish_non_exhaustive()
    }
}

impl Rejection {
    /// A refusal of this kind.
    pub const fn new(kind: RejectionKind) -> Self {
        Self { kind, unclaimed: false, details: None }
    }

    /// The scopes that were asked for, as the challenge shows them.
    #[must_use]
    pub fn with_scope(mut self, scope: &str) -> Self {
        self.details().scope = Some(scope.into());
        self
    }

    /// Seconds after which a new attempt makes sense.
    #[must_use]
    pub fn with_retry_after(mut self, seconds: u32) -> Self {
        self.details().retry_after = Some(seconds);
        self
    }

    /// How the key stands with the limit that it has reached.
    #[must_use]
    pub fn with_standing(mut self, standing: Standing) -> Self {
        self.details().standing = Some(standing);
        self.with_retry_after(standing.resets_in())
    }

    /// The key it is about, where the secret matched one.
    #[must_use]
    pub fn with_key(mut self, key: KeyId) -> Self {
        self.details().key = Some(key);
        self
    }

    /// The workspace of that key.
    #[must_use]
    pub fn in_workspace(mut self, workspace: &str) -> Self {
        self.details().workspace = Some(workspace.into());
        self
    }

    /// No kind of the dialect claims the credential: another guard may know it.
    #[must_use]
    pub(crate) fn unclaimed(mut self) -> Self {
        self.unclaimed = true;
        self
    }

    /// It comes after the request was let in.
    #[must_use]
    pub(super) fn after_all(mut self, known: &Arc<Known>) -> Self {
        self.details().let_in = Some(LetIn(Arc::clone(known)));
        self
    }

    /// Says that it is the answer to a request: in the log, in the [metrics](crate::telemetry), and
    /// among the [uses](crate::usage) of the key. Whoever answers calls this, once.
    pub fn answers(&self, request_id: &str) {
        if self.let_in().is_some() {
            telemetry::not_let_in();
        }
        self.is_no_ok();
        telemetry::refused(self, request_id);
    }

    /// Says that a response whose head has left ends early, because its key has ended: in the log, and
    /// among the uses of the key.
    pub fn cuts_off(&self) {
        self.is_no_ok();
        telemetry::cut_off(self);
    }

    /// Notes what became after all of a request that was let in.
    fn is_no_ok(&self) {
        if let (Some(LetIn(known)), Some(denial)) = (self.let_in(), Denial::of(self.kind)) {
            known.uses.refuse(denial);
        }
    }

    /// Why.
    pub fn kind(&self) -> RejectionKind {
        self.kind
    }

    /// The scopes that were asked for.
    pub fn scope(&self) -> Option<&str> {
        self.details.as_ref()?.scope.as_deref()
    }

    /// Seconds after which a new attempt makes sense.
    pub fn retry_after(&self) -> Option<u32> {
        self.details.as_ref()?.retry_after
    }

    /// How the key stands with the limit that it has reached.
    pub fn standing(&self) -> Option<&Standing> {
        self.details.as_ref()?.standing.as_ref()
    }

    /// The key it is about, where the secret matched one.
    pub fn key(&self) -> Option<&KeyId> {
        self.details.as_ref()?.key.as_ref()
    }

    /// The workspace of that key.
    pub fn workspace(&self) -> Option<&str> {
        self.details.as_ref()?.workspace.as_deref()
    }

    /// Whether no kind of the dialect claims the credential, so that another guard may know it.
    pub fn is_unclaimed(&self) -> bool {
        self.unclaimed
    }

    fn let_in(&self) -> Option<&LetIn> {
        self.details.as_ref()?.let_in.as_ref()
    }

    fn details(&mut self) -> &mut Details {
        self.details.get_or_insert_default()
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "request refused: {}", self.kind)
    }
}

impl std::error::Error for Rejection {}
