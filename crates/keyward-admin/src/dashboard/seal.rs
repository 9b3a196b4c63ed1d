//! Tokens in forms: they show that the form is a page's own, and tell two copies of it apart.

use hmac::{Hmac, KeyInit, Mac};
use rand::random;
use sha2::Sha256;

/// Makes and knows the tokens of this process.
pub(super) struct Sealer([u8; 32]);

/// What tells one form that was shown from all others.
pub(super) type Nonce = [u8; 16];

impl Sealer {
    pub(super) fn new() -> Self {
        Self(random())
    }

    /// A token for a form that is shown to somebody.
    pub(super) fn seal(&self, identity: &str) -> String {
        let nonce: Nonce = random();
        let tag = self.mac(identity, nonce).finalize().into_bytes();
        hex::encode([&nonce[..], &tag].concat())
    }

    /// The nonce of a token that was made for the same somebody. Takes constant time.
    pub(super) fn open(&self, identity: &str, token: &str) -> Option<Nonce> {
        let bytes = hex::decode(token).ok()?;
        let (nonce, tag) = bytes.split_first_chunk::<16>()?;
        self.mac(identity, *nonce).verify_slice(tag).ok().map(|()| *nonce)
    }

    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    fn mac(&self, identity: &str, nonce: Nonce) -> Hmac<Sha256> {
        let mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("a key");
        mac.chain_update(nonce).chain_update(identity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_whom_it_was_made_alone() {
        let sealer = Sealer::new();
        let token = sealer.seal("ada");
        assert!(sealer.open("ada", &token).is_some());
        assert_ne!(sealer.open("ada", &sealer.seal("ada")), sealer.open("ada", &token));
        assert!(sealer.open("eve", &token).is_none());
        assert!(Sealer::new().open("ada", &token).is_none());
        for bad in ["", "0", "zz", "+1", &token[2..], &format!("{token}00"), &"ü".repeat(48)] {
            assert!(sealer.open("ada", bad).is_none(), "{bad}");
        }
    }
}
