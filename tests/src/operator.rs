use std::time::{Duration, Instant};

use serde_json::Value;

use crate::answer::Answer;
use crate::program::{Ended, Program};
use crate::system::System;

/// Somebody at the command line, beside a program that runs on the same store.
#[derive(Debug, Clone, Copy)]
pub struct Operator<'a> {
    keyward: &'static str,
    dialect: &'static str,
    system: &'a System,
}

impl<'a> Operator<'a> {
    /// Works with this build of `keyward` on the default store of a program, which is named like
    /// its dialect.
    pub fn of(keyward: &'static str, dialect: &'static str, system: &'a System) -> Self {
        Self { keyward, dialect, system }
    }

    /// `keyward keys …`, however it ends.
    pub async fn run(&self, arguments: &[&str]) -> Ended {
        let store = format!("sqlite://{}.db", self.dialect);
        let named = ["--store", &store, "--dialect", self.dialect, "--as", "ada"];
        let arguments = [&["keys"], arguments, &named].concat();
        Program::run(self.keyward, self.system.folder.path(), &arguments).await
    }

    /// The document of an act that is done.
    pub async fn keys(&self, arguments: &[&str]) -> Value {
        let ended = self.run(&[arguments, &["--json"]].concat()).await;
        assert_eq!((ended.code, &*ended.stderr), (Some(0), ""), "{arguments:?}");
        serde_json::from_str(&ended.stdout).expect("a document")
    }

    /// A new key of the workspace `acme`: its id and the key.
    pub async fn create(&self, arguments: &[&str]) -> (String, String) {
        let create = ["create", "--workspace", "acme"];
        let created = self.keys(&[&create, arguments].concat()).await;
        let text = |field: &str| created[field].as_str().expect("a text").to_owned();
        (text("id"), text("key"))
    }

    /// The id of the key with this name.
    pub async fn id(&self, name: &str) -> String {
        let keys = self.keys(&["list"]).await;
        let mut keys = keys.as_array().expect("a list").iter();
        let key = keys.find(|key| key["name"] == name).expect("a key of this name");
        key["id"].as_str().expect("a text").to_owned()
    }
}

/// Asks until the answer has this status, which that to every request must have that begins when
/// the bound has passed since the change.
pub async fn within(bound: Duration, status: u16, ask: impl AsyncFn() -> Answer) -> Answer {
    let changed = Instant::now();
    loop {
        let asked = changed.elapsed();
        let answer = ask().await;
        if answer.status == status {
            return answer;
        }
        assert!(asked < bound, "{} to a request {asked:?} after the change", answer.status);
    }
}
