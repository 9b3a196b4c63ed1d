//! Which JWTs are good.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;
use keyward::clock::{Clock, SystemClock};
use keyward_admin::jwt::DevelopmentKeys;
use keyward_tests::onepin::{OPERATOR, assert_invalid};
use serde_json::{Value, json};

use crate::stage::Stage;

const ISSUER: &str = "https://issuer.example";

/// The program, and the private key of the issuer that it believes.
struct Issued {
    stage: Stage,
    issuer: DevelopmentKeys,
}

impl Issued {
    async fn start() -> Self {
        let stage = Stage::start().await;
        let issuer = DevelopmentKeys::generate().unwrap();
        // Where production has the issuer's address, the program has a file, and reads it anew.
        issuer.write_jwks(stage.system.folder.path().join("onepin.db.jwks.json")).unwrap();
        let good = issuer.sign(&claims(&json!({}))).unwrap();
        let this = Self { stage, issuer };
        this.assert_lets_in(&good).await;
        this
    }

    async fn assert_lets_in(&self, token: &str) {
        for path in ["/auth/whoami", "/api-keys"] {
            let answer = self.stage.get(token, path).await;
            assert_eq!(answer.status, 200, "{}", answer.body);
        }
    }

    async fn assert_refuses(&self, token: &str) {
        for (method, path, body) in [
            ("GET", "/auth/whoami", ""),
            ("GET", "/api-keys", ""),
            ("POST", "/api-keys", r#"{"name":"A"}"#),
        ] {
            assert_invalid(&self.stage.ask(token, method, path, body).await);
        }
    }
}

fn seconds_from_now(seconds: i64) -> i64 {
    SystemClock::new().now().timestamp.as_millis() / 1000 + seconds
}

/// The operator's claims, with some of them changed, or taken out where they are null.
fn claims(changes: &Value) -> Value {
    let mut claims = json!({"iss": ISSUER, "sub": OPERATOR, "exp": seconds_from_now(600)});
    let members = claims.as_object_mut().unwrap();
    members.extend(changes.as_object().unwrap().clone());
    members.retain(|_, value| !value.is_null());
    claims
}

fn part(json: &Value) -> String {
    BASE64URL.encode(json.to_string())
}

#[tokio::test]
async fn a_token_counts_from_its_beginning_to_its_end() {
    let issued = Issued::start().await;
    let sign = |changes: Value| issued.issuer.sign(&claims(&changes)).unwrap();
    for changes in [
        json!({"nbf": seconds_from_now(-60)}),
        json!({"nbf": seconds_from_now(0), "iat": seconds_from_now(0)}),
        json!({"exp": 4_102_444_800.5}),
    ] {
        issued.assert_lets_in(&sign(changes)).await;
    }
    for changes in [
        json!({"exp": seconds_from_now(-60)}),
        json!({"exp": 0}),
        json!({"exp": -1}),
        json!({"exp": null}),
        json!({"exp": "4102444800"}),
        json!({"nbf": seconds_from_now(60)}),
        json!({"nbf": "soon"}),
    ] {
        issued.assert_refuses(&sign(changes)).await;
    }
}

#[tokio::test]
async fn only_the_issuers_tokens_are_good() {
    let issued = Issued::start().await;
    for changes in [
        json!({"iss": "https://issuer.example/"}),
        json!({"iss": "https://mallory.example"}),
        json!({"iss": [ISSUER]}),
        json!({"iss": null}),
        json!({"sub": null}),
        json!({"sub": ""}),
        json!({"sub": 7}),
    ] {
        issued.assert_refuses(&issued.issuer.sign(&claims(&changes)).unwrap()).await;
    }
    let mallory = DevelopmentKeys::generate().unwrap();
    let forged = mallory.sign(&claims(&json!({}))).unwrap();
    issued.assert_refuses(&forged).await;

    // The same under the name of the issuer's key.
    let good = issued.issuer.sign(&claims(&json!({}))).unwrap();
    let (header, _) = good.split_once('.').unwrap();
    let (_, rest) = forged.split_once('.').unwrap();
    issued.assert_refuses(&format!("{header}.{rest}")).await;
    issued.assert_refuses(&issued.stage.operator).await;
}

#[tokio::test]
async fn a_public_key_signs_nothing() {
    let issued = Issued::start().await;
    let jwks = issued.issuer.jwks();
    let jwk = &jwks["keys"][0];
    let text = |name: &str| jwk[name].as_str().unwrap().to_owned();
    let (kid, n) = (text("kid"), text("n"));
    let modulus = BASE64URL.decode(&n).unwrap();
    let secrets = [n.into_bytes(), modulus, jwks.to_string().into_bytes(), Vec::new()];
    for (secret, alg) in secrets
        .iter()
        .flat_map(|secret| ["HS256", "hs256", "RS256", "none"].map(|alg| (secret, alg)))
    {
        for header in [json!({"alg": alg, "kid": kid}), json!({"alg": alg, "kid": kid, "jwk": jwk})]
        {
            let message = format!("{}.{}", part(&header), part(&claims(&json!({}))));
            let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
            let signature = BASE64URL.encode(hmac::sign(&key, message.as_bytes()));
            issued.assert_refuses(&format!("{message}.{signature}")).await;
        }
    }
}

#[tokio::test]
async fn nobody_is_believed_without_a_signature() {
    let issued = Issued::start().await;
    let kid = issued.issuer.jwks()["keys"][0]["kid"].clone();
    let good = issued.issuer.sign(&claims(&json!({}))).unwrap();
    let (message, signature) = good.rsplit_once('.').unwrap();
    for alg in ["none", "None", "NONE", ""] {
        let header = part(&json!({"alg": alg, "kid": kid}));
        let claims = part(&claims(&json!({})));
        issued.assert_refuses(&format!("{header}.{claims}.")).await;
        issued.assert_refuses(&format!("{header}.{claims}.{signature}")).await;
    }
    for token in [format!("{message}."), format!("{message}.{}", "A".repeat(signature.len()))] {
        issued.assert_refuses(&token).await;
    }
}

#[tokio::test]
async fn what_is_no_token_is_refused() {
    let issued = Issued::start().await;
    let good = issued.issuer.sign(&claims(&json!({}))).unwrap();
    let (message, signature) = good.rsplit_once('.').unwrap();
    let (header, payload) = message.split_once('.').unwrap();
    for token in [
        "ey",
        "ey..",
        "eyJhbGciOiJSUzI1NiJ9",
        "garbage",
        "a.b.c",
        message,
        &format!("{good}.{signature}"),
        &format!("{good}="),
        &format!("{good}x"),
        &format!("{header}.{header}.{signature}"),
        &format!("{payload}.{header}.{signature}"),
        &format!("{header}.{}.{signature}", BASE64URL.encode("not JSON")),
        &format!("{}.{payload}.{signature}", BASE64URL.encode(r#"{"alg":7}"#)),
        &format!("{header}.{payload}{}.{signature}", "A".repeat(20_000)),
    ] {
        issued.assert_refuses(token).await;
    }
}
