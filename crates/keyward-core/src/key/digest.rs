use std::fmt;
use std::hash::{Hash, Hasher};

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256, Sha512};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::PlainKey;
use crate::ConfigError;

/// 32 bytes that stand for a key: its SHA-256, its HMAC-SHA256 under a pepper, or the SHA-256 of its
/// SHA-512.
///
/// A key has at least 128 random bits, so a fast hash is enough; slow ones such as Argon2 are for
/// passwords that people choose. Equality takes constant time.
#[derive(Clone, Copy, Eq)]
pub struct KeyDigest([u8; 32]);

impl KeyDigest {
    /// A digest as a store hands it back.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The SHA-256 of a key's text.
    pub fn sha256(text: &[u8]) -> Self {
        Self(Sha256::digest(text).into())
    }

    /// What stands for a key of which only the SHA-512 is known.
    ///
    /// ```
    /// use keyward_core::key::{KeyDigest, Peppers};
    /// use sha2::{Digest, Sha512};
    ///
    /// let imported = KeyDigest::of_sha512(&Sha512::digest("kw_live_example").into());
    /// let finds = |peppers: Peppers| peppers.candidates(b"kw_live_example").any(|it| it == imported);
    /// assert!(finds(Peppers::none().with_sha512()));
    /// assert!(!finds(Peppers::none()));
    /// ```
    pub fn of_sha512(sha512: &[u8; 64]) -> Self {
        Self::sha256(sha512)
    }

    fn halves(&self) -> (u128, u128) {
        let (mut low, mut high) = ([0; 16], [0; 16]);
        low.copy_from_slice(&self.0[..16]);
        high.copy_from_slice(&self.0[16..]);
        (u128::from_le_bytes(low), u128::from_le_bytes(high))
    }

    /// The bytes that a store indexes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl PartialEq for KeyDigest {
    fn eq(&self, other: &Self) -> bool {
        // Folded first: `subtle` takes a barrier for each thing that it compares.
        let ((a, b), (c, d)) = (self.halves(), other.halves());
        ((a ^ c) | (b ^ d)).ct_eq(&0).into()
    }
}

impl Hash for KeyDigest {
    /// A digest is random already: 64 of its bits tell keys apart, and the map's own seed hides
    /// where they fall.
    fn hash<H: Hasher>(&self, state: &mut H) {
        let mut bits = [0; 8];
        bits.copy_from_slice(&self.0[8..16]);
        state.write_u64(u64::from_le_bytes(bits));
    }
}

impl fmt::Debug for KeyDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyDigest(..)")
    }
}

/// A digest together with how it was made, as a store keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredDigest {
    /// What the store indexes.
    pub digest: KeyDigest,
    /// The version of the pepper, or `None` for a digest without one.
    pub pepper: Option<u32>,
}

impl StoredDigest {
    /// A digest made with the given version of the pepper, or with none.
    pub const fn new(digest: KeyDigest, pepper: Option<u32>) -> Self {
        Self { digest, pepper }
    }
}

/// A secret of the server, mixed into every digest so that a stolen table alone verifies nothing.
pub struct Pepper {
    version: u32,
    secret: Zeroizing<Vec<u8>>,
}

impl Pepper {
    /// A pepper of at least 16 bytes under a version number that is never used again.
    pub fn new(version: u32, secret: impl Into<Vec<u8>>) -> Self {
        Self { version, secret: Zeroizing::new(secret.into()) }
    }
}

impl fmt::Debug for Pepper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pepper(version {}, ..)", self.version)
    }
}

/// How keys become digests: the newest way first, older ones still accepted.
///
/// ```
/// use keyward_core::key::{Pepper, Peppers, PlainKey};
///
/// let old = Peppers::new([Pepper::new(1, "sixteen bytes or more")])?;
/// let new = Peppers::new([
///     Pepper::new(2, "another sixteen bytes"),
///     Pepper::new(1, "sixteen bytes or more"),
/// ])?;
/// let key = PlainKey::new("kw_live_example".to_owned());
/// let stored = old.digest(&key).digest;
/// assert!(new.candidates(key.expose().as_bytes()).any(|digest| digest == stored));
/// assert_ne!(new.digest(&key).digest, stored);
/// # Ok::<(), keyward_core::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct Peppers(Vec<Way>);

#[derive(Clone)]
enum Way {
    Sha256,
    Sha512,
    Hmac { version: u32, keyed: Box<Hmac<Sha256>> },
}

impl Peppers {
    const MOST: usize = 4;

    /// No pepper: digests are plain SHA-256.
    pub fn none() -> Self {
        Self(vec![Way::Sha256])
    }

    /// Up to four peppers, the newest first. New keys use the first.
    ///
    /// # Errors
    /// When there is none, more than four, one of them is shorter than 16 bytes, or two have the
    /// same version.
    pub fn new(newest_first: impl IntoIterator<Item = Pepper>) -> Result<Self, ConfigError> {
        let peppers: Vec<Pepper> = newest_first.into_iter().collect();
        if peppers.is_empty() || peppers.len() > Self::MOST {
            return Err(ConfigError::new("give one to four peppers, the newest first"));
        }
        let mut ways = Vec::with_capacity(peppers.len() + 1);
        for (index, pepper) in peppers.iter().enumerate() {
            if pepper.secret.len() < 16 {
                return Err(ConfigError::new(format!(
                    "pepper {} is shorter than 16 bytes: use 32 random ones",
                    pepper.version
                )));
            }
            if peppers[..index].iter().any(|other| other.version == pepper.version) {
                return Err(ConfigError::new(format!(
                    "two peppers have version {}: give each its own",
                    pepper.version
                )));
            }
            let keyed = Hmac::new_from_slice(&pepper.secret)
                .map_err(|error| ConfigError::new(error.to_string()))?;
            ways.push(Way::Hmac { version: pepper.version, keyed: Box::new(keyed) });
        }
        Ok(Self(ways))
    }

    /// Also accepts keys whose digest was stored before there was a pepper.
    #[must_use]
    pub fn with_unpeppered(mut self) -> Self {
        if !self.0.iter().any(|way| matches!(way, Way::Sha256)) {
            self.0.push(Way::Sha256);
        }
        self
    }

    /// Also accepts keys that were [imported](crate::manage::ImportKey) by their SHA-512. Such a key
    /// is found last: its cached record costs one hash more than another key's.
    #[must_use]
    pub fn with_sha512(mut self) -> Self {
        if !self.0.iter().any(|way| matches!(way, Way::Sha512)) {
            self.0.push(Way::Sha512);
        }
        self
    }

    /// The digest that a new key is stored under.
    pub fn digest(&self, key: &PlainKey) -> StoredDigest {
        let text = key.expose().as_bytes();
        match self.0.first() {
            Some(way @ Way::Hmac { version, .. }) => {
                StoredDigest { digest: way.digest(text), pepper: Some(*version) }
            }
            _ => StoredDigest { digest: KeyDigest::sha256(text), pepper: None },
        }
    }

    /// Every digest that the key may be stored under, the newest first; computed as asked for.
    pub fn candidates<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = KeyDigest> + 'a {
        self.0.iter().map(|way| way.digest(text))
    }
}

impl Default for Peppers {
    fn default() -> Self {
        Self::none()
    }
}

impl fmt::Debug for Peppers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|way| match way {
                Way::Sha256 => "SHA-256".to_owned(),
                Way::Sha512 => "SHA-512".to_owned(),
                Way::Hmac { version, .. } => format!("HMAC-SHA256 version {version}"),
            }))
            .finish()
    }
}

impl Way {
    fn digest(&self, text: &[u8]) -> KeyDigest {
        match self {
            Self::Sha256 => KeyDigest::sha256(text),
            Self::Sha512 => KeyDigest::of_sha512(&Sha512::digest(text).into()),
            Self::Hmac { keyed, .. } => {
                let mut mac = keyed.as_ref().clone();
                mac.update(text);
                KeyDigest(mac.finalize().into_bytes().into())
            }
        }
    }
}
