use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use keyward_admin::jwt::{DevelopmentKeys, Jwks};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Signer, Stage, assert_admitted, assert_unavailable, assert_unknown};

const SECOND: Duration = Duration::from_secs(1);

/// Writes the file so that its time tells, on however coarse a file system.
fn write(path: &Path, text: &str) {
    let before = path.metadata().and_then(|file| file.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    fs::write(path, text).unwrap();
    File::options().write(true).open(path).unwrap().set_modified(before + SECOND).unwrap();
}

fn write_keys(path: &Path, jwks: impl IntoIterator<Item = Value>) {
    let keys: Vec<Value> = jwks.into_iter().collect();
    write(path, &json!({ "keys": keys }).to_string());
}

#[tokio::test]
async fn a_file_that_changes_is_read_within_a_second_and_at_once_for_a_new_key() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("jwks.json");
    let (one, two, three) = (Signer::es256("one"), Signer::es256("two"), Signer::es256("three"));
    write_keys(&path, [one.jwk()]);
    let stage = Stage::of(Jwks::from_file(&path).unwrap());
    assert_admitted(&stage.ask_signed(&one).await);

    write_keys(&path, [two.jwk()]);
    assert_admitted(&stage.ask_signed(&one).await);
    assert_admitted(&stage.ask_signed(&two).await);
    assert_unknown(&stage.ask_signed(&one).await);

    write_keys(&path, [three.jwk()]);
    stage.clock.advance(SECOND);
    assert_unknown(&stage.ask_signed(&two).await);
    assert_admitted(&stage.ask_signed(&three).await);
}

#[tokio::test]
async fn a_file_that_cannot_be_read_any_more_keeps_the_keys() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("jwks.json");
    let (old, new) = (Signer::es256("old"), Signer::es256("new"));
    write_keys(&path, [old.jwk()]);
    let stage = Stage::of(Jwks::from_file(&path).unwrap());

    for half_written in ["", "{\"keys\": [{", "nonsense"] {
        write(&path, half_written);
        stage.clock.advance(SECOND);
        for _ in 0..2 {
            assert_admitted(&stage.ask_signed(&old).await);
            assert_unavailable(&stage.ask_signed(&new).await);
        }
    }
    fs::remove_file(&path).unwrap();
    stage.clock.advance(SECOND);
    assert_admitted(&stage.ask_signed(&old).await);
    assert_unavailable(&stage.ask_signed(&new).await);

    write_keys(&path, [new.jwk()]);
    assert_admitted(&stage.ask_signed(&new).await);
    assert_unknown(&stage.ask_signed(&old).await);
    assert_unknown(&stage.ask_unknown().await);
}

#[tokio::test]
async fn a_file_without_keys_is_refused_at_the_start() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("jwks.json");
    let secret = Signer::hs256("k1", b"secret");
    let huge = format!("{{\"keys\": [], \"padding\": \"{}\"}}", "a".repeat(1024 * 1024));
    let error = Jwks::from_file(&path).unwrap_err().to_string();
    assert!(error.contains("jwks.json` gives no keys: it cannot be read"), "{error}");
    for (text, sentence) in [
        ("nonsense", "it is no JWKS"),
        ("{}", "missing field `keys`"),
        (r#"{"keys": []}"#, "put a public RSA, P-256 or Ed25519 key"),
        (&*json!({"keys": [secret.jwk()]}).to_string(), "holds no key to verify tokens with"),
        (&*huge, "larger than 1 MiB"),
    ] {
        fs::write(&path, text).unwrap();
        let error = Jwks::from_file(&path).unwrap_err().to_string();
        assert!(error.contains(sentence) && error.contains("jwks.json"), "{error}");
    }
}

#[tokio::test]
async fn development_keys_sign_what_their_file_verifies() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("jwks.json");
    let (keys, others) =
        (DevelopmentKeys::generate().unwrap(), DevelopmentKeys::generate().unwrap());
    keys.write_jwks(&path).unwrap();
    let stage = Stage::of(Jwks::from_file(&path).unwrap());
    assert_admitted(&stage.ask(&keys.sign(&stage.claims()).unwrap()).await);
    assert_unknown(&stage.ask(&others.sign(&stage.claims()).unwrap()).await);

    let text = fs::read_to_string(&path).unwrap();
    let jwk = &serde_json::from_str::<Value>(&text).unwrap()["keys"][0];
    let members: Vec<_> = jwk.as_object().unwrap().keys().collect();
    assert_eq!(members, ["kty", "use", "alg", "kid", "n", "e"], "nothing private is in the file");
    let missing = keys.write_jwks(folder.path().join("none/jwks.json")).unwrap_err().to_string();
    assert!(missing.contains("jwks.json` cannot be written"), "{missing}");
}
