use serde_json::json;

use super::{csv, key, sha256};
use crate::support::Desk;

#[tokio::test]
async fn each_bad_line_is_named_with_what_is_wrong_and_nothing_is_written() {
    let desk = Desk::new();
    let (_, issued) = desk.create(&["--name", "here already"]).await;
    let digest = sha256(&key(0));
    let taken = desk.json(&["list"]).await[0]["id"].as_str().unwrap().to_owned();
    for (field, value, words) in [
        ("digest", json!(null), "no digest"),
        ("digest", json!(key(1)), "64 hex digits"),
        ("digest", json!(&digest[2..]), "64 hex digits"),
        ("digest", json!(format!("{}zz", &digest[2..])), "64 hex digits"),
        ("digest", json!(7), "a text"),
        ("digest", json!(sha256(&issued)), "kept already"),
        ("algorithm", json!("md5"), "sha512"),
        ("algorithm", json!("sha512"), "accept_digests"),
        ("algorithm", json!("hmac-sha256"), "--pepper"),
        ("pepper", json!("main"), "only hmac-sha256"),
        ("id", json!("a b"), "an id has"),
        ("id", json!(""), "an id has"),
        ("id", json!(key(1)), "not the key itself"),
        ("id", json!(taken), "another key has this id"),
        ("name", json!(null), "no name"),
        ("name", json!("ab"), "name"),
        ("name", json!("a\u{7}bell"), "control characters"),
        ("workspace", json!(null), "no workspace"),
        ("workspace", json!(""), "workspace"),
        ("kind", json!("public"), "no such kind"),
        ("description", json!("x".repeat(1_001)), "too long"),
        ("scopes", json!(null), "no list of scopes"),
        ("scopes", json!("projects-read"), "a list"),
        ("scopes", json!(["projects-raed"]), "projects-raed"),
        ("scopes", json!(["a b"]), "scopes"),
        ("resources", json!([1]), "a list of texts"),
        ("networks", json!(["10.0.0.1/8"]), "10.0.0.0/8"),
        ("networks", json!([]), "name a network"),
        ("rate_limit_per_min", json!(0), "from 1 on"),
        ("rate_limit_per_min", json!("7"), "from 1 on"),
        ("rate_limit_per_min", json!(4_294_967_296_u64), "from 1 on"),
        ("created_at", json!("2026-01-06"), "2026-01-06T10:00:00Z"),
        ("created_at", json!("2199-01-01T00:00:00Z"), "future"),
        ("last_used_at", json!("2199-01-01T00:00:00Z"), "future"),
        ("expires_at", json!(1), "a text"),
        ("revoked_at", json!("yesterday"), "2026-01-06T10:00:00Z"),
        ("rotated_to", json!("/"), "an id has"),
        ("created_by_key", json!("one key"), "an id has"),
        ("created_by", json!("a\u{7}bell"), "control characters"),
        ("mask", json!(key(1)), "whole key"),
        ("mask", json!("x".repeat(129)), "too long"),
        ("metadata", json!([]), "a JSON object"),
        ("scope", json!(["projects-read"]), "no field `scope`"),
        ("key", json!(key(1)), "no field `key`"),
    ] {
        let good = json!({
            "digest": digest, "algorithm": "sha256", "name": "abc", "workspace": "acme",
            "scopes": ["projects-read"],
        });
        let mut bad = good.clone();
        bad["digest"] = json!(sha256(&key(2)));
        bad[field] = value;
        desk.write("keys.jsonl", &format!("{good}\n{bad}\n"));
        let told = desk.import(&["keys.jsonl"]).await;
        told.assert_failed(1, &["line 2", words, "nothing was imported"]);
        assert_eq!(told.stderr.lines().count(), 2, "{}", told.stderr);
        assert!(!told.stderr.contains(&key(1)), "{}", told.stderr);
        assert_eq!(desk.count().await, 1);
    }
}

#[tokio::test]
async fn what_is_no_record_at_all_is_named_too() {
    let desk = Desk::new();
    let good = csv(1);
    for (file, text, words) in [
        ("keys.csv", "digest,name,secret\n".to_owned(), ["line 1", "`secret`"]),
        ("keys.csv", "digest,name,name\n".to_owned(), ["line 1", "twice"]),
        ("keys.csv", format!("{good}a,b\n"), ["line 3", "2 values"]),
        ("keys.csv", format!("{good}\"{}\n", "x".repeat(1 << 21)), ["line 3", "1 MiB"]),
        ("keys.jsonl", "{\"name\":\n".to_owned(), ["line 1", "no JSON"]),
        ("keys.jsonl", "\n[]".to_owned(), ["line 2", "no JSON object"]),
        ("keys.jsonl", format!("\"{}\n{{}}\n", "x".repeat(1 << 20)), ["line 1", "1 MiB"]),
    ] {
        desk.write(file, &text);
        let told = desk.import(&[file, "--algorithm", "sha256"]).await;
        told.assert_failed(1, &words);
        assert!(told.stderr.len() < 1_000, "{}", told.stderr);
    }
    std::fs::write(desk.folder().join("keys.csv"), [good.as_bytes(), b"\xff,b,c,d\n"].concat())
        .unwrap();
    let told = desk.import(&["keys.csv", "--algorithm", "sha256"]).await;
    told.assert_failed(1, &["line 3", "UTF-8"]);
    assert_eq!(desk.count().await, 0);
}

#[tokio::test]
async fn the_first_hundred_bad_lines_are_named_and_the_others_counted() {
    let desk = Desk::new();
    desk.write("keys.csv", &csv(2_500).replace("projects-read", "projects-raed"));
    let file = ["keys.csv", "--algorithm", "sha256"];
    let told = desk.import(&file).await;
    told.assert_failed(1, &["line 2:", "line 101:", "2400 more", "2500 lines"]);
    assert_eq!(told.stderr.lines().count(), 102);
    let told = desk.import(&[&file[..], &["--json"]].concat()).await;
    assert_eq!(told.code, Some(1));
    assert_eq!(told.json()["bad"], 2_500);
    assert_eq!(told.json()["faults"].as_array().unwrap().len(), 100);
    assert_eq!(told.json()["faults"][0]["line"], 2);
    assert_eq!(told.json()["faults"][0]["field"], "scopes");
}

#[tokio::test]
async fn a_key_stands_in_a_file_once() {
    let desk = Desk::new();
    // In another batch than the first.
    let text = format!("{}{},again,acme,all\n", csv(1_500), sha256(&key(7)));
    desk.write("keys.csv", &text);
    let told = desk.import(&["keys.csv", "--algorithm", "sha256"]).await;
    told.assert_failed(1, &["line 1502", "line 8 has the same"]);
    let ids = format!(
        "digest,id,name,workspace,scopes\n{},one,abc,acme,all\n{},one,def,acme,all\n",
        sha256(&key(1)),
        sha256(&key(2))
    );
    desk.write("keys.csv", &ids);
    let told = desk.import(&["keys.csv", "--algorithm", "sha256"]).await;
    told.assert_failed(1, &["line 3", "id", "line 2 has the same"]);
}
