use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;
use http::HeaderValue;
use keyward_admin::jwt::Jwks;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::support::{Signer, Stage, ask_with, assert_admitted};

/// Runs a property over a guard that knows one key.
fn check<T: std::fmt::Debug>(
    strategy: impl FnOnce(&Stage, &Signer) -> BoxedStrategy<T>,
    header: impl Fn(T) -> Vec<u8>,
) {
    let runtime = Runtime::new().unwrap();
    let _inside = runtime.enter();
    let (folder, signer) = (TempDir::new().unwrap(), Signer::es256("k1"));
    let path = folder.path().join("jwks.json");
    std::fs::write(&path, format!("{{\"keys\": [{}]}}", signer.jwk())).unwrap();
    let stage = Stage::of(Jwks::from_file(&path).unwrap());
    assert_admitted(&runtime.block_on(stage.ask_signed(&signer)));
    let result = TestRunner::default().run(&strategy(&stage, &signer), |input| {
        if let Ok(header) = HeaderValue::from_bytes(&header(input)) {
            let verdict = runtime.block_on(ask_with(&stage.guard, header));
            prop_assert!(!matches!(verdict, Ok(Some(_))));
        }
        Ok(())
    });
    result.unwrap();
}

#[test]
fn whatever_bytes_come_none_of_them_pass() {
    let bytes = |_: &Stage, _: &Signer| vec(any::<u8>(), 0..200).boxed();
    check(bytes, |bytes| bytes);
    check(bytes, |bytes| [b"Bearer ey", &*bytes].concat());
    let part = || vec(any::<u8>(), 0..60);
    check(
        |_, _| (part(), part(), part()).boxed(),
        |(header, claims, signature)| {
            let part = |bytes: &[u8]| BASE64URL.encode(bytes);
            let header = [b"{\"", &*header].concat();
            format!("Bearer {}.{}.{}", part(&header), part(&claims), part(&signature)).into()
        },
    );
}

#[test]
fn whatever_json_a_header_is_it_does_not_pass_without_a_signature() {
    let value = prop_oneof![
        Just("null".to_owned()),
        Just("\"k1\"".to_owned()),
        Just("\"ES256\"".to_owned()),
        Just("\"none\"".to_owned()),
        Just("[\"exp\"]".to_owned()),
        Just("{\"kty\":\"oct\",\"k\":\"\"}".to_owned()),
        any::<i64>().prop_map(|number| number.to_string()),
    ];
    let name = prop::sample::select(vec!["alg", "kid", "typ", "crit", "jwk", "jku", "x5c", "zip"]);
    let members = vec((name, value), 0..6);
    let forged = |stage: &Stage, signer: &Signer| {
        let token = stage.token(signer);
        let claims = token.split('.').nth(1).unwrap().to_owned();
        (members, Just(claims), vec(any::<u8>(), 0..80)).boxed()
    };
    check(forged, |(members, claims, signature)| {
        let members = members.iter().map(|(name, value)| format!("\"{name}\":{value}"));
        let header = format!("{{{}}}", members.collect::<Vec<_>>().join(","));
        let (header, signature) = (BASE64URL.encode(header), BASE64URL.encode(signature));
        format!("Bearer {header}.{claims}.{signature}").into()
    });
}

#[test]
fn a_good_token_with_one_byte_changed_does_not_pass() {
    let changed = |stage: &Stage, signer: &Signer| {
        let token = stage.token(signer);
        let (length, text) = (token.len(), Just(token));
        let changed = (text, 0..length, prop::sample::select(b"AZaz09-_. =".to_vec()));
        changed.prop_filter("a change", |(token, at, byte)| token.as_bytes()[*at] != *byte).boxed()
    };
    check(changed, |(token, at, byte)| {
        let mut token = token.into_bytes();
        token[at] = byte;
        [b"Bearer ", &*token].concat()
    });
}

#[test]
fn whatever_a_jwks_holds_it_is_read_or_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("jwks.json");
    let member =
        prop_oneof!["[a-z0-9]{0,8}", Just("RSA".into()), Just("EC".into()), Just("OKP".into())];
    let name = prop::sample::select(vec!["kty", "kid", "alg", "use", "n", "e", "crv", "x", "y"]);
    let jwks = vec(vec((name, member), 0..8), 0..4).prop_map(|jwks| {
        let jwk = |members: Vec<(&str, String)>| {
            let members = members.iter().map(|(name, value)| format!("\"{name}\":\"{value}\""));
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        };
        let jwks: Vec<_> = jwks.into_iter().map(jwk).collect();
        format!("{{\"keys\":[{}]}}", jwks.join(",")).into_bytes()
    });
    let strategy = prop_oneof![jwks, vec(any::<u8>(), 0..100)];
    let result = TestRunner::default().run(&strategy, |text| {
        std::fs::write(&path, text).unwrap();
        let _ = Jwks::from_file(&path);
        Ok(())
    });
    result.unwrap();
}
