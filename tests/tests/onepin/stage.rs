use std::sync::Arc;

use keyward::clock::Clock;
use keyward::dialect::Dialect;
use keyward::manage::KeyManager;
use keyward::store::SqliteStore;
use keyward_tests::onepin::Record;
use keyward_tests::{Answer, Program, System};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use tempfile::TempDir;

pub(crate) const ONEPIN: &str = env!("CARGO_BIN_EXE_onepin-under-test");
pub(crate) const API: &str = "/api/v1";

/// Nobody's key.
pub(crate) const NOBODY: &str = "00000000-0000-7000-8000-000000000000";

/// The program on an empty store, and the people that it knows.
pub(crate) struct Stage {
    pub(crate) system: System,
    /// A JWT of a member of the workspace.
    pub(crate) operator: String,
    /// A JWT of somebody who is in no workspace.
    pub(crate) stranger: String,
}

impl Stage {
    pub(crate) async fn start() -> Self {
        Self::of(System::start(ONEPIN, API).await)
    }

    pub(crate) fn of(system: System) -> Self {
        let token = |label| system.words_after(label)[0].to_owned();
        let (operator, stranger) = (token("operator "), token("stranger "));
        Self { system, operator, stranger }
    }

    pub(crate) fn of_program(program: Program, folder: TempDir) -> Self {
        Self::of(System { client: program.client(API), program, folder })
    }

    pub(crate) fn key(&self, label: &str) -> &str {
        self.system.program.key(label)
    }

    pub(crate) fn request(&self, credential: &str, method: &str, path: &str) -> RequestBuilder {
        let method: Method = method.parse().unwrap();
        self.system.client.request(method, path).bearer_auth(credential)
    }

    pub(crate) async fn send(&self, request: RequestBuilder) -> Answer {
        self.system.client.send(request).await
    }

    /// A request with JSON, or with no body where that is empty.
    pub(crate) async fn ask(
        &self,
        credential: &str,
        method: &str,
        path: &str,
        body: &str,
    ) -> Answer {
        let request = self.request(credential, method, path);
        let request = match body {
            "" => request,
            body => request.header("content-type", "application/json").body(body.to_owned()),
        };
        self.send(request).await
    }

    pub(crate) async fn get(&self, credential: &str, path: &str) -> Answer {
        self.ask(credential, "GET", path, "").await
    }

    /// The operator manages the keys of the workspace.
    pub(crate) async fn manage(&self, method: &str, below: &str, body: &str) -> Answer {
        self.ask(&self.operator, method, &format!("/api-keys{below}"), body).await
    }

    /// A new key that the operator made: its record and its secret.
    pub(crate) async fn create(&self, name: &str, scopes: &[&'static str]) -> (Record, String) {
        let body = serde_json::json!({"name": name, "scopes": scopes}).to_string();
        let (mut record, key) = Record::created(&self.manage("POST", "", &body).await);
        record.scopes = scopes.to_vec();
        (record, key)
    }

    /// A list of the workspace's keys, without what differs from answer to answer.
    pub(crate) async fn list(&self, query: &str) -> Value {
        let answer = self.manage("GET", query, "").await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let mut list = answer.json();
        list.as_object_mut().unwrap().remove("meta").unwrap();
        list
    }

    /// Manages the program's keys from another process, as an operator of the machine does.
    pub(crate) async fn elsewhere(&self, clock: Arc<dyn Clock>) -> KeyManager {
        let path = self.system.folder.path().join("onepin.db");
        let store = SqliteStore::open(path.to_str().unwrap()).await.unwrap();
        KeyManager::builder(Dialect::onepin(), store).with_clock(clock).open().await.unwrap()
    }
}

/// Every operation on one key, with what it sends.
pub(crate) const ON_A_KEY: [(&str, &str, &str); 4] = [
    ("GET", "", ""),
    ("PATCH", "", r#"{"name":"Mine"}"#),
    ("DELETE", "", ""),
    ("PATCH", "/rotate", ""),
];
