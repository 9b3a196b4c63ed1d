//! What is kept of keys, for another store.

use std::process::Stdio;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::time::timeout;

use crate::import::{csv, key, sha256};
use crate::support::{Desk, Ended, PATIENCE, run};

async fn export(desk: &Desk, arguments: &[&str]) -> Ended {
    let ended = run(desk.program(&[&["export"], arguments].concat()), "").await;
    assert_eq!((ended.code, &*ended.stderr), (Some(0), ""));
    ended
}

/// A store with keys of every sort. The ids of the keys, and the keys.
async fn filled() -> (Desk, Vec<(String, String)>) {
    let desk = Desk::new();
    let mut keys = Vec::new();
    for arguments in [
        &["--name", "=plain, \"quoted\""][..],
        &["--name", "narrow", "--scope", "projects-read", "--resource", "p 1", "--resource", "p2"],
        &["--name", "limited", "--rate-limit-per-min", "7", "--network", "10.0.0.0/8"],
        &["--name", "ending", "--expires-in", "90d", "--description", "two\nlines"],
        &["--name", "rotated"],
    ] {
        keys.push(desk.create(arguments).await);
    }
    let rotated = desk.json(&["rotate", &keys[4].0, "--grace", "24h"]).await;
    assert!(rotated["key"].is_string());
    desk.json(&["revoke", &keys[0].0]).await;
    (desk, keys)
}

/// A file that an import takes: what was exported, with the digests that somebody else has.
fn with_digests(exported: &str, keys: &[(String, String)]) -> String {
    let digest = |id: &str| keys.iter().find(|(own, _)| own == id).map(|(_, key)| sha256(key));
    let lines = exported.lines().filter_map(|line| {
        let mut record: Value = serde_json::from_str(line).unwrap();
        record["digest"] = digest(record["id"].as_str()?)?.into();
        Some(format!("{record}\n"))
    });
    lines.collect()
}

#[tokio::test]
async fn all_but_the_digest_comes_back_from_either_format() {
    let (desk, keys) = filled().await;
    let lines = export(&desk, &[]).await.stdout;
    assert_eq!(lines.lines().count(), 6);
    for (_, key) in &keys {
        for secret in [key.clone(), sha256(key)] {
            assert!(!lines.contains(&secret), "{lines}");
        }
    }

    let other = Desk::new();
    other.write("keys.jsonl", &with_digests(&lines, &keys));
    assert_eq!(other.imported(&["keys.jsonl", "--algorithm", "sha256"]).await, (5, 0));
    let again = export(&other, &[]).await.stdout;
    let kept = lines
        .lines()
        .filter(|line| keys.iter().any(|(id, _)| line.contains(&format!("\"id\":\"{id}\""))));
    assert_eq!(again.lines().collect::<Vec<_>>(), kept.collect::<Vec<_>>());
    assert!(other.is_good(&keys[1].1).await);
    assert!(!other.is_good(&keys[0].1).await);

    // The same as CSV, with a column more.
    let text = export(&other, &["--format", "csv"]).await.stdout;
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut header = reader.headers().unwrap().clone();
    header.push_field("digest");
    writer.write_record(&header).unwrap();
    for record in reader.records() {
        let mut record = record.unwrap();
        let digest = keys.iter().find(|(id, _)| *id == record[0]).map(|(_, key)| sha256(key));
        record.push_field(&digest.unwrap());
        writer.write_record(&record).unwrap();
    }
    let third = Desk::new();
    third.write("keys.csv", &String::from_utf8(writer.into_inner().unwrap()).unwrap());
    assert_eq!(third.imported(&["keys.csv", "--algorithm", "sha256"]).await, (5, 0));
    assert_eq!(export(&third, &[]).await.stdout, again);
    assert_eq!(export(&third, &["--format", "csv"]).await.stdout, text);
}

#[tokio::test]
async fn one_workspace_is_exported_alone_and_an_empty_store_is_an_empty_file() {
    let desk = Desk::new();
    desk.create(&["--name", "abc", "--workspace", "acme"]).await;
    desk.create(&["--name", "def", "--workspace", "globex"]).await;
    let lines = export(&desk, &["--workspace", "acme"]).await.stdout;
    assert!(lines.contains("abc") && !lines.contains("def"), "{lines}");
    assert_eq!(export(&desk, &["--workspace", "none"]).await.stdout, "");
    let header = export(&desk, &["--workspace", "none", "--format", "csv"]).await.stdout;
    assert_eq!(header.lines().count(), 1);
    assert!(!header.contains("digest"), "{header}");
}

#[tokio::test]
async fn every_page_is_exported_and_whoever_reads_may_go_away() {
    let desk = Desk::new();
    desk.write("keys.csv", &csv(2_100));
    desk.imported(&["keys.csv", "--algorithm", "sha256"]).await;
    assert_eq!(export(&desk, &[]).await.stdout.lines().count(), 2_100);
    assert!(desk.is_good(&key(2_100)).await);

    let mut child = desk.program(&["export"]).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.next_line().await.unwrap().is_some());
    drop(lines);
    let ended = timeout(PATIENCE, child.wait_with_output()).await.expect("an end in time").unwrap();
    assert_eq!((ended.status.code(), &*ended.stderr), (Some(0), &b""[..]));
}
