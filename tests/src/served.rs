use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::answer::{Answer, Client};
use crate::program::{Ended, Program};

/// `keyward serve` in a folder of its own, and its first operator.
#[derive(Debug)]
pub struct Served {
    /// The program.
    pub program: Program,
    /// Asks it.
    pub client: Client,
    /// Where its stores are.
    pub folder: TempDir,
    keyward: &'static str,
}

impl Served {
    /// Starts this build of `keyward` on empty stores.
    pub async fn start(keyward: &'static str, arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let arguments = [&["serve"], arguments].concat();
        let program = Program::start(keyward, folder.path(), &arguments).await;
        Self { client: program.client(""), program, folder, keyward }
    }

    /// The key of the first operator.
    pub fn operator(&self) -> &str {
        self.program.key("operator")
    }

    /// A request of the first operator, with JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.client.post(path, self.operator(), body).await
    }

    /// A new key of the workspace `acme`, of the standard dialect: its id and the key.
    pub async fn create(&self, more: Value) -> (String, String) {
        let mut body = json!({"name": "a test's key", "workspace": "acme"});
        if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
            body.extend(more);
        }
        let created = self.post("/api-keys", &body).await;
        assert_eq!(created.status, 201, "{}", created.body);
        let created = created.json();
        let text = |field: &str| created[field].as_str().expect("a text").to_owned();
        (text("id"), text("key"))
    }

    /// Ends a key.
    pub async fn revoke(&self, id: &str) {
        let request = self.client.request(Method::POST, &format!("/api-keys/{id}/revoke"));
        let revoked = self.client.send(request.bearer_auth(self.operator())).await;
        assert_eq!(revoked.status, 200, "{}", revoked.body);
    }

    /// What is said of a question.
    pub async fn verify(&self, question: &Value) -> Answer {
        self.post("/verify", question).await
    }

    /// `keyward keys …` in the same folder, however it ends.
    pub async fn keys(&self, arguments: &[&str]) -> Ended {
        let arguments = [&["keys"], arguments].concat();
        Program::run(self.keyward, self.folder.path(), &arguments).await
    }

    /// The key of a new operator.
    pub async fn new_operator(&self, workspace: &str, scopes: &str) -> String {
        let store = ["--store", "sqlite://keyward-operators.db", "--dialect", "operator"];
        let create = ["create", "--json", "--name", "an operator", "--workspace", workspace];
        let created = self.keys(&[&create[..], &["--scope", scopes], &store].concat()).await;
        assert_eq!(created.code, Some(0), "{}", created.stderr);
        let created: Value = serde_json::from_str(&created.stdout).expect("a document");
        created["key"].as_str().expect("a key").to_owned()
    }

    /// Waits until a path answers so.
    pub async fn until(&self, path: &str, status: u16) -> Answer {
        tokio::time::timeout(Duration::from_secs(30), async {
            loop {
                let answer = self.client.get_without_key(path).await;
                if answer.status == status {
                    return answer;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
        .await
        .expect("an answer in time")
    }
}
