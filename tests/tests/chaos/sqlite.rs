//! One file, several processes.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use keyward::manage::Reach;
use keyward_tests::say;
use rustix::process::Signal;
use tempfile::TempDir;
use tokio::time::sleep;

use crate::fleet::{Bounds, create, unknown};
use crate::load::Subject;
use crate::stage::{Place, Stage};

const BOUNDS: Bounds =
    Bounds { max_staleness: Duration::from_secs(2), stale_if_error: Duration::ZERO };

async fn stage(size: usize, bounds: Bounds) -> Stage {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite://{}", path(&folder).display());
    Stage::new(folder, Place::at(&url), size, bounds).await
}

fn path(folder: &TempDir) -> PathBuf {
    folder.path().join("keys.db")
}

/// Moves a database, with the files beside it.
fn rename(from: &Path, to: &Path) {
    for end in ["", "-wal", "-shm"] {
        let beside = |path: &Path| PathBuf::from(format!("{}{end}", path.display()));
        let _ = fs::rename(beside(from), beside(to));
    }
}

/// Nothing is pushed from process to process: this is the poll alone.
#[tokio::test]
async fn every_process_refuses_within_the_bound_and_revoke_and_wait_says_when() {
    let stage = stage(3, BOUNDS).await;
    let keys = stage.keys(8).await;
    let subjects: Vec<Subject> = keys.iter().cloned().chain((0..4).map(unknown)).collect();
    let load = stage.fleet.ask(&subjects);
    for key in &keys[..3] {
        stage.revoke(key).await;
        sleep(BOUNDS.max_staleness / 4).await;
    }
    for key in &keys[3..6] {
        let patience = Duration::from_secs(30);
        let revocation = stage.manager.revoke_and_wait(key.id(), Reach::Key, patience);
        let waited = key.revoke(revocation).await.expect("a revocation");
        assert_eq!(waited.pending, [""; 0]);
        for number in 0..3 {
            let status = stage.fleet.client(number).get("/", key.key()).await.status;
            assert_eq!(status, 401, "web-{number} was waited for");
        }
    }
    load.end().await.report("no push");
}

#[tokio::test]
async fn a_process_that_is_suspended_or_killed_refuses_within_the_bound() {
    let mut stage = stage(3, BOUNDS).await;
    let keys = stage.keys(6).await;
    let subjects: Vec<Subject> = keys.iter().cloned().chain((0..2).map(unknown)).collect();
    let load = stage.fleet.ask(&subjects);
    sleep(Duration::from_millis(200)).await;

    stage.fleet.programs[1].signal(Signal::STOP);
    stage.fleet.programs[2].signal(Signal::KILL);
    let killed = stage.fleet.programs.remove(2);
    assert_eq!(killed.end().await.code, None);
    stage.revoke(&keys[0]).await;
    // Both may have accepted it when they were heard of last.
    let short = BOUNDS.max_staleness / 2;
    let revocation = stage.manager.revoke_and_wait(keys[1].id(), Reach::Key, short);
    let mut waited = keys[1].revoke(revocation).await.expect("a revocation");
    waited.pending.sort();
    assert_eq!(waited.pending, ["web-1", "web-2"]);
    let begun = Instant::now();
    let patience = Duration::from_secs(30);
    let revocation = stage.manager.revoke_and_wait(keys[2].id(), Reach::Key, patience);
    let waited = keys[2].revoke(revocation).await.expect("a revocation");
    assert_eq!(waited.pending, [""; 0], "neither can accept it any more");
    assert!(begun.elapsed() >= BOUNDS.max_staleness);

    // Longer than the bound: what it knows is too old before it polls again.
    stage.fleet.programs[1].signal(Signal::CONT);
    for key in &keys[..3] {
        let answer = stage.fleet.client(1).get("/", key.key()).await;
        assert_eq!(answer.status, 401, "the first answers after the suspension");
    }
    sleep(Duration::from_millis(200)).await;
    load.end().await.report("suspended and killed");
}

#[tokio::test]
async fn known_keys_outlive_a_store_that_is_gone_and_no_others() {
    let bounds =
        Bounds { max_staleness: Duration::from_secs(1), stale_if_error: Duration::from_mins(1) };
    let stage = stage(2, bounds).await;
    let known = stage.keys(6).await;
    let cold = create(&stage.manager).await;
    let (database, elsewhere) = (path(&stage.folder), stage.folder.path().join("elsewhere.db"));
    rename(&database, &elsewhere);
    let only_known = "the key store does not answer: only known keys are served";
    for number in 0..2 {
        stage.fleet.until_health(number, only_known).await;
    }

    let load = stage.fleet.ask(&known);
    let others = stage.fleet.ask(&[vec![cold.clone()], (0..3).map(unknown).collect()].concat());
    sleep(bounds.max_staleness * 3).await;
    let tally = load.end().await;
    say(format!("known keys, store gone: {tally}"));
    assert_eq!(tally.accepted, tally.requests, "not one error: {tally}");

    rename(&elsewhere, &database);
    for number in 0..2 {
        stage.fleet.until_health(number, "ready").await;
    }
    let load = stage.fleet.ask(&known);
    stage.revoke(&known[0]).await;
    sleep(bounds.max_staleness * 2).await;
    load.end().await.report("known keys, store back");
    let tally = others.end().await;
    assert!(tally.good_unavailable > 0, "a good key that is not known is not called bad: {tally}");
    tally.report("other keys, store gone and back");
    for number in 0..2 {
        assert_eq!(stage.fleet.client(number).get("/", known[0].key()).await.status, 401);
        assert_eq!(stage.fleet.client(number).get("/", cold.key()).await.status, 200);
    }
}
