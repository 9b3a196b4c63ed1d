use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use keyward::clock::{TestClock, Timestamp};
use keyward::dialect::Dialect;
use keyward::manage::{KeyManager, NewKey};
use keyward::store::SqliteStore;
use keyward_tests::scribe_sight::id_in;
use keyward_tests::{Answer, Raw, System};
use reqwest::Method;
use serde_json::{Value, json};

const PROGRAM: &str = env!("CARGO_BIN_EXE_scribe-sight-under-test");
pub(crate) const BASE: &str = "/api/v1";
pub(crate) const KEYS: &str = "/api-keys";

/// The program, with a key of everyone who may want more.
pub(crate) struct Stage {
    pub(crate) system: System,
    keys: HashMap<&'static str, String>,
    ids: HashMap<&'static str, String>,
}

impl Stage {
    pub(crate) async fn start() -> Self {
        let system = System::start(PROGRAM, BASE).await;
        let mut stage = Self { system, keys: HashMap::new(), ids: HashMap::new() };
        for label in ["secret", "read", "publishable", "project", "other"] {
            let key = stage.system.program.key(label).to_owned();
            let list = stage.list(if label == "other" { "other" } else { "secret" }).await;
            stage.ids.insert(label, id_in(&list, &key));
            stage.keys.insert(label, key);
        }
        let projects = |ids: Value| json!({"name": "a key", "project_ids": ids});
        for (label, maker, body) in [
            ("writer", "secret", json!({"name": "a key", "scopes": ["write"]})),
            ("nothing", "secret", json!({"name": "a key", "scopes": []})),
            ("nowhere", "secret", projects(json!([]))),
            ("support", "secret", projects(json!(["proj_support"]))),
            ("both", "secret", projects(json!(["proj_support", "proj_interviews"]))),
            ("sibling", "secret", projects(json!(["proj_interviews"]))),
            ("child", "project", json!({"name": "a key"})),
            ("revoked", "secret", json!({"name": "a key"})),
        ] {
            let made = stage.system.post(maker, KEYS, &body).await.json()["data"].clone();
            stage.keys.insert(label, made["key"].as_str().unwrap().to_owned());
            stage.ids.insert(label, made["id"].as_str().unwrap().to_owned());
        }
        let revoked = format!("{KEYS}/{}", stage.ids["revoked"]);
        let answer = stage.system.ask("secret", Method::DELETE, &revoked, None).await;
        assert_eq!(answer.status, 204);
        let expired = stage.expired().await;
        stage.keys.insert("expired", expired);
        stage
    }

    /// A key whose time is over, made by an operator.
    async fn expired(&self) -> String {
        let then = Timestamp::from_millis(1_000_000_000_000);
        let file = self.system.folder.path().join("scribe-sight.db");
        let store = SqliteStore::open(file.to_str().unwrap()).await.unwrap();
        let manager = KeyManager::builder(Dialect::scribe_sight(), store);
        let manager = manager.with_clock(Arc::new(TestClock::at(then))).open().await.unwrap();
        let new = NewKey::new("org_acme", "expired");
        let new = new.with_expires_at(then.plus(Duration::from_secs(1)));
        manager.create(new).await.unwrap().key.expose().to_owned()
    }

    /// The key of a label, or a text with `{secret of LABEL}` and `{id of LABEL}` filled in.
    pub(crate) fn fill(&self, text: &str) -> String {
        let mut filled = text.to_owned();
        for (what, texts) in [("secret", &self.keys), ("id", &self.ids)] {
            for (label, text) in texts {
                filled = filled.replace(&format!("{{{what} of {label}}}"), text);
            }
        }
        assert!(!filled.contains("of "), "`{filled}` names a key that is not there");
        filled
    }

    pub(crate) fn key(&self, label: &str) -> &str {
        &self.keys[label]
    }

    /// The keys that one sees.
    pub(crate) async fn list(&self, label: &str) -> Value {
        let answer = self.system.get(label, &format!("{KEYS}?limit=100")).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let list = answer.json();
        assert_eq!(list["pagination"]["has_more"], false);
        list
    }

    /// What a key can do, as the API itself says.
    pub(crate) async fn abilities(&self, key: &str) -> BTreeSet<String> {
        let mut can = BTreeSet::new();
        let mut requests = vec![
            (Method::GET, "/org".to_owned()),
            (Method::GET, "/projects".to_owned()),
            (Method::GET, KEYS.to_owned()),
            (Method::POST, KEYS.to_owned()),
            (Method::DELETE, format!("{KEYS}/key_nobody")),
        ];
        for project in ["proj_interviews", "proj_support", "proj_research"] {
            let content = format!("/projects/{project}/content");
            requests.push((Method::GET, content.clone()));
            requests.push((Method::POST, format!("{content}/upload-url")));
            requests.push((Method::POST, format!("{content}/nothing/analyze")));
        }
        for (method, path) in requests {
            // Nothing comes of it: the field that each of them needs is missing.
            let request = self.system.client.request(method.clone(), &path).bearer_auth(key);
            let answer = self.system.client.send(request.json(&json!({}))).await;
            if !matches!(answer.status, 401 | 403) {
                can.insert(format!("{method} {path}: {}", answer.status));
            }
            if path == "/org" || path == "/projects" {
                can.extend(seen(&answer.json()["data"]));
            }
        }
        can
    }

    /// Sends a request as it stands.
    pub(crate) async fn send(&self, head: &str, body: &[u8]) -> Answer {
        let mut connection = Raw::connect(self.system.program.address).await;
        let length = format!("content-length: {}\r\n\r\n", body.len());
        connection.send(&[head.as_bytes(), length.as_bytes(), body].concat()).await;
        connection.answer().await
    }
}

/// The ids in an answer, each as something that one sees.
fn seen(data: &Value) -> Vec<String> {
    let one = |data: &Value| data["id"].as_str().map(|id| format!("see {id}"));
    match data {
        Value::Array(all) => all.iter().filter_map(one).collect(),
        data => one(data).into_iter().collect(),
    }
}
