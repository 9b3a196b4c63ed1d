use std::fmt::Write;

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use serde_json::json;
use sha2::{Digest, Sha256, Sha512};

use super::{hex, key, sha256};
use crate::support::{Desk, run};

#[tokio::test]
async fn a_key_is_let_in_by_the_digest_of_every_form() {
    let desk = Desk::new();
    desk.write(
        "keyward.toml",
        "store = \"sqlite://keys.db\"\ndialect = \"bigspin\"\naccept_digests = [\"sha512\"]\n",
    );
    let mut text = "algorithm,digest,name,workspace,scopes\n".to_owned();
    for (number, (algorithm, encode)) in [
        ("sha256", hex as fn(&[u8]) -> String),
        ("SHA256", |bytes| hex(bytes).to_uppercase()),
        ("sha256", |bytes| BASE64_STANDARD.encode(bytes)),
        ("sha256", |bytes| BASE64_URL_SAFE_NO_PAD.encode(bytes)),
        ("sha512", hex),
        ("sha512", |bytes| BASE64_STANDARD.encode(bytes)),
    ]
    .into_iter()
    .enumerate()
    {
        let key = key(number);
        let digest = if algorithm == "sha512" {
            encode(&Sha512::digest(&key))
        } else {
            encode(&Sha256::digest(&key))
        };
        writeln!(text, "{algorithm},{digest},key {number},acme,all").unwrap();
    }
    desk.write("keys.csv", &text);
    assert_eq!(desk.imported(&["keys.csv"]).await, (6, 0));
    for number in 0..6 {
        assert!(desk.is_good(&key(number)).await, "{number}");
    }
    assert!(!desk.is_good(&key(6)).await);
}

#[tokio::test]
async fn a_record_of_csv_and_one_of_json_say_the_same() {
    let desk = Desk::new();
    desk.write(
        "keys.csv",
        &format!(
            "\u{feff}digest,id,name,workspace,kind,description,scopes,resources,networks,\
             rate_limit_per_min,created_at,expires_at,revoked_at,last_used_at,mask,metadata\n\
             {},one,\"a, b\",acme,secret,\"two\nlines\",projects-read projects-write,p1 p2,\
             10.0.0.0/8 2001:db8::/32,7,2026-01-06T10:00:00Z,2199-01-01T00:00:00Z,\
             2026-02-01T00:00:00Z,2026-01-07T00:00:00Z,sk-...wxyz,\"{{\"\"team\"\":\"\"red\"\"}}\"\n\
             {},,plain,acme,,,all,,,,,,,,,\n",
            sha256(&key(1)),
            sha256(&key(2))
        ),
    );
    let record = json!({
        "digest": sha256(&key(3)), "id": "three", "name": "a, b", "workspace": "acme",
        "kind": "secret", "description": "two\nlines",
        "scopes": ["projects-read", "projects-write"], "resources": ["p1", "p2"],
        "networks": ["10.0.0.0/8", "2001:db8::/32"], "rate_limit_per_min": 7,
        "created_at": "2026-01-06T10:00:00Z", "expires_at": "2199-01-01T00:00:00Z",
        "revoked_at": "2026-02-01T00:00:00Z", "last_used_at": "2026-01-07T00:00:00Z",
        "mask": "sk-...wxyz", "metadata": {"team": "red"},
    });
    desk.write("keys.jsonl", &format!("{record}\n\n"));
    for file in ["keys.csv", "keys.jsonl"] {
        desk.imported(&[file, "--algorithm", "sha256"]).await;
    }
    let (mut one, mut three) =
        (desk.json(&["show", "one"]).await, desk.json(&["show", "three"]).await);
    for record in [&mut one, &mut three] {
        let record = record.as_object_mut().unwrap();
        record.remove("id");
        record.remove("updated_at");
    }
    assert_eq!(one, three);
    assert_eq!(one["status"], "revoked");
    assert_eq!(one["resources"], json!(["p1", "p2"]));
    assert_eq!(one["created_at"], "2026-01-06T10:00:00.000Z");
    assert_eq!(one["created_by"]["person"], "ada");
    assert_eq!(one["metadata"]["team"], "red");

    let verified = desk.keys_with(&key(2), &["verify", "--json"]).await.json();
    assert_eq!((&verified["valid"], &verified["record"]["scopes"]), (&json!(true), &json!("all")));
    let record = &verified["record"];
    assert_eq!(record["mask"], record["id"], "nothing else is known of it");
}

#[tokio::test]
async fn the_trail_says_that_a_key_was_imported_and_by_whom() {
    let desk = Desk::new();
    desk.write("keys.csv", &super::csv(2));
    desk.imported(&["keys.csv", "--algorithm", "sha256", "--as", "grace"]).await;
    let trail = desk.json(&["log"]).await;
    for entry in trail.as_array().unwrap() {
        assert_eq!((&entry["act"], &entry["by"]["person"]), (&json!("imported"), &json!("grace")));
    }
    assert_eq!(trail.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn standard_input_is_a_file_whose_format_is_said() {
    let desk = Desk::new();
    let arguments = ["import", "-", "--algorithm", "sha256", "--json"];
    run(desk.program(&arguments), "").await.assert_failed(2, &["--format csv"]);
    let command = desk.program(&[&arguments[..], &["--format", "csv"]].concat());
    let ended = run(command, &super::csv(3)).await;
    assert_eq!(ended.json()["imported"], 3, "{ended:?}");
    let told = desk.import(&["none.csv"]).await;
    told.assert_failed(2, &["none.csv"]);
    desk.import(&["keyward.toml"]).await.assert_failed(2, &["--format"]);
}

#[tokio::test]
async fn a_workspace_that_is_named_is_that_of_every_line() {
    let desk = Desk::new();
    let digest = sha256(&key(1));
    desk.write("keys.csv", &format!("digest,name,scopes\n{digest},abc,all\n"));
    let file = ["keys.csv", "--algorithm", "sha256"];
    desk.import(&file).await.assert_failed(1, &["line 2", "--workspace"]);
    assert_eq!(desk.imported(&[&file[..], &["--workspace", "acme"]].concat()).await, (1, 0));
    desk.write("keys.csv", &super::csv(1));
    let elsewhere = desk.import(&[&file[..], &["--workspace", "globex"]].concat()).await;
    elsewhere.assert_failed(1, &["line 2", "workspace"]);
}
