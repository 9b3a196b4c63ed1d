//! `keyward-probe` against services of this process.

use std::time::Duration;

use axum::Router;
use axum::routing::get;
use keyward::axum::{ApiKeyAuth, RequireScope};
use keyward::dialect::Dialect;
use keyward::manage::ListKeys;
use keyward::scoped;
use keyward::store::SqliteStore;
use keyward::verify::Verifier;
use keyward_tests::Server;
use rustix::process::Signal;
use tokio::process::Command;

use crate::support::{Desk, Ended, PATIENCE, run};

const BOUND: Duration = Duration::from_millis(500);

/// A service over the desk's store, opened anew: as good as one of another process.
async fn service(desk: &Desk) -> Server {
    #[scoped]
    async fn read(_: RequireScope<"projects-read">) {}

    let path = desk.folder().join("keys.db").display().to_string();
    let store = SqliteStore::open(path).await.unwrap();
    let verifier = Verifier::builder(Dialect::bigspin(), store).with_max_staleness(BOUND);
    let auth = ApiKeyAuth::new(verifier.build().unwrap());
    let router = Router::new().route("/", get(read)).layer(auth).route("/open", get(async || ()));
    Server::start(router).await
}

fn command(desk: &Desk, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_keyward-probe"));
    command.env_clear().current_dir(desk.folder()).args(arguments).kill_on_drop(true);
    command.stdin(std::process::Stdio::null());
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    command
}

async fn probe(desk: &Desk, arguments: &[&str]) -> Ended {
    run(command(desk, arguments), "").await
}

async fn keys(desk: &Desk) -> usize {
    let manager = desk.manager(std::sync::Arc::new(keyward::clock::SystemClock::new())).await;
    manager.list(&ListKeys::new()).await.unwrap().keys.len()
}

#[tokio::test]
async fn windows_of_several_services_are_measured_and_no_key_stays() {
    let desk = Desk::new();
    let (one, two) = (service(&desk).await, service(&desk).await);
    let urls = [format!("http://{}/", one.address), format!("http://{}/", two.address)];
    let scope = ["--scope", "projects-read"];
    let rounds = ["--rounds", "3", "--bound", "500ms", "--json"];
    let ended = probe(&desk, &[&[&*urls[0], &*urls[1]], &scope[..], &rounds].concat()).await;
    assert_eq!((ended.code, &*ended.stderr), (Some(0), ""));
    let document = ended.json();
    assert_eq!(document["rounds"], 3);
    let windows = document["windows"].as_array().unwrap();
    let names: Vec<_> = windows.iter().map(|window| window["url"].as_str().unwrap()).collect();
    assert_eq!(names, [&*urls[0], &*urls[1], "all"]);
    for window in windows {
        let at = |name: &str| window[name].as_f64().unwrap();
        assert!(0.0 <= at("min_ms") && at("min_ms") <= at("median_ms"), "{window}");
        assert!(at("median_ms") <= at("p99_ms") && at("p99_ms") <= at("max_ms"), "{window}");
        assert!(at("max_ms") <= 500.0, "{window}");
    }
    assert_eq!(keys(&desk).await, 0);

    let table = probe(&desk, &[&[&*urls[0]], &scope[..], &["--rounds", "1"]].concat()).await;
    assert_eq!(table.code, Some(0), "{table:?}");
    for word in [&*urls[0], "median ms", "all"] {
        assert!(table.stdout.contains(word), "{}", table.stdout);
    }
}

#[tokio::test]
async fn a_window_that_is_too_long_is_a_failure() {
    let desk = Desk::new();
    let service = service(&desk).await;
    let url = format!("http://{}/", service.address);
    // Nobody tells the service: it is told by its poll, eight times a second.
    let arguments = [&*url, "--scope", "projects-read", "--rounds", "5", "--bound", "1us"];
    probe(&desk, &arguments).await.assert_failed(1, &["was let in for", "longer than 1µs"]);
    assert_eq!(keys(&desk).await, 0);
}

#[tokio::test]
async fn a_service_that_cannot_be_measured_is_named() {
    let desk = Desk::new();
    let service = service(&desk).await;
    let (guarded, open) =
        (format!("http://{}/", service.address), format!("http://{}/open", service.address));
    for (url, words) in [
        (&*guarded, ["does not let a new key in (403", "--scope"]),
        (&*open, ["has not refused a revoked key", "300ms"]),
        ("http://127.0.0.1:1/", ["does not let a new key in", "127.0.0.1:1"]),
    ] {
        let ended = probe(&desk, &[url, "--scope", "projects-write", "--patience", "300ms"]).await;
        ended.assert_failed(1, &words);
        assert_eq!(keys(&desk).await, 0, "{url}");
    }
    for url in ["ftp://127.0.0.1/", "/projects", "http://"] {
        probe(&desk, &[url]).await.assert_failed(2, &["http://"]);
    }
}

#[tokio::test]
async fn an_interrupted_probe_leaves_no_key() {
    let desk = Desk::new();
    let service = service(&desk).await;
    let url = format!("http://{}/open", service.address);
    let child = command(&desk, &[&url, "--json"]).spawn().unwrap();
    let begun = async {
        while keys(&desk).await == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, begun).await.unwrap();
    let pid = rustix::process::Pid::from_raw(child.id().unwrap().try_into().unwrap()).unwrap();
    rustix::process::kill_process(pid, Signal::INT).unwrap();
    let output = tokio::time::timeout(PATIENCE, child.wait_with_output()).await.unwrap().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert!(String::from_utf8(output.stderr).unwrap().contains("interrupted"));
    assert_eq!(keys(&desk).await, 0);
}
