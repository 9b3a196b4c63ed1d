use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use clap::ValueEnum;
use keyward::key::{KeyDigest, StoredDigest};

use crate::digests::{Accepted, Digests};

/// How another system made digests of its keys.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Algorithm {
    /// SHA-256 of the whole key
    Sha256,
    /// SHA-512 of the whole key
    Sha512,
    /// HMAC-SHA256 of the whole key under a pepper
    HmacSha256,
}

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const BASE64: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const BASE64URL: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

impl Algorithm {
    /// What a key is stored under whose digest this is, and by which it is found again.
    pub(super) fn digest(
        self,
        text: &str,
        pepper: Option<&str>,
        digests: &Digests,
    ) -> Result<StoredDigest, String> {
        let unaccepted = |name: &str| {
            Err(format!(
                "no such key is let in: write accept_digests = [\"{name}\"] in keyward.toml"
            ))
        };
        match self {
            Self::Sha256 if !digests.accepts(Accepted::Sha256) => unaccepted("sha256"),
            Self::Sha512 if !digests.accepts(Accepted::Sha512) => unaccepted("sha512"),
            Self::Sha256 => {
                let bytes = bytes(text).ok_or("SHA-256 is 64 hex digits, or 44 of base64")?;
                Ok(StoredDigest::new(KeyDigest::from_bytes(bytes), None))
            }
            Self::Sha512 => {
                let bytes = bytes(text).ok_or("SHA-512 is 128 hex digits, or 88 of base64")?;
                Ok(StoredDigest::new(KeyDigest::of_sha512(&bytes), None))
            }
            Self::HmacSha256 => {
                let bytes = bytes(text).ok_or("HMAC-SHA256 is 64 hex digits, or 44 of base64")?;
                let pepper = pepper.ok_or("name the pepper of HMAC digests: --pepper NAME")?;
                let version = digests.version(pepper);
                let version = version.ok_or("there is no such pepper in keyward.toml")?;
                Ok(StoredDigest::new(KeyDigest::from_bytes(bytes), Some(version)))
            }
        }
    }
}

/// Hexadecimal, or base64 in either alphabet, with or without its padding.
fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let bytes = if text.len() == 2 * N {
        hex::decode(text).ok()?
    } else if text.contains(['-', '_']) {
        BASE64URL.decode(text).ok()?
    } else {
        BASE64.decode(text).ok()?
    };
    bytes.try_into().ok()
}
