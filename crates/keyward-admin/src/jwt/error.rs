use std::error::Error;
use std::io;

/// A mistake in how a [`JwtGuard`](super::JwtGuard) was put together: one sentence that says what to
/// write instead.
#[derive(Debug, thiserror::Error)]
#[error("{sentence}")]
pub struct JwtConfigError {
    sentence: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl JwtConfigError {
    pub(super) fn new(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), source: None }
    }

    pub(super) fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }
}

/// Why the keys of an issuer could not be had.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("there was no answer in time")]
    Timeout,
    #[error("the answer's status is {0}, not 200")]
    Status(u16),
    #[error("it is larger than 1 MiB")]
    TooLarge,
    #[error("it cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    #[error("it cannot be reached")]
    Unreachable(#[source] Box<dyn Error + Send + Sync>),
    #[error("it is no JWKS: {0}")]
    Malformed(String),
}

/// Why a token is refused; for the log alone, so nothing of the token is in it.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error("it is longer than 16 KiB")]
    TooLong,
    #[error("it is no JWT")]
    Malformed,
    #[error("it has a `crit` header")]
    Critical,
    #[error("it names no key")]
    NoKeyId,
    #[error("it names a key that the issuer does not have")]
    UnknownKey,
    #[error("its algorithm is not that of the key")]
    Algorithm,
    #[error("its signature is wrong")]
    Signature,
    #[error("its `iss` is another")]
    Issuer,
    #[error("its `aud` does not hold this API")]
    Audience,
    #[error("it has no `sub`")]
    NoSubject,
    #[error("its `exp` is missing or no time")]
    NoExpiry,
    #[error("its time is over")]
    Expired,
    #[error("its `nbf` is in the future or no time")]
    NotYet,
    #[error("the issuer's keys cannot be had")]
    Unavailable,
}
