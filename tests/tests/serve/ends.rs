//! The contract of every program: one line when it cannot begin, an end in order when told to.

use std::time::Duration;

use keyward_tests::{Program, Raw, Served};
use rustix::process::Signal;
use serde_json::json;
use tokio::net::TcpStream;
use tokio::time::sleep;

use crate::KEYWARD;

#[tokio::test]
async fn what_cannot_begin_says_why_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(KEYWARD, &[]).await;
    let taken = served.program.address.to_string();
    for (arguments, word) in [
        (&["--listen", &*taken][..], "--listen"),
        (&["--listen", "nowhere"], "--listen"),
        (&["--store", "mysql://hunter2@h/keys"], "sqlite://PATH"),
        (&["--store", "sqlite:///proc/none/keys.db"], "store"),
        (&["--dialect", "two-pins"], "--dialect"),
        (&["--redis", "http://hunter2"], "redis://"),
        (&["--max-staleness", "1ms"], "max_staleness"),
        (&["--max-staleness", "soon"], "--max-staleness"),
        (&["--config", "none.toml"], "--config"),
        (&["--operators", "mysql://hunter2@h/keys"], "sqlite://PATH"),
    ] {
        let listen = ["--listen", "127.0.0.1:0"];
        let listen = if arguments[0] == "--listen" { &[][..] } else { &listen };
        let ended =
            Program::run(KEYWARD, folder.path(), &[&["serve"], listen, arguments].concat()).await;
        assert_eq!((ended.code, &*ended.stdout), (Some(2), ""), "{arguments:?}: {ended:?}");
        assert!(ended.stderr.contains(word), "{arguments:?}: {}", ended.stderr);
        assert!(!ended.stderr.contains("hunter2"), "{}", ended.stderr);
    }
}

#[tokio::test]
async fn a_store_of_another_dialect_is_left_alone() {
    let served = Served::start(KEYWARD, &["--dialect", "onepin"]).await;
    served.program.signal(Signal::TERM);
    assert_eq!(served.program.end().await.code, Some(0));
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--dialect", "bigspin"];
    let ended = Program::run(KEYWARD, served.folder.path(), &arguments).await;
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("onepin") && ended.stderr.contains("bigspin"), "{ended:?}");
    // Without a name it is what the store remembers.
    let again = Program::start(KEYWARD, served.folder.path(), &["serve"]).await;
    again.signal(Signal::INT);
    assert_eq!(again.end().await.code, Some(0));
}

#[tokio::test]
async fn a_request_under_way_is_answered_before_the_end() {
    let served = Served::start(KEYWARD, &[]).await;
    let (_, key) = served.create(json!({})).await;
    let body = json!({"key": key}).to_string();
    let mut connection = Raw::connect(served.program.address).await;
    let head = format!(
        "POST /verify HTTP/1.1\r\nhost: test\r\nauthorization: Bearer {}\r\n\
         expect: 100-continue\r\ncontent-length: {}\r\n\r\n",
        served.operator(),
        body.len()
    );
    connection.send(head.as_bytes()).await;
    assert_eq!(connection.answer().await.status, 100, "somebody reads the body");
    served.program.signal(Signal::TERM);
    while TcpStream::connect(served.program.address).await.is_ok() {
        sleep(Duration::from_millis(5)).await;
    }
    connection.send(body.as_bytes()).await;
    let answer = connection.answer().await;
    assert_eq!((answer.status, &answer.json()["valid"]), (200, &json!(true)));
    assert_eq!(served.program.end().await.code, Some(0));
}

#[tokio::test]
async fn one_file_of_settings_is_for_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let settings = "store = \"sqlite://k.db\"\ndialect = \"onepin\"\nworkspace = \"acme\"\n\
                    max_staleness = \"500ms\"\noperators = \"sqlite://o.db\"\n";
    std::fs::write(folder.path().join("keyward.toml"), settings).unwrap();
    let program = Program::start(KEYWARD, folder.path(), &["serve"]).await;
    let create = ["keys", "create", "--name", "abc", "--json"];
    let created = Program::run(KEYWARD, folder.path(), &create).await;
    let created: serde_json::Value = serde_json::from_str(&created.stdout).unwrap();
    let operator = program.key("operator").to_owned();
    let question = json!({"key": created["key"]});
    let verdict = program.client("").post("/verify", &operator, &question).await.json();
    assert_eq!((&verdict["valid"], &verdict["workspace"]), (&json!(true), &json!("acme")));
    assert!(folder.path().join("o.db").exists());

    for (line, word) in [("max_staleness = \"soon\"", "duration"), ("listen = 7", "line 1")] {
        std::fs::write(folder.path().join("keyward.toml"), line).unwrap();
        let ended = Program::run(KEYWARD, folder.path(), &["serve"]).await;
        assert_eq!(ended.code, Some(2));
        assert!(ended.stderr.contains(word), "{}", ended.stderr);
    }
}
