//! A program and the command line over one database.

use std::path::Path;
use std::time::Duration;

use keyward_tests::{Ended, Postgres, Program, within};
use rustix::process::Signal;
use serde_json::Value;

const QUICKSTART: &str = env!("CARGO_BIN_EXE_quickstart-under-test");
const KEYWARD: &str = env!("CARGO_BIN_EXE_keyward-under-test");

async fn keyward(folder: &Path, url: &str, arguments: &[&str]) -> Ended {
    let arguments = [&["keys"], arguments, &["--store", url, "--as", "ada", "--json"]].concat();
    Program::run(KEYWARD, folder, &arguments).await
}

#[tokio::test]
async fn a_key_of_the_command_line_is_good_at_a_program_until_it_is_revoked_there() {
    let folder = tempfile::tempdir().unwrap();
    let url = Postgres::shared().database();
    let program = Program::start(QUICKSTART, folder.path(), &["--store", &url]).await;
    let client = program.client("/public/api/v1");
    assert_eq!(client.get("/projects", program.key("read")).await.status, 200);

    let create = ["create", "--name", "from the shell", "--scope", "projects-read"];
    let created = keyward(folder.path(), &url, &create).await;
    assert_eq!((created.code, &*created.stderr), (Some(0), ""));
    let created: Value = serde_json::from_str(&created.stdout).unwrap();
    let (id, key) = (created["id"].as_str().unwrap(), created["key"].as_str().unwrap());
    assert_eq!(client.get("/projects", key).await.status, 200);

    assert_eq!(keyward(folder.path(), &url, &["revoke", id]).await.code, Some(0));
    within(Duration::from_secs(5), 401, async || client.get("/projects", key).await).await;
    program.signal(Signal::TERM);
    assert_eq!(program.end().await.code, Some(0));
}

#[tokio::test]
async fn a_server_that_is_down_ends_both_with_one_sentence_and_no_password() {
    let folder = tempfile::tempdir().unwrap();
    let url = "postgres://ada:hunter2@127.0.0.1:1/keys";
    let program = Program::run(QUICKSTART, folder.path(), &["--store", url]).await;
    for ended in [program, keyward(folder.path(), url, &["list"]).await] {
        assert_eq!((ended.code, &*ended.stdout), (Some(2), ""), "{ended:?}");
        assert_eq!(ended.stderr.trim_end().lines().count(), 1, "{}", ended.stderr);
        let sentence = "the key store `keys` at 127.0.0.1:1 cannot be opened (Connection refused";
        assert!(ended.stderr.contains(sentence), "{}", ended.stderr);
        assert!(!ended.stderr.contains("hunter2"), "{}", ended.stderr);
    }
}
