use keyward_core::verify::RejectionKind;
use serde_json::{Value, json};

use crate::support::{Issuer, Signer, Stage, assert_admitted, assert_unknown};

async fn stage(jwks: impl IntoIterator<Item = Value>) -> (Issuer, Stage) {
    let issuer = Issuer::of(jwks).await;
    let stage = Stage::of(issuer.jwks());
    (issuer, stage)
}

#[tokio::test]
async fn each_algorithm_works_with_a_key_that_fits() {
    let (rsa, pss) = (Signer::rs256("k"), Signer::ps256("k"));
    let (p256, ed25519) = (Signer::es256("k"), Signer::eddsa("k"));
    for (signer, jwk) in [
        (&rsa, json!({"alg": "RS256", "use": "sig"})),
        (&rsa, json!({})),
        (&rsa, json!({"key_ops": ["verify"]})),
        (&rsa, json!({"x5t": "abc", "x5c": ["AAAA"], "whatever": {"a": [1]}})),
        (&pss, json!({"alg": "PS256"})),
        (&p256, json!({"alg": "ES256"})),
        (&p256, json!({})),
        (&ed25519, json!({"alg": "EdDSA"})),
        (&ed25519, json!({})),
    ] {
        let (_issuer, stage) = stage([signer.jwk_with(jwk)]).await;
        assert_admitted(&stage.ask_signed(signer).await);
    }
}

#[tokio::test]
async fn a_key_that_is_not_for_this_verifies_nothing() {
    let (rsa, pss) = (Signer::rs256("k"), Signer::ps256("k"));
    let (p256, ed25519) = (Signer::es256("k"), Signer::eddsa("k"));
    let secret = Signer::hs256("k", b"0123456789abcdef0123456789abcdef");
    for (signer, jwk) in [
        (&rsa, json!({"use": "enc"})),
        (&rsa, json!({"use": "other"})),
        (&rsa, json!({"key_ops": ["encrypt"]})),
        (&rsa, json!({"key_ops": []})),
        (&rsa, json!({"alg": "RS512"})),
        (&rsa, json!({"alg": "RSA-OAEP"})),
        (&rsa, json!({"alg": "ES256"})),
        (&rsa, json!({"alg": "HS256"})),
        (&rsa, json!({"alg": "PS256"})),
        (&rsa, json!({"kid": null})),
        (&rsa, json!({"kid": 1})),
        (&rsa, json!({"kty": "EC"})),
        (&rsa, json!({"n": null})),
        (&rsa, json!({"n": "!"})),
        (&rsa, json!({"n": ""})),
        (&rsa, json!({"n": "AQAB"})),
        (&rsa, json!({"e": ""})),
        (&pss, json!({})),
        (&p256, json!({"crv": "P-384"})),
        (&p256, json!({"crv": "secp256k1"})),
        (&p256, json!({"x": "AA"})),
        (&p256, json!({"alg": "ES384"})),
        (&ed25519, json!({"crv": "X25519"})),
        (&ed25519, json!({"x": "AA"})),
        (&secret, json!({"alg": "HS256"})),
        (&secret, json!({})),
    ] {
        let good = Signer::es256("good");
        let (_issuer, stage) = stage([signer.jwk_with(jwk.clone()), good.jwk()]).await;
        assert_eq!(stage.ask_signed(signer).await, Err(RejectionKind::Unknown), "{jwk}");
        // The others of its set are none the worse.
        assert_admitted(&stage.ask_signed(&good).await);
    }
}

#[tokio::test]
async fn one_key_is_good_for_one_algorithm() {
    let signer = Signer::rs256("k");
    let (_issuer, stage) = stage([signer.jwk_with(json!({"alg": "RS256"}))]).await;
    assert_admitted(&stage.ask_signed(&signer).await);
    assert_unknown(&stage.ask_signed(&signer.into_ps256()).await);
}

#[tokio::test]
async fn a_token_is_verified_by_the_key_that_it_names() {
    let (one, two) = (Signer::es256("one"), Signer::es256("two"));
    let (_issuer, stage) = stage([one.jwk(), two.jwk()]).await;
    assert_admitted(&stage.ask_signed(&one).await);
    assert_admitted(&stage.ask_signed(&two).await);
    let misnamed = one.sign_with(&json!({"kid": "two"}), &stage.claims());
    assert_unknown(&stage.ask(&misnamed).await);
}
