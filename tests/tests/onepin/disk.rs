//! A disk that is full half-way through a change.

use keyward_tests::onepin::assert_unmanageable;
use keyward_tests::{Program, say};
use rustix::process::Signal;
use serde_json::Value;

use crate::stage::{API, ONEPIN, Stage};

/// A page of SQLite's log, with its head.
const FRAME: u64 = 4096 + 24;

async fn stage() -> Stage {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start_on_small_disk(ONEPIN, folder.path()).await;
    Stage::of_program(program, folder)
}

/// Lets the log grow by this much and no more.
fn leave_room(stage: &Stage, room: u64) {
    let log = stage.system.folder.path().join("onepin.db-wal");
    stage.system.program.fill_disk(log.metadata().unwrap().len() + room);
}

#[tokio::test]
async fn a_key_that_cannot_be_kept_whole_is_not_made() {
    let stage = stage().await;
    stage.create("Before", &[]).await;
    let before = stage.list("?status=all").await;
    // Nothing of the transaction, one page of it, and half of the next.
    for room in [0, FRAME, FRAME + FRAME / 2] {
        leave_room(&stage, room);
        for _ in 0..2 {
            let body = r#"{"name":"A","scopes":["workflows:read"]}"#;
            assert_unmanageable(&stage.manage("POST", "", body).await);
            assert_eq!(stage.list("?status=all").await, before);
        }
    }
    stage.system.program.clear_disk();
    assert_eq!(stage.list("?status=all").await, before);
    let (record, key) = stage.create("After", &["workflows:read"]).await;
    assert_eq!(stage.get(&key, "/workflows").await.status, 200);
    let after = stage.list("?status=all").await;
    assert_eq!(after["data"][0].to_string(), record.used_as(&after["data"][0]).shown());
    let rest = &after["data"].as_array().unwrap()[1..];
    assert_eq!(rest, before["data"].as_array().unwrap());

    let Stage { system, operator, .. } = stage;
    system.program.signal(Signal::KILL);
    system.program.end().await;
    let again = Program::start(ONEPIN, system.folder.path(), &[]).await;
    let list = again.client(API).get("/api-keys?status=all", &operator).await.json();
    assert_eq!(list["data"], after["data"], "and after a crash");
}

#[tokio::test]
async fn a_key_that_cannot_be_changed_stays_as_it_was() {
    let stage = stage().await;
    let (record, key) = stage.create("A", &["workflows:read"]).await;
    assert_eq!(stage.get(&key, "/workflows").await.status, 200);
    let before: Value = stage.list("?status=all").await;
    let one = format!("/{}", record.id);
    let (mut refused, mut accepted) = (0, 0);
    for room in [0, FRAME] {
        leave_room(&stage, room);
        for (method, below, body) in [
            ("PATCH", &*one, r#"{"name":"B"}"#),
            ("PATCH", &one, r#"{"active":false}"#),
            ("PATCH", &format!("{one}/rotate"), ""),
            ("DELETE", &one, ""),
        ] {
            assert_unmanageable(&stage.manage(method, below, body).await);
            assert_eq!(stage.list("?status=all").await, before);
            refused += 1;
            for _ in 0..20 {
                assert_eq!(stage.get(&key, "/workflows").await.status, 200);
                accepted += 1;
            }
        }
    }
    say(format!(
        "disk full: {refused} acts answered 503 and not done, {accepted} requests of a good key \
         accepted, none refused"
    ));
    stage.system.program.clear_disk();
    assert_eq!(stage.manage("DELETE", &one, "").await.status, 200);
    assert_eq!(stage.get(&key, "/workflows").await.status, 401);
}
