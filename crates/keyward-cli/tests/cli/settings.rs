//! Where settings come from: the command line, else the environment, else a file.

use crate::support::{Desk, run};

/// Whose store answers: each holds one key, named like it.
async fn desk_with_stores(names: &[&str]) -> Desk {
    let desk = Desk::new();
    for name in names {
        let store = format!("sqlite://{name}.db");
        desk.create(&["--store", &store, "--name", name]).await;
    }
    desk
}

#[tokio::test]
async fn the_command_line_wins_over_the_environment_and_that_over_the_file() {
    let desk = desk_with_stores(&["argument", "environment", "file"]).await;
    desk.write("keyward.toml", "store = \"sqlite://file.db\"\ndialect = \"bigspin\"\n");
    for (arguments, environment, name) in [
        (&[][..], None, "file"),
        (&[], Some("sqlite://environment.db"), "environment"),
        (&["--store", "sqlite://argument.db"], Some("sqlite://environment.db"), "argument"),
        (&["--store", "sqlite://argument.db"], None, "argument"),
    ] {
        let mut command = desk.command(&[&["list", "--json"], arguments].concat());
        if let Some(store) = environment {
            command.env("KEYWARD_STORE", store);
        }
        assert_eq!(run(command, "").await.json()[0]["name"], name);
    }
    // Also before the act.
    let before = desk.json(&["--store", "sqlite://argument.db", "list"]).await;
    assert_eq!(before[0]["name"], "argument");
}

#[tokio::test]
async fn every_setting_can_stand_in_the_environment_and_in_the_file() {
    let desk = Desk::new();
    std::fs::remove_file(desk.folder().join("keyward.toml")).unwrap();
    desk.write(
        "other.toml",
        "store = \"sqlite://other.db\"\ndialect = \"onepin\"\nworkspace = \"acme\"\nas = \"grace\"\n",
    );
    let arguments = ["create", "--name", "abc", "--json"];
    let mut by_argument = desk.command(&arguments);
    by_argument.args(["--config", "other.toml"]);
    let mut by_file = desk.command(&arguments);
    by_file.env("KEYWARD_CONFIG", "other.toml");
    let mut by_environment = desk.command(&arguments);
    by_environment.envs([
        ("KEYWARD_STORE", "sqlite://other.db"),
        ("KEYWARD_DIALECT", "onepin"),
        ("KEYWARD_WORKSPACE", "acme"),
        ("KEYWARD_AS", "grace"),
    ]);
    for command in [by_argument, by_file, by_environment] {
        let created = run(command, "").await.json();
        assert!(created["key"].as_str().unwrap().starts_with("pk_live_"));
        assert_eq!(created["workspace"], "acme");
        assert_eq!(created["created_by"]["person"], "grace");
    }
}

#[tokio::test]
async fn what_is_needed_and_nowhere_said_is_asked_for() {
    let desk = Desk::new();
    desk.write("keyward.toml", "");
    desk.keys(&["list"]).await.assert_failed(2, &["--store", "KEYWARD_STORE", "keyward.toml"]);
    let ended = desk.keys(&["list", "--store", "memory:"]).await;
    ended.assert_failed(2, &["--dialect", "KEYWARD_DIALECT", "keyward.toml"]);
}

#[tokio::test]
async fn a_mistake_in_the_file_is_told_with_its_line_and_without_its_text() {
    let desk = Desk::new();
    for (text, words) in [
        ("store = \"memory:\"\nstroe = \"hunter2\"\n", ["line 2", "stroe"]),
        ("store = \"memory:\"\n\ndialect = 2\n", ["line 3", "string"]),
        ("store = \"postgres://hunter2@h\n", ["line 1", "keyward.toml"]),
        ("json = true", ["line 1", "json"]),
    ] {
        desk.write("keyward.toml", text);
        let ended = desk.keys(&["list"]).await;
        ended.assert_failed(2, &words);
        assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
        assert!(!ended.stderr.contains("hunter2"), "{}", ended.stderr);
    }
    let ended = desk.keys(&["list", "--config", "none.toml"]).await;
    ended.assert_failed(2, &["none.toml", "--config"]);
    desk.keys(&["list", "--config", "."]).await.assert_failed(2, &["cannot read"]);
}

#[tokio::test]
async fn a_store_remembers_its_dialect() {
    let desk = Desk::new();
    desk.write("keyward.toml", "store = \"sqlite://keys.db\"\n");
    let unnamed = desk.keys(&["create", "--name", "abc"]).await;
    unnamed.assert_failed(2, &["--dialect"]);
    assert!(!desk.folder().join("keys.db").exists(), "nobody could use it");

    let (first, _) = desk.create(&["--dialect", "onepin", "--name", "abc"]).await;
    let (_, second) = desk.create(&["--name", "def"]).await;
    assert!(second.starts_with("pk_live_"));
    assert_eq!(desk.json(&["show", &first]).await["name"], "abc");
    desk.keys(&["list", "--dialect", "bigspin"]).await.assert_failed(2, &["onepin", "bigspin"]);
}
