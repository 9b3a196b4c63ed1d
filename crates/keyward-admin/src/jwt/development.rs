use std::fmt;
use std::fs;
use std::path::Path;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;
use serde_json::{Value, json};

use super::error::JwtConfigError;

/// An issuer for development, examples and tests: a new RSA key that signs tokens (RS256), and the
/// JWKS to verify them with.
///
/// Nobody signs in here, and the key lives in this process: it is no replacement for an issuer.
pub struct DevelopmentKeys {
    key: RsaKeyPair,
    kid: String,
}

impl DevelopmentKeys {
    /// A new key of 2048 bits; takes about a tenth of a second.
    ///
    /// # Errors
    /// When this machine gives no random numbers.
    pub fn generate() -> Result<Self, JwtConfigError> {
        let key = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|error| {
            JwtConfigError::new(
                "no development key can be made: this machine has no random numbers",
            )
            .with_source(error)
        })?;
        let modulus =
            BASE64URL.encode(key.public_key().modulus().big_endian_without_leading_zero());
        let kid = format!("dev_{}", modulus.get(..16).unwrap_or(&modulus));
        Ok(Self { key, kid })
    }

    /// The public key as a JWK set.
    pub fn jwks(&self) -> Value {
        let public = self.key.public_key();
        let modulus = BASE64URL.encode(public.modulus().big_endian_without_leading_zero());
        let exponent = BASE64URL.encode(public.exponent().big_endian_without_leading_zero());
        let (alg, kid) = ("RS256", &self.kid);
        json!({"keys": [
            {"kty": "RSA", "use": "sig", "alg": alg, "kid": kid, "n": modulus, "e": exponent}
        ]})
    }

    /// Writes the JWK set to a file, for [`Jwks::from_file`](super::Jwks::from_file).
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write_jwks(&self, path: impl AsRef<Path>) -> Result<(), JwtConfigError> {
        let path = path.as_ref();
        fs::write(path, self.jwks().to_string()).map_err(|error| {
            let name = path.display();
            JwtConfigError::new(format!("`{name}` cannot be written: {error}")).with_source(error)
        })
    }

    /// A token with these claims, such as
    /// `json!({"iss": "https://dev.example", "sub": "user_1", "exp": 1767694200})`.
    ///
    /// # Errors
    /// When this machine gives no random numbers.
    pub fn sign(&self, claims: &Value) -> Result<String, JwtConfigError> {
        let header = json!({"alg": "RS256", "kid": self.kid, "typ": "JWT"});
        let part = |json: &Value| BASE64URL.encode(json.to_string());
        let message = format!("{}.{}", part(&header), part(claims));
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature)
            .map_err(|error| {
                JwtConfigError::new("the token cannot be signed").with_source(error)
            })?;
        Ok(format!("{message}.{}", BASE64URL.encode(signature)))
    }
}

impl fmt::Debug for DevelopmentKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DevelopmentKeys").field("kid", &self.kid).finish_non_exhaustive()
    }
}
