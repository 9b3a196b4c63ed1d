//! How long eight processes let a key in after it was revoked, by `keyward-probe`.

use std::process::Stdio;
use std::time::Duration;

use keyward_tests::{Network, Postgres, Program, Proxy, Redis, say};
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Command;
use tokio::time::timeout;

use crate::fleet::{Bounds, Fleet};
use crate::stage::Place;

const PROBE: &str = env!("CARGO_BIN_EXE_keyward-probe-under-test");
const SCRIBE_SIGHT: &str = env!("CARGO_BIN_EXE_scribe-sight-under-test");
const ROUNDS: usize = 20;
const SIZE: usize = 8;
/// `stale_if_error` is off.
const BOUNDS: Bounds =
    Bounds { max_staleness: Duration::from_secs(2), stale_if_error: Duration::ZERO };

/// Fails when a window is longer than the bound.
async fn probe(title: &str, folder: &TempDir, place: Place<'_>, fleet: &Fleet) {
    let urls = fleet.programs.iter().map(|program| format!("http://{}/", program.address));
    let mut probe = Command::new(PROBE);
    probe.args(["--store", place.store, "--dialect", "bigspin", "--json"]);
    let bound = format!("{}ms", BOUNDS.total().as_millis());
    probe.args(["--rounds", &ROUNDS.to_string(), "--bound", &bound]).args(urls);
    probe.args(place.redis.iter().flat_map(|redis| ["--redis", redis]));
    probe.current_dir(folder.path()).stdin(Stdio::null()).kill_on_drop(true);
    let output = timeout(Duration::from_mins(2), probe.output()).await.expect("an end in time");
    let output = output.expect("the probe");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{title}: {stderr}");
    let document: Value = serde_json::from_slice(&output.stdout).expect("a document");
    let windows = document["windows"].as_array().expect("a list");
    assert_eq!((&document["rounds"], windows.len()), (&json!(ROUNDS), SIZE + 1));
    say(format!("{title}, {SIZE} processes, {ROUNDS} rounds: {}", windows[SIZE]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_pushes_and_without_its_push_the_bound_holds() {
    let server = Postgres::shared();
    let network = Proxy::before(server.port()).await;
    let url = server.database();
    let through = network.instead_of(server.port(), &url);
    let place = Place { fleet: &through, ..Place::at(&url) };
    let folder = tempfile::tempdir().expect("a folder");
    let fleet = Fleet::start(place, folder.path(), SIZE, BOUNDS).await;
    probe("PostgreSQL", &folder, place, &fleet).await;
    network.be(Network::Deaf);
    probe("PostgreSQL, every notification lost", &folder, place, &fleet).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_pushes_nothing_and_the_bound_holds() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = format!("sqlite://{}", folder.path().join("keys.db").display());
    let fleet = Fleet::start(Place::at(&store), folder.path(), SIZE, BOUNDS).await;
    probe("SQLite", &folder, Place::at(&store), &fleet).await;
}

/// The revoked key is deleted over a program's own API, and asked for by others all the time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_process_that_revoked_accepts_nothing_after_it_said_so() {
    const ASKING: usize = 4;
    let folder = tempfile::tempdir().expect("a folder");
    let redis = Redis::start();
    let redis = redis.url();
    let program = Program::start(SCRIBE_SIGHT, folder.path(), &["--redis", &redis]).await;
    let (client, secret) = (program.client("/api/v1"), program.key("secret"));
    let mut requests = 0;
    for _ in 0..ROUNDS {
        let created = client.post("/api-keys", secret, &json!({"name": "probe"})).await;
        assert_eq!(created.status, 201, "{}", created.body);
        let created = &created.json()["data"];
        let text = |field: &str| created[field].as_str().expect("a text").to_owned();
        let (id, key) = (text("id"), text("key"));
        assert_eq!(client.get("/org", &key).await.status, 200);

        let (revoked, end) = tokio::sync::watch::channel(false);
        let asking: Vec<_> = (0..ASKING)
            .map(|_| {
                let (client, key, end) = (program.client("/api/v1"), key.clone(), end.clone());
                tokio::spawn(async move {
                    let mut statuses = vec![];
                    while statuses.len() < 10 {
                        let began_after = *end.borrow();
                        let status = client.get("/org", &key).await.status;
                        if began_after {
                            statuses.push(status);
                        }
                    }
                    statuses
                })
            })
            .collect();
        let delete = client.request(Method::DELETE, &format!("/api-keys/{id}"));
        assert!(client.send(delete.bearer_auth(secret)).await.status < 300);
        revoked.send_replace(true);
        for asking in asking {
            let statuses = asking.await.expect("answers");
            requests += statuses.len();
            assert!(statuses.iter().all(|status| *status == 401), "{statuses:?}");
        }
    }
    say(format!("same process, {ROUNDS} rounds: 0 of {requests} accepted after the answer"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_pushes_for_a_file_and_without_it_the_bound_holds() {
    let redis = Redis::start();
    let url = redis.url();
    let folder = tempfile::tempdir().expect("a folder");
    let store = format!("sqlite://{}", folder.path().join("keys.db").display());
    let place = Place { redis: Some(&url), ..Place::at(&store) };
    let fleet = Fleet::start(place, folder.path(), SIZE, BOUNDS).await;
    probe("SQLite and Redis", &folder, place, &fleet).await;
    redis.kill();
    probe("SQLite, Redis killed", &folder, place, &fleet).await;
}
