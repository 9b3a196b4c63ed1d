//! Lists, for people and for scripts, to their end or not.

use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use crate::support::{Desk, KEYWARD, PATIENCE, run, text};

/// More than a pipe holds, also as a table.
const MANY: usize = 700;

#[tokio::test]
async fn a_list_goes_through_every_page_the_newest_first() {
    let desk = Desk::new();
    desk.fill(MANY).await;
    let names = |list: &Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|record| text(&record["name"])).collect()
    };
    let all: Vec<String> = (0..MANY).rev().map(|number| format!("number {number}")).collect();
    assert_eq!(names(&desk.json(&["list"]).await), all);
    for limit in [0, 1, 100, 101, MANY + 1] {
        let listed = desk.json(&["list", "--limit", &limit.to_string()]).await;
        assert_eq!(names(&listed), all[..limit.min(MANY)]);
    }

    let ended = desk.keys(&["list"]).await;
    assert_eq!((ended.code, &*ended.stderr), (Some(0), ""));
    let lines: Vec<&str> = ended.stdout.lines().collect();
    assert_eq!(lines.len(), 1 + MANY, "one title and a line for each");
    let column = lines[0].find("status").unwrap();
    for line in &lines[1..] {
        assert!(line[column..].starts_with("active "), "{line}");
    }
    let last = lines[MANY];
    assert!(last.contains("number 0") && last.contains("never") && !last.contains('\u{1b}'));
}

#[tokio::test]
async fn a_list_may_be_of_those_revoked_or_those_not() {
    let desk = Desk::new();
    let (kept, _) = desk.create(&["--name", "kept"]).await;
    let (ended, _) = desk.create(&["--name", "ended"]).await;
    desk.json(&["revoke", &ended]).await;
    for (status, ids) in
        [("active", vec![&kept]), ("revoked", vec![&ended]), ("all", vec![&ended, &kept])]
    {
        let listed = desk.json(&["list", "--status", status]).await;
        let listed: Vec<String> =
            listed.as_array().unwrap().iter().map(|record| text(&record["id"])).collect();
        assert_eq!(listed.iter().collect::<Vec<_>>(), ids);
    }
}

#[tokio::test]
async fn no_keys_are_an_empty_list() {
    let desk = Desk::new();
    desk.fill(0).await;
    let ended = desk.keys(&["list", "--json"]).await;
    assert_eq!((ended.code, &*ended.stdout, &*ended.stderr), (Some(0), "[]\n", ""));
    let ended = desk.keys(&["list"]).await;
    assert_eq!((ended.code, &*ended.stdout), (Some(0), ""));
    assert!(ended.stderr.contains("no such keys"), "{}", ended.stderr);
}

#[tokio::test]
async fn a_reader_who_goes_away_ends_a_list_quietly() {
    let desk = Desk::new();
    desk.fill(MANY).await;
    for form in ["", "--json"] {
        let mut shell = Command::new("bash");
        let line = format!("{KEYWARD} keys list {form} | head -1; exit ${{PIPESTATUS[0]}}");
        shell.args(["-c", &line]).current_dir(desk.folder()).kill_on_drop(true);
        shell.stdout(Stdio::piped()).stderr(Stdio::piped());
        let ended = run(shell, "").await;
        assert_eq!((ended.code, &*ended.stderr), (Some(0), ""));
        assert_eq!(ended.stdout.lines().count(), 1);
    }
}

#[tokio::test]
async fn an_interrupted_list_ends_between_two_lines_and_says_so() {
    let desk = Desk::new();
    desk.fill(MANY).await;
    let mut child = desk.command(&["list", "--json"]).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    // The first page is there, and the last one does not fit into the pipe.
    let mut listed = String::new();
    for _ in 0..2 {
        stdout.read_line(&mut listed).await.unwrap();
    }
    let id = child.id().and_then(|id| Pid::from_raw(id.try_into().ok()?)).unwrap();
    kill_process(id, Signal::INT).unwrap();
    let (code, stderr) = rest(child, stdout, &mut listed).await;
    assert_eq!(code, Some(130), "{stderr}");
    let records: Vec<&str> = listed.lines().skip(1).collect();
    assert!((100..MANY).contains(&records.len()), "{}", records.len());
    for record in &records {
        let record: Value = serde_json::from_str(record.trim_end_matches(',')).unwrap();
        assert!(text(&record["name"]).starts_with("number "));
    }
    assert!(serde_json::from_str::<Value>(&listed).is_err(), "it cannot pass for the whole list");
    assert!(stderr.contains(&format!("{} keys", records.len())), "{stderr}");
}

async fn rest(
    mut child: Child,
    mut stdout: BufReader<ChildStdout>,
    listed: &mut String,
) -> (Option<i32>, String) {
    let mut stderr = String::new();
    let mut errors = child.stderr.take().unwrap();
    let ended = async {
        stdout.read_to_string(listed).await.unwrap();
        errors.read_to_string(&mut stderr).await.unwrap();
        child.wait().await.unwrap().code()
    };
    let code = timeout(PATIENCE, ended).await.expect("an end in time");
    (code, stderr)
}
