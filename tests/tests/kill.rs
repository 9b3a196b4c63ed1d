//! A process that is killed loses nothing that it had acknowledged.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::process::Stdio;

use keyward::audit::{Act, AuditQuery};
use keyward::dialect::Dialect;
use keyward::key::KeyId;
use keyward::manage::KeyManager;
use keyward::store;
use keyward_tests::{Postgres, say};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

/// Changes keys until so many changes are acknowledged, and says all that were.
async fn acknowledged_before_the_kill(store: &str, changes: usize) -> Vec<String> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_churn"))
        .arg(store)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut lines = vec![];
    loop {
        let mut line = String::new();
        stdout.read_line(&mut line).await.unwrap();
        // The kill may cut the last line.
        let Some(line) = line.strip_suffix('\n') else { break };
        lines.push(line.to_owned());
        if lines.len() == changes {
            child.start_kill().unwrap();
        }
    }
    assert_eq!(child.wait().await.unwrap().code(), None, "it was killed");
    assert!(lines.len() >= changes);
    lines
}

#[tokio::test]
async fn acknowledged_change_survives_kill_nine() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("keys.db").display());
    assert_survives(&url).await;
}

#[tokio::test]
async fn acknowledged_change_survives_kill_nine_on_postgres() {
    assert_survives(&Postgres::shared().database()).await;
}

async fn assert_survives(url: &str) {
    let mut acknowledged = vec![];
    for changes in [1, 8, 20, 33, 1_000] {
        acknowledged.extend(acknowledged_before_the_kill(url, changes).await);
    }

    let store = store::open(url).await.unwrap();
    let manager = KeyManager::builder(Dialect::bigspin(), store).open().await.unwrap();
    say(format!("{} acknowledged changes in five processes that were killed", acknowledged.len()));
    for line in acknowledged {
        let (change, id) = line.split_once(' ').unwrap();
        let id = KeyId::new(id);
        let record = manager.get(&id).await.unwrap();
        let act = match change {
            "created" => Act::Created,
            "renamed" => {
                assert_eq!(record.name, "renamed", "{id}");
                Act::Updated
            }
            change => {
                assert!(change == "revoked" && record.revoked_at.is_some(), "{line}");
                Act::Revoked
            }
        };
        // Each change of the key has its entry, acknowledged or not, and no entry is of no change.
        let trail = manager.audit(&AuditQuery::new().with_key(id)).await.unwrap().entries;
        assert!(trail.iter().any(|entry| entry.act == act), "{line}");
        assert_eq!(trail.len() as u64, record.version, "{line}");
    }
}
