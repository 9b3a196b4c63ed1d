use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use keyward::clock::{Clock, SystemClock, TestClock};
use keyward::dialect::Dialect;
use keyward::key::KeyId;
use keyward::manage::{KeyManager, NewKey};
use keyward::store::{KeyStore, SqliteStore, Write};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::time::timeout;

pub(crate) const KEYWARD: &str = env!("CARGO_BIN_EXE_keyward");
/// Longer than any act takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A folder in which somebody calls the program. Its settings name a store and Bigspin's dialect.
pub(crate) struct Desk(TempDir);

/// How a call ended.
#[derive(Debug, Clone)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        desk.write("keyward.toml", "store = \"sqlite://keys.db\"\ndialect = \"bigspin\"\n");
        desk
    }

    pub(crate) fn folder(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        std::fs::write(self.folder().join(file), text).unwrap();
    }

    /// `keyward keys …`, without what the caller's own environment says.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        self.program(&[&["keys"], arguments].concat())
    }

    /// `keyward …`.
    pub(crate) fn program(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(KEYWARD);
        command.env_clear().env("USER", "ada").current_dir(self.folder());
        command.args(arguments).kill_on_drop(true);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub(crate) async fn keys(&self, arguments: &[&str]) -> Ended {
        run(self.command(arguments), "").await
    }

    /// The same with a text on standard input.
    pub(crate) async fn keys_with(&self, stdin: &str, arguments: &[&str]) -> Ended {
        run(self.command(arguments), stdin).await
    }

    /// The document of a call that does what it shall.
    pub(crate) async fn json(&self, arguments: &[&str]) -> Value {
        let ended = self.keys(&[arguments, &["--json"]].concat()).await;
        assert_eq!((ended.code, &*ended.stderr), (Some(0), ""), "{arguments:?}");
        ended.json()
    }

    /// A new key: its id and the key.
    pub(crate) async fn create(&self, arguments: &[&str]) -> (String, String) {
        let document = self.json(&[&["create"], arguments].concat()).await;
        (text(&document["id"]), text(&document["key"]))
    }

    /// A key as an older version or another program may have left it: with a name and a description
    /// that no act would write.
    pub(crate) async fn rename_in_store(&self, id: &str, name: &str) {
        let store = self.store().await;
        let mut record = store.get(&KeyId::new(id)).await.unwrap().unwrap();
        let expected = record.version;
        name.clone_into(&mut record.name);
        record.description = Some(name.to_owned());
        record.version += 1;
        store.commit(vec![Write::Replace { record: Box::new(record), expected }]).await.unwrap();
        store.close().await;
    }

    /// Makes keys with these numbers as their names, each a millisecond after the one before.
    pub(crate) async fn fill(&self, count: usize) {
        let clock = Arc::new(TestClock::at(SystemClock::new().now().timestamp));
        let manager = self.manager(clock.clone()).await;
        for number in 0..count {
            manager.create(NewKey::new("acme", format!("number {number}"))).await.unwrap();
            clock.advance(Duration::from_millis(1));
        }
    }

    /// The library's view of the store, by a clock.
    pub(crate) async fn manager(&self, clock: Arc<dyn Clock>) -> KeyManager {
        let manager = KeyManager::builder(Dialect::bigspin(), self.store().await);
        manager.with_clock(clock).open().await.unwrap()
    }

    pub(crate) async fn store(&self) -> SqliteStore {
        SqliteStore::open(self.folder().join("keys.db").to_str().unwrap()).await.unwrap()
    }
}

impl Ended {
    /// Standard output as one document.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// One sentence on standard error, which holds these words.
    #[track_caller]
    pub(crate) fn assert_failed(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:?}");
        for word in words {
            assert!(self.stderr.contains(word), "`{word}` in {}", self.stderr);
        }
    }
}

pub(crate) async fn run(mut command: Command, stdin: &str) -> Ended {
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    // It may end without having read.
    let _ = input.write_all(stdin.as_bytes()).await;
    drop(input);
    let output = timeout(PATIENCE, child.wait_with_output()).await.expect("an end in time");
    let output = output.unwrap();
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("a text: {value}")).to_owned()
}
