use keyward::key::{Pepper, Peppers, PlainKey};

use super::{hex, key, sha256};
use crate::support::{Desk, run};

const LEGACY: &str = "the secret of another system";

/// Two peppers: the newer from a file, the older, another system's, from the environment.
fn settings(desk: &Desk, accepted: &str) {
    desk.write("pepper", "32 bytes of a secret, or even more\n");
    desk.write(
        "keyward.toml",
        &format!(
            "store = \"sqlite://keys.db\"\ndialect = \"bigspin\"\naccept_digests = [{accepted}]\n\
             [peppers.main]\nversion = 2\nfile = \"pepper\"\n\
             [peppers.legacy]\nversion = 1\nenv = \"LEGACY_PEPPER\"\n"
        ),
    );
}

async fn verify(desk: &Desk, key: &str) -> Option<i32> {
    let mut command = desk.command(&["verify"]);
    command.env("LEGACY_PEPPER", LEGACY);
    run(command, key).await.code
}

fn hmac(key: &str) -> String {
    let peppers = Peppers::new([Pepper::new(1, LEGACY)]).unwrap();
    hex(peppers.digest(&PlainKey::new(key.to_owned())).digest.as_bytes())
}

#[tokio::test]
async fn an_hmac_is_found_again_under_the_pepper_that_its_line_names() {
    let desk = Desk::new();
    settings(&desk, "\"sha256\"");
    desk.write(
        "keys.csv",
        &format!(
            "digest,algorithm,pepper,name,workspace,scopes\n\
             {},hmac-sha256,legacy,first,acme,all\n\
             {},hmac-sha256,,second,acme,all\n\
             {},sha256,,third,acme,all\n\
             {},hmac-sha256,main,under another one,acme,all\n",
            hmac(&key(1)),
            hmac(&key(2)),
            sha256(&key(3)),
            hex(&[7; 32]),
        ),
    );
    let mut import = desk.program(&["import", "keys.csv", "--pepper", "legacy", "--json"]);
    import.env("LEGACY_PEPPER", LEGACY);
    let ended = run(import, "").await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(ended.json()["imported"], 4);
    for number in 1..=3 {
        assert_eq!(verify(&desk, &key(number)).await, Some(0), "{number}");
    }
    assert_eq!(verify(&desk, &key(4)).await, Some(1));
    // Where SHA-256 is not accepted, its keys are unknown.
    settings(&desk, "");
    assert_eq!(verify(&desk, &key(1)).await, Some(0));
    assert_eq!(verify(&desk, &key(3)).await, Some(1));
}

#[tokio::test]
async fn a_new_key_is_kept_under_the_newest_pepper() {
    let desk = Desk::new();
    settings(&desk, "");
    let mut create = desk.command(&["create", "--name", "abc", "--json"]);
    create.env("LEGACY_PEPPER", LEGACY);
    let created = run(create, "").await.json();
    let key = created["key"].as_str().unwrap();
    assert_eq!(verify(&desk, key).await, Some(0));
    desk.write("keyward.toml", "store = \"sqlite://keys.db\"\n");
    assert_eq!(verify(&desk, key).await, Some(1), "without its pepper nobody finds it");
    settings(&desk, "");
    desk.write("pepper", "another secret of 16 bytes or more");
    assert_eq!(verify(&desk, key).await, Some(1));
}

#[tokio::test]
async fn a_pepper_that_cannot_be_had_is_told_without_its_secret() {
    let desk = Desk::new();
    for (pepper, words) in [
        ("version = 1\nfile = \"none\"", ["main", "none"]),
        ("version = 1\nenv = \"NOT_SET\"", ["main", "NOT_SET"]),
        ("version = 1", ["main", "env ="]),
        ("version = 1\nfile = \"short\"", ["pepper 1", "16 bytes"]),
        ("version = 1\nsecret = \"hunter2\"", ["secret", "line 4"]),
    ] {
        desk.write("short", "hunter2");
        desk.write("keyward.toml", &format!("store = \"memory:\"\n[peppers.main]\n{pepper}\n"));
        let told = desk.keys(&["list", "--dialect", "bigspin"]).await;
        told.assert_failed(2, &words);
        assert!(!told.stderr.contains("hunter2"), "{}", told.stderr);
    }
}

#[tokio::test]
async fn a_pepper_that_nobody_configured_is_a_bad_line() {
    let desk = Desk::new();
    let text = format!("digest,name,workspace,scopes\n{},abc,acme,all\n", hmac(&key(1)));
    desk.write("keys.csv", &text);
    let arguments = ["keys.csv", "--algorithm", "hmac-sha256", "--pepper", "legacy"];
    desk.import(&arguments).await.assert_failed(1, &["line 2", "no such pepper"]);
}
