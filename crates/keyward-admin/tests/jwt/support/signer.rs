use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RSA_PSS_SHA256, RsaKeyPair,
};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;
use serde_json::{Value, json};

/// An issuer's private key, which signs whatever it is given.
pub(crate) struct Signer {
    kid: String,
    alg: &'static str,
    key: Key,
}

enum Key {
    Rsa(RsaKeyPair),
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Secret(Vec<u8>),
}

impl Signer {
    pub(crate) fn rs256(kid: &str) -> Self {
        let key = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        Self { kid: kid.to_owned(), alg: "RS256", key: Key::Rsa(key) }
    }

    pub(crate) fn ps256(kid: &str) -> Self {
        Self { alg: "PS256", ..Self::rs256(kid) }
    }

    pub(crate) fn es256(kid: &str) -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        Self { kid: kid.to_owned(), alg: "ES256", key: Key::P256(key) }
    }

    pub(crate) fn eddsa(kid: &str) -> Self {
        let key = Ed25519KeyPair::generate().unwrap();
        Self { kid: kid.to_owned(), alg: "EdDSA", key: Key::Ed25519(key) }
    }

    pub(crate) fn hs256(kid: &str, secret: &[u8]) -> Self {
        Self { kid: kid.to_owned(), alg: "HS256", key: Key::Secret(secret.to_owned()) }
    }

    /// The same key, and the other padding.
    pub(crate) fn into_ps256(self) -> Self {
        Self { alg: "PS256", ..self }
    }

    /// The public key, without saying what it is for.
    pub(crate) fn jwk(&self) -> Value {
        let kid = &self.kid;
        match &self.key {
            Key::Rsa(key) => {
                let key = key.public_key();
                let n = BASE64URL.encode(key.modulus().big_endian_without_leading_zero());
                let e = BASE64URL.encode(key.exponent().big_endian_without_leading_zero());
                json!({"kty": "RSA", "kid": kid, "n": n, "e": e})
            }
            Key::P256(key) => {
                let (x, y) = key.public_key().as_ref()[1..].split_at(32);
                let (x, y) = (BASE64URL.encode(x), BASE64URL.encode(y));
                json!({"kty": "EC", "crv": "P-256", "kid": kid, "x": x, "y": y})
            }
            Key::Ed25519(key) => {
                let x = BASE64URL.encode(key.public_key());
                json!({"kty": "OKP", "crv": "Ed25519", "kid": kid, "x": x})
            }
            Key::Secret(secret) => {
                json!({"kty": "oct", "kid": kid, "k": BASE64URL.encode(secret)})
            }
        }
    }

    /// The public key with members changed, or taken out where they are null.
    pub(crate) fn jwk_with(&self, changes: Value) -> Value {
        with(self.jwk(), changes)
    }

    pub(crate) fn header(&self) -> Value {
        json!({"alg": self.alg, "kid": self.kid, "typ": "JWT"})
    }

    pub(crate) fn sign(&self, claims: &Value) -> String {
        self.sign_with(&json!({}), claims)
    }

    /// Signs under a header that is changed like this.
    pub(crate) fn sign_with(&self, changes: &Value, claims: &Value) -> String {
        let header = with(self.header(), changes.clone());
        assemble(&header, claims, |message| self.signature(message))
    }

    fn signature(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.key {
            Key::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                let padding: &dyn aws_lc_rs::signature::RsaEncoding =
                    if self.alg == "PS256" { &RSA_PSS_SHA256 } else { &RSA_PKCS1_SHA256 };
                key.sign(padding, &random, message, &mut signature).unwrap();
                signature
            }
            Key::P256(key) => key.sign(&random, message).unwrap().as_ref().to_vec(),
            Key::Ed25519(key) => key.sign(message).as_ref().to_vec(),
            Key::Secret(secret) => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
                hmac::sign(&key, message).as_ref().to_vec()
            }
        }
    }
}

/// Puts a token together.
pub(crate) fn assemble(
    header: &Value,
    claims: &Value,
    sign: impl FnOnce(&[u8]) -> Vec<u8>,
) -> String {
    let part = |json: &Value| BASE64URL.encode(json.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    let signature = BASE64URL.encode(sign(message.as_bytes()));
    format!("{message}.{signature}")
}

/// An object with members changed, or taken out where they are null.
pub(crate) fn with(mut object: Value, changes: Value) -> Value {
    let (Value::Object(members), Value::Object(changes)) = (&mut object, changes) else {
        panic!("two objects")
    };
    for (name, value) in changes {
        if value.is_null() {
            members.remove(&name)
        } else {
            members.insert(name, value)
        };
    }
    object
}
