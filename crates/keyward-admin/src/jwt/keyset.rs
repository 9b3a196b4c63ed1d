use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::jwk::{
    AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse,
};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::error::{FetchError, Refusal};

/// Larger ones are not read.
pub(super) const MOST_BYTES: usize = 1024 * 1024;

/// The keys of an issuer by their `kid`.
pub(super) struct KeySet(HashMap<String, Arc<VerifyingKey>>);

/// A public key, with the one algorithm that it may be used for (RFC 8725 §3.1).
pub(super) struct VerifyingKey {
    key: DecodingKey,
    validation: Validation,
    algorithm: Algorithm,
}

impl KeySet {
    /// Reads a JWK set. Members that cannot verify a token here are left out, as RFC 7517 §5 asks.
    pub(super) fn parse(text: &[u8]) -> Result<Self, FetchError> {
        #[derive(Deserialize)]
        struct Set {
            keys: Vec<Value>,
        }
        let set: Set = serde_json::from_slice(text)
            .map_err(|error| FetchError::Malformed(error.to_string()))?;
        let mut keys = HashMap::new();
        for jwk in set.keys {
            if let Some((kid, key)) = VerifyingKey::read(jwk) {
                keys.entry(kid).or_insert_with(|| Arc::new(key));
            }
        }
        Ok(Self(keys))
    }

    pub(super) fn get(&self, kid: &str) -> Option<&Arc<VerifyingKey>> {
        self.0.get(kid)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl VerifyingKey {
    fn read(jwk: Value) -> Option<(String, Self)> {
        let jwk: Jwk = serde_json::from_value(jwk).ok()?;
        let common = &jwk.common;
        if common.public_key_use.as_ref().is_some_and(|own| *own != PublicKeyUse::Signature)
            || common
                .key_operations
                .as_ref()
                .is_some_and(|own| !own.contains(&KeyOperations::Verify))
        {
            return None;
        }
        let algorithm = algorithm_of(&jwk)?;
        let key = DecodingKey::from_jwk(&jwk).ok()?;
        let mut validation = Validation::new(algorithm);
        // The claims are judged by keyward's clock.
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_aud = false;
        Some((jwk.common.key_id?, Self { key, validation, algorithm }))
    }

    pub(super) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The claims of a token that this key has signed.
    pub(super) fn verify(&self, token: &str) -> Result<Map<String, Value>, Refusal> {
        match jsonwebtoken::decode(token, &self.key, &self.validation) {
            Ok(token) => Ok(token.claims),
            Err(error) if *error.kind() == ErrorKind::InvalidSignature => Err(Refusal::Signature),
            Err(_) => Err(Refusal::Malformed),
        }
    }
}

/// The algorithm that a key names, where it fits the key; the usual one where it names none.
fn algorithm_of(jwk: &Jwk) -> Option<Algorithm> {
    let (usual, other) = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => (Algorithm::RS256, Some(Algorithm::PS256)),
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => {
            (Algorithm::ES256, None)
        }
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
            (Algorithm::EdDSA, None)
        }
        _ => return None,
    };
    let Some(named) = jwk.common.key_algorithm else { return Some(usual) };
    [Some(usual), other].into_iter().flatten().find(|it| KeyAlgorithm::from(*it) == named)
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
