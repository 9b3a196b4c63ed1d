//! The contract that every program keeps: what it prints, when it ends, and with which status.

use std::path::Path;
use std::time::{Duration, Instant};

use keyward::dialect::Dialect;
use keyward::manage::KeyManager;
use keyward::store::SqliteStore;
use keyward_tests::{Ended, Program, Raw};
use rustix::process::Signal;
use serde_json::json;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::{NAME, PROGRAM};

const LABELS: [&str; 5] = ["full", "read", "write", "legacy", "other"];

async fn start(folder: &Path) -> Program {
    Program::start(PROGRAM, folder, &[]).await
}

async fn run(folder: &Path, arguments: &[&str]) -> Ended {
    Program::run(PROGRAM, folder, arguments).await
}

/// One line on standard error, nothing on standard output, status 2.
#[track_caller]
fn assert_gave_up(ended: &Ended, because: &str, cure: &str) {
    assert_eq!((ended.code, &*ended.stdout), (Some(2), ""), "{ended:?}");
    assert_eq!(ended.stderr.trim_end().lines().count(), 1, "{}", ended.stderr);
    assert!(ended.stderr.contains(because), "{}", ended.stderr);
    assert!(ended.stderr.contains(cure), "{}", ended.stderr);
}

#[tokio::test]
async fn an_empty_store_gets_keys_that_are_printed_before_it_listens() {
    let folder = tempfile::tempdir().unwrap();
    let program = start(folder.path()).await;
    let labels: Vec<&str> = program
        .lines
        .iter()
        .filter_map(|line| line.strip_prefix("key "))
        .map(|line| line.split(' ').next().unwrap())
        .collect();
    assert_eq!(labels, LABELS);
    for (label, key) in program.keys() {
        let prefix = if label == "legacy" { "sk-prism-api03-" } else { "sk-bigspin-api03-" };
        let body = key.strip_prefix(prefix).unwrap();
        assert!(body.len() == 43 && body.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    }
    assert!(folder.path().join(format!("{NAME}.db")).exists(), "the default store");
}

#[tokio::test]
async fn a_restart_keeps_the_keys_and_does_not_show_them_again() {
    let folder = tempfile::tempdir().unwrap();
    let first = start(folder.path()).await;
    let key = first.key("full").to_owned();
    first.signal(Signal::TERM);
    assert_eq!(first.end().await.code, Some(0));

    let second = start(folder.path()).await;
    assert_eq!(second.lines, [""; 0], "neither keys nor requests with keys in them");
    assert_eq!(second.client("/public/api/v1").get("/projects", &key).await.status, 200);
    second.signal(Signal::TERM);
    let ended = second.end().await;
    assert!(ended.stderr.contains("to begin anew"), "{}", ended.stderr);
    assert!(!ended.stderr.contains(&key));
}

#[tokio::test]
async fn keys_in_memory_end_with_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let memory = ["--store", "memory:"];
    let first = Program::start(PROGRAM, folder.path(), &memory).await;
    let second = Program::start(PROGRAM, folder.path(), &memory).await;
    assert_ne!(first.key("full"), second.key("full"));
    let answer = second.client("/public/api/v1").get("/projects", first.key("full")).await;
    assert_eq!(answer.status, 401);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "no file");
}

#[tokio::test]
async fn the_printed_requests_work_when_pasted() {
    let folder = tempfile::tempdir().unwrap();
    let program = start(folder.path()).await;
    assert_eq!(program.paste().await, [201, 200, 403]);
}

/// A request whose handler is at work: it has asked for the body.
async fn begin(program: &Program, length: usize) -> Raw {
    let mut request = Raw::connect(program.address).await;
    let head = format!(
        "POST /public/api/v1/projects HTTP/1.1\r\nhost: test\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\nexpect: 100-continue\r\ncontent-length: {length}\r\n\r\n",
        program.key("full"),
    );
    request.send(head.as_bytes()).await;
    assert_eq!(request.answer().await.status, 100);
    request
}

#[tokio::test]
async fn a_signal_lets_requests_end_and_takes_no_new_ones() {
    for signal in [Signal::TERM, Signal::INT] {
        let folder = tempfile::tempdir().unwrap();
        let program = start(folder.path()).await;
        let body = json!({"name": "Support"}).to_string();
        let mut request = begin(&program, body.len()).await;
        let address = program.address;
        program.signal(signal);
        let closed = async {
            while TcpStream::connect(address).await.is_ok() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(Duration::from_secs(10), closed).await.unwrap();
        request.send(body.as_bytes()).await;
        assert_eq!(request.answer().await.status, 201);
        let ended = program.end().await;
        assert_eq!((ended.code, &*ended.stdout), (Some(0), ""), "{ended:?}");
    }
}

#[tokio::test]
async fn idle_connections_do_not_hold_the_end_up() {
    let folder = tempfile::tempdir().unwrap();
    let program = start(folder.path()).await;
    let _silent = Raw::connect(program.address).await;
    let client = program.client("/public/api/v1");
    assert_eq!(client.get("/projects", program.key("read")).await.status, 200);
    program.signal(Signal::TERM);
    let begun = Instant::now();
    assert_eq!(program.end().await.code, Some(0));
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_request_that_does_not_end_is_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let program = start(folder.path()).await;
    let mut request = begin(&program, 20).await;
    request.send(b"{").await;
    program.signal(Signal::TERM);
    let begun = Instant::now();
    let ended = program.end().await;
    assert_eq!(ended.code, Some(0));
    assert!(ended.stderr.contains("cut off"), "{}", ended.stderr);
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_port_that_is_taken_costs_no_keys() {
    let folder = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ended = run(folder.path(), &["--listen", &address]).await;
    assert_gave_up(&ended, &address, "--listen");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "no store was made");
}

#[tokio::test]
async fn an_address_that_is_none_ends_with_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    for address in ["nonsense", "127.0.0.1", "203.0.113.1:80", "127.0.0.1:99999"] {
        assert_gave_up(&run(folder.path(), &["--listen", address]).await, address, "--listen");
    }
}

#[tokio::test]
async fn a_store_that_cannot_be_opened_ends_with_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("letter.txt"), "Dear reader, ".repeat(100)).unwrap();
    for (store, because, cure) in [
        ("sqlite://no/such/folder/keys.db", "no/such/folder", "a folder that exists"),
        ("sqlite://letter.txt", "letter.txt", "a keyward database"),
        ("sqlite://.", "cannot be opened", "give the path"),
        ("sqlite://", "names no file", "give the path"),
        ("postgres://user:hunter2@127.0.0.1:1/keys", "`keys` at 127.0.0.1:1", "that runs"),
        ("postgres://user:hunter2@127.0.0.1:many/keys", "port", "give postgres://"),
        ("mysql://user:hunter2@localhost/keys", "names no kind of store", "sqlite://PATH"),
        ("keys.db", "names no kind of store", "sqlite://PATH"),
        ("", "names no kind of store", "sqlite://PATH"),
    ] {
        let ended = run(folder.path(), &["--store", store]).await;
        assert_gave_up(&ended, because, cure);
        assert!(!ended.stderr.contains("hunter2"), "{}", ended.stderr);
    }
}

#[tokio::test]
async fn a_store_of_another_dialect_ends_with_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(format!("{NAME}.db"));
    let store = SqliteStore::open(path.to_str().unwrap()).await.unwrap();
    KeyManager::builder(Dialect::standard(), store.clone()).open().await.unwrap();
    store.close().await;
    assert_gave_up(&run(folder.path(), &[]).await, "`standard`", "a store of its own");
}

#[tokio::test]
async fn a_redis_that_is_none_ends_with_a_sentence_and_one_that_is_down_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let ended = run(folder.path(), &["--redis", "postgres://user:hunter2@localhost"]).await;
    assert_gave_up(&ended, "none of Redis", "redis://HOST:PORT");
    assert!(!ended.stderr.contains("hunter2"), "{}", ended.stderr);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "no store was made");

    let program = Program::start(PROGRAM, folder.path(), &["--redis", "redis://127.0.0.1:1"]).await;
    let answer = program.client("/public/api/v1").get("/projects", program.key("read")).await;
    assert_eq!(answer.status, 200);
    program.signal(Signal::TERM);
    assert_eq!(program.end().await.code, Some(0));
}

#[tokio::test]
async fn a_staleness_that_cannot_work_ends_with_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    for staleness in ["1ms", "2h"] {
        let ended = run(folder.path(), &["--max-staleness", staleness]).await;
        assert_gave_up(&ended, "max_staleness", "between");
    }
    for staleness in ["soon", "5", "-1s"] {
        let ended = run(folder.path(), &[&format!("--max-staleness={staleness}")]).await;
        assert_eq!((ended.code, &*ended.stdout), (Some(2), ""));
        assert!(ended.stderr.contains("--max-staleness"), "{}", ended.stderr);
    }
    for staleness in ["500ms", "5s", "1m"] {
        let arguments = ["--store", "memory:", "--max-staleness", staleness];
        Program::start(PROGRAM, folder.path(), &arguments).await;
    }
}
