use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::spawn_blocking;

use super::address::JwksAddress;
use super::error::{FetchError, JwtConfigError};
use super::file::JwksFile;
use super::keyset::KeySet;

/// Where the public keys of an issuer are: a JWK set (RFC 7517 §5), at most 1 MiB of JSON.
pub struct Jwks {
    pub(super) source: Source,
    /// Those that were there at the start, where they are at hand.
    pub(super) keys: Option<KeySet>,
}

/// A file, or an address.
pub(super) enum Source {
    File(Arc<JwksFile>),
    Address(Box<JwksAddress>),
}

/// How often a source is asked.
pub(super) struct Pace {
    /// Keys that are older are asked for in passing.
    pub(super) old_after: Duration,
    /// The same after a question that failed.
    pub(super) retry_after: Duration,
    /// The least time between two questions, whatever is sent.
    pub(super) least_gap: Duration,
}

impl Jwks {
    /// In a file. When the file changes, it is read anew within a second.
    ///
    /// # Errors
    /// When it cannot be read, or holds no key that a token can be verified with.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, JwtConfigError> {
        let path = path.as_ref();
        let file = JwksFile::at(path);
        let keys = file.read().map_err(|error| {
            let name = path.display();
            JwtConfigError::new(format!("`{name}` gives no keys: {error}")).with_source(error)
        })?;
        if keys.as_ref().is_none_or(KeySet::is_empty) {
            return Err(JwtConfigError::new(format!(
                "`{}` holds no key to verify tokens with: put a public RSA, P-256 or Ed25519 key \
                 with a `kid` there",
                path.display()
            )));
        }
        Ok(Self { source: Source::File(Arc::new(file)), keys })
    }

    /// At an address, which is asked when the first token comes.
    ///
    /// It must be https, unless it is this machine's own. Redirects are not followed.
    ///
    /// # Errors
    /// When it is no such address, or this machine has no certificates to trust its server by.
    pub fn at(url: impl AsRef<str>) -> Result<Self, JwtConfigError> {
        let address = JwksAddress::at(url.as_ref())?;
        Ok(Self { source: Source::Address(Box::new(address)), keys: None })
    }
}

impl Source {
    pub(super) const fn pace(&self) -> Pace {
        match self {
            // To see that it has not changed costs microseconds.
            Self::File(_) => Pace {
                old_after: Duration::from_secs(1),
                retry_after: Duration::from_secs(1),
                least_gap: Duration::ZERO,
            },
            Self::Address(_) => Pace {
                old_after: Duration::from_hours(24),
                retry_after: Duration::from_secs(10),
                least_gap: Duration::from_secs(10),
            },
        }
    }

    /// Whether a request can wait for the answer also when it could do without.
    pub(super) const fn is_at_hand(&self) -> bool {
        matches!(self, Self::File(_))
    }

    /// The keys, or `None` when they are as they were.
    pub(super) async fn fetch(&self) -> Result<Option<KeySet>, FetchError> {
        match self {
            Self::File(file) => {
                let file = Arc::clone(file);
                let read = spawn_blocking(move || file.read()).await;
                read.unwrap_or(Err(FetchError::Timeout))
            }
            Self::Address(address) => address.fetch().await.map(Some),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(file) => file.path().display().fmt(f),
            Self::Address(address) => f.write_str(address.host()),
        }
    }
}

impl fmt::Debug for Jwks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Jwks").field(&format_args!("{}", self.source)).finish()
    }
}
