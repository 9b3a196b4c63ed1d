use std::process::ExitStatus;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::process::Child;
use tokio::time::{sleep, timeout};

use super::{csv, key, sha256};
use crate::support::{Desk, PATIENCE};

const FILE: [&str; 3] = ["keys.csv", "--algorithm", "sha256"];
const KEYS: usize = 5_000;
/// How often a signal may come too late.
const TRIES: usize = 10;

#[tokio::test]
async fn what_is_imported_twice_is_kept_once() {
    let desk = Desk::new();
    desk.write("keys.csv", &csv(1_200));
    assert_eq!(desk.imported(&FILE).await, (1_200, 0));
    let before = desk.json(&["list"]).await;
    assert_eq!(desk.imported(&FILE).await, (0, 1_200));
    assert_eq!(desk.json(&["list"]).await, before);
    assert_eq!(before.as_array().unwrap().len(), 1_200);
    // More of them than before.
    desk.write("keys.csv", &csv(1_300));
    assert_eq!(desk.imported(&FILE).await, (100, 1_200));
    assert_eq!(desk.count().await, 1_300);
}

#[tokio::test]
async fn another_record_of_a_key_that_is_kept_is_a_conflict() {
    let desk = Desk::new();
    desk.write("keys.csv", &csv(2));
    desk.imported(&FILE).await;
    desk.write("keys.csv", &csv(2).replace("key 2,acme,projects-read", "other,acme,all"));
    let told = desk.import(&FILE).await;
    told.assert_failed(1, &["line 3", "kept already", "another name, scopes"]);
}

#[tokio::test]
async fn what_was_changed_here_since_stays() {
    let desk = Desk::new();
    desk.write("keys.csv", &csv(2));
    desk.imported(&FILE).await;
    let id = desk.json(&["list"]).await[0]["id"].as_str().unwrap().to_owned();
    desk.json(&["revoke", &id]).await;
    desk.json(&["update", &id, "--name", "renamed"]).await;
    assert_eq!(desk.imported(&FILE).await, (0, 2));
    let shown = desk.json(&["show", &id]).await;
    assert_eq!((&shown["status"], &shown["name"]), (&"revoked".into(), &"renamed".into()));
}

/// Starts an import of many keys and sends a signal in its middle. How it ended.
async fn signalled(signal: Signal) -> (Desk, ExitStatus, String) {
    for _ in 0..TRIES {
        let desk = Desk::new();
        desk.create(&["--name", "makes the store"]).await;
        desk.write("keys.csv", &csv(KEYS));
        let child = desk.program(&[&["import"], &FILE[..]].concat()).spawn().unwrap();
        timeout(PATIENCE, until_some_are_here(&desk, &child)).await.expect("keys in time");
        let pid = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        if pid.is_none_or(|pid| kill_process(pid, signal).is_err()) {
            continue;
        }
        let output = timeout(PATIENCE, child.wait_with_output()).await.expect("an end in time");
        let output = output.unwrap();
        if !output.status.success() {
            return (desk, output.status, String::from_utf8(output.stderr).unwrap());
        }
    }
    panic!("every signal came too late");
}

async fn until_some_are_here(desk: &Desk, child: &Child) {
    while child.id().is_some() {
        let page = desk.json(&["log", "--limit", "2"]).await;
        if page.as_array().is_some_and(|entries| entries.len() > 1) {
            return;
        }
        sleep(Duration::from_millis(5)).await;
    }
}

async fn go_on(desk: &Desk) {
    let before = desk.count().await - 1;
    assert!((1_000..KEYS).contains(&before) && before.is_multiple_of(1_000), "{before}");
    let (new, kept) = desk.imported(&FILE).await;
    assert_eq!((new, kept), ((KEYS - before) as u64, before as u64));
    assert_eq!(desk.count().await, KEYS + 1);
    assert!(desk.is_good(&key(KEYS)).await);
}

#[tokio::test]
async fn an_import_that_was_killed_in_its_middle_goes_on() {
    let (desk, status, _) = signalled(Signal::KILL).await;
    assert_eq!(status.code(), None);
    go_on(&desk).await;
}

#[tokio::test]
async fn an_interrupt_ends_the_batch_and_says_how_to_go_on() {
    let (desk, status, stderr) = signalled(Signal::INT).await;
    assert_eq!(status.code(), Some(130), "{stderr}");
    assert!(stderr.contains("keys of the file are here"), "{stderr}");
    go_on(&desk).await;
}

#[tokio::test]
async fn a_deleted_key_comes_back_with_its_file() {
    let desk = Desk::new();
    desk.write("keys.csv", &csv(1));
    desk.imported(&FILE).await;
    let id = desk.json(&["list"]).await[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(desk.keys(&["delete", &id, "--yes"]).await.code, Some(0));
    assert!(!desk.is_good(&key(1)).await);
    assert_eq!(desk.imported(&FILE).await, (1, 0));
    assert!(desk.is_good(&key(1)).await);
    assert_eq!(sha256(&key(1)).len(), 64);
}
