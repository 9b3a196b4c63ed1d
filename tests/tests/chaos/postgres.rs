//! One PostgreSQL server, several processes, and the network between.

use std::fs::File;
use std::process::Command;
use std::time::Duration;

use keyward_tests::{Network, Postgres, Proxy, say};
use rustix::process::Signal;
use tokio::time::sleep;

use crate::fleet::{Bounds, create};
use crate::stage::{Place, Stage};

const BOUNDS: Bounds =
    Bounds { max_staleness: Duration::from_secs(2), stale_if_error: Duration::ZERO };
/// Between two revocations; not in step with the polls, of which there are two a second.
const PAUSE: Duration = Duration::from_millis(720);
/// Longer than a process believes what it knows.
const LONG: Duration = Duration::from_secs(4);
const SUSPENSION: Duration = Duration::from_secs(30);

async fn stage(size: usize, place: Place<'_>) -> Stage {
    Stage::new(tempfile::tempdir().expect("a folder"), place, size, BOUNDS).await
}

/// Processes that reach the server over a network, which whoever manages keys does not need.
async fn apart(server: &Postgres, size: usize, bounds: Bounds) -> (Stage, Proxy) {
    let proxy = Proxy::before(server.port()).await;
    let url = server.database();
    let fleet = proxy.instead_of(server.port(), &url);
    let place = Place { fleet: &fleet, ..Place::at(&url) };
    let folder = tempfile::tempdir().expect("a folder");
    (Stage::new(folder, place, size, bounds).await, proxy)
}

fn run(command: &mut Command) {
    let output = command.output().expect("a program of PostgreSQL");
    assert!(output.status.success(), "{output:?}");
}

/// `max_staleness` 2 s, no `stale_if_error`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_killed_or_held_makes_no_answer_wrong() {
    let server = Postgres::start();
    let url = server.database();
    let stage = stage(3, Place::at(&url)).await;
    let keys = stage.keys(6).await;

    let load = stage.ask(&keys);
    stage.revoke(&keys[0]).await;
    server.kill();
    sleep(LONG).await;
    server.restart();
    stage.until_ready().await;
    stage.revoke(&keys[1]).await;
    sleep(BOUNDS.total()).await;
    let tally = load.end().await;
    assert!(tally.good_unavailable > 0, "nobody believed for so long: {tally}");
    tally.report("PostgreSQL killed and started again");
    stage.assert_refused(&keys[..2]).await;

    let load = stage.ask(&keys);
    stage.revoke(&keys[2]).await;
    server.pause();
    sleep(LONG).await;
    server.resume();
    stage.until_ready().await;
    stage.revoke(&keys[3]).await;
    sleep(BOUNDS.total()).await;
    let tally = load.end().await;
    assert!(tally.good_unavailable > 0, "nobody believed for so long: {tally}");
    tally.report("PostgreSQL held for 4 s");
    stage.assert_refused(&keys[..4]).await;
    for key in &keys[4..] {
        stage.fleet.warm(key).await;
    }
}

/// `max_staleness` 2 s, `stale_if_error` 1 min.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn known_keys_outlive_a_server_that_is_killed_and_a_revoked_one_does_not() {
    let bounds = Bounds { stale_if_error: Duration::from_mins(1), ..BOUNDS };
    let server = Postgres::start();
    let url = server.database();
    let folder = tempfile::tempdir().expect("a folder");
    let stage = Stage::new(folder, Place::at(&url), 2, bounds).await;
    let keys = stage.keys(6).await;
    let revoked = stage.keys(1).await;
    stage.revoke(&revoked[0]).await;
    sleep(bounds.max_staleness).await;
    stage.assert_refused(&revoked).await;

    let load = stage.fleet.ask(&keys);
    server.kill();
    sleep(LONG).await;
    let tally = load.end().await;
    say(format!("known keys, PostgreSQL killed: {tally}"));
    assert_eq!(tally.accepted, tally.requests, "not one error: {tally}");
    stage.assert_refused(&revoked).await;

    server.restart();
    let load = stage.ask(&keys);
    stage.until_ready().await;
    stage.revoke(&keys[0]).await;
    sleep(bounds.max_staleness).await;
    // The store answers: without an error there is nothing to stand in for.
    stage.assert_refused(&keys[..1]).await;
    load.end().await.report("known keys, PostgreSQL started again");
}

/// `max_staleness` 2 s, no `stale_if_error`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_is_revoked_while_processes_are_cut_off_is_refused_within_the_bound() {
    let (stage, network) = apart(Postgres::shared(), 2, BOUNDS).await;
    let keys = stage.keys(5).await;
    let load = stage.ask(&keys);
    for (key, trouble) in keys.iter().zip([Network::Silent, Network::Cut]) {
        network.be(trouble);
        stage.revoke(key).await;
        sleep(LONG).await;
        network.be(Network::Good);
        stage.until_ready().await;
    }
    let tally = load.end().await;
    assert!(tally.good_unavailable > 0, "they were cut off: {tally}");
    tally.report("cut off from PostgreSQL, silently and at once");
    stage.assert_refused(&keys[..2]).await;
}

/// `max_staleness` 2 s, no `stale_if_error`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_notifications_a_revoked_key_is_refused_within_the_bound() {
    let server = Postgres::start();
    let (stage, network) = apart(&server, 2, BOUNDS).await;
    let keys = stage.keys(8).await;
    let load = stage.ask(&keys);
    for key in &keys[..3] {
        server.sql(
            "postgres",
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'",
        );
        stage.revoke(key).await;
        sleep(PAUSE).await;
    }
    sleep(BOUNDS.total()).await;
    load.end().await.report("connections that listen to PostgreSQL cut");

    let load = stage.ask(&keys);
    network.be(Network::Deaf);
    for key in &keys[3..6] {
        stage.revoke(key).await;
        sleep(PAUSE).await;
    }
    sleep(BOUNDS.total()).await;
    let tally = load.end().await;
    assert_eq!(tally.good_unavailable, 0, "the poll goes on: {tally}");
    tally.report("notifications of PostgreSQL lost");
    stage.assert_refused(&keys[..6]).await;
}

/// `max_staleness` 4 s, no `stale_if_error`, 200 ms each way.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_network_makes_no_answer_wrong() {
    let bounds = Bounds { max_staleness: Duration::from_secs(4), ..BOUNDS };
    let (stage, network) = apart(Postgres::shared(), 2, bounds).await;
    let keys = stage.keys(6).await;
    let load = stage.ask(&keys);
    sleep(PAUSE).await;
    network.be(Network::Slow(Duration::from_millis(200)));
    let fresh = create(&stage.manager).await;
    stage.fleet.warm(&fresh).await;
    for key in &keys[..3] {
        stage.revoke(key).await;
        sleep(PAUSE).await;
    }
    sleep(bounds.total()).await;
    load.end().await.report("PostgreSQL is 200 ms away");
    network.be(Network::Good);
    stage.until_ready().await;
    stage.assert_refused(&keys[..3]).await;
}

/// `max_staleness` 2 s, no `stale_if_error`, suspended for 30 s.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_was_suspended_believes_nothing_that_it_knew() {
    let url = Postgres::shared().database();
    let stage = stage(2, Place::at(&url)).await;
    let keys = stage.keys(4).await;
    let load = stage.ask(&keys);
    stage.fleet.programs[1].signal(Signal::STOP);
    stage.revoke(&keys[0]).await;
    sleep(SUSPENSION).await;
    stage.fleet.programs[1].signal(Signal::CONT);
    let first = stage.fleet.client(1).get("/", keys[0].key()).await;
    assert_eq!(first.status, 401, "the first answer after the suspension");
    sleep(PAUSE).await;
    load.end().await.report("suspended for 30 s");
}

/// `max_staleness` 2 s, no `stale_if_error`. The numbers of changes run backwards with the backup.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_an_older_backup_is_restored_nothing_newer_is_believed() {
    let server = Postgres::start();
    let url = server.database();
    let database = url.rsplit('/').next().expect("a name");
    let stage = stage(2, Place::at(&url)).await;
    let old = stage.keys(4).await;
    stage.revoke(&old[0]).await;
    let dump = stage.folder.path().join("dump");
    let mut backup = server.client("pg_dump");
    run(backup.args(["--format=custom", database]).stdout(File::create(&dump).expect("a file")));

    // What the backup knows nothing of, and what takes the sequence further than it.
    let new = stage.keys(2).await;
    for _ in 0..20 {
        create(&stage.manager).await;
    }
    let load = stage.ask(&[&old[..], &new[..]].concat());
    sleep(PAUSE).await;
    let restore = async {
        let mut restore = server.client("pg_restore");
        restore.args(["--clean", "--single-transaction", "--dbname", database]);
        run(restore.stdin(File::open(&dump).expect("a file")));
    };
    // For everybody it is as if these had been deleted.
    new[0].revoke(new[1].revoke(restore)).await;
    stage.until_ready().await;
    stage.revoke(&old[1]).await;
    sleep(BOUNDS.total()).await;
    load.end().await.report("PostgreSQL restored from an older backup");
    stage.assert_refused(&[&old[..2], &new[..]].concat()).await;
    for key in &old[2..] {
        stage.fleet.warm(key).await;
    }
}
