//! From nothing to a key that verifies.

use std::process::Stdio;

use keyward::dialect::Dialect;
use keyward_tests::{Program, Served};
use rustix::process::Signal;
use serde_json::Value;
use tokio::process::Command;

use crate::KEYWARD;

#[tokio::test]
async fn the_lines_of_the_first_start_make_a_key_and_verify_it() {
    for name in Dialect::BUILT_IN {
        let served = Served::start(KEYWARD, &["--dialect", name]).await;
        let lines = served.program.lines.iter().filter(|line| line.contains("curl "));
        let script = lines.map(String::as_str).collect::<Vec<_>>().join("\n");
        let mut shell = Command::new("sh");
        shell.args(["-c", &script]).env("NO_PROXY", "*").stdin(Stdio::null());
        let output = shell.output().await.unwrap();
        let stdout = String::from_utf8(output.stdout).unwrap();
        let (key, verdict) = stdout.split_once('\n').unwrap();
        let verdict: Value = serde_json::from_str(verdict).unwrap();
        assert_eq!(verdict["valid"], true, "{name}: {stdout}");
        assert_eq!(served.client.get("/auth", key).await.status, 200);
    }
}

#[tokio::test]
async fn a_second_start_keeps_the_operator_and_shows_nothing() {
    let served = Served::start(KEYWARD, &[]).await;
    let operator = served.operator().to_owned();
    served.program.signal(Signal::TERM);
    assert_eq!(served.program.end().await.code, Some(0));

    let again = Program::start(KEYWARD, served.folder.path(), &["serve"]).await;
    assert_eq!(again.lines, [""; 0]);
    assert_eq!(again.client("").get("/api-keys", &operator).await.status, 200);
    for file in ["keyward.db", "keyward-operators.db"] {
        let bytes = std::fs::read(served.folder.path().join(file)).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains(&operator), "{file} holds no secret");
    }
}
