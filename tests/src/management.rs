use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::http::request::Parts;
use axum::routing::get;
use keyward::axum::ApiKeyAuth;
use keyward::clock::{TestClock, Timestamp};
use keyward::dialect::Dialect;
use keyward::dialect::management::Operation;
use keyward::key::Creator;
use keyward::manage::KeyManager;
use keyward::store::MemoryStore;
use keyward::verify::{RejectionKind, Verifier};
use keyward_admin::{Admin, AdminGuard, Denied, KeyAdmin};
use reqwest::Method;
use serde_json::Value;

use crate::answer::{Answer, Client};
use crate::server::Server;

/// Where the built-in dialects manage keys.
const PATH: &str = "/api/v1/api-keys";

/// The management API of a dialect, for whoever says so in a header, and beside it something that
/// its keys open.
#[derive(Debug)]
pub struct Management {
    /// Where that is.
    pub server: Server,
    /// Shows 2026-01-06T10:00:00Z until it is told otherwise.
    pub clock: Arc<TestClock>,
    client: Client,
    verifier: Verifier,
}

/// Lets people manage the keys of their workspace: `x-operator: PERSON WORKSPACE`.
struct Operators;

#[async_trait]
impl AdminGuard for Operators {
    async fn admit(&self, head: &Parts, _: &Operation<'_>) -> Result<Admin, Denied> {
        let operator = head.headers.get("x-operator").ok_or(RejectionKind::Missing)?;
        let named = operator.to_str().ok().and_then(|operator| operator.split_once(' '));
        let (person, workspace) = named.ok_or(RejectionKind::Unknown)?;
        Ok(Admin::new(Creator::Person(person.to_owned())).within(workspace))
    }
}

impl Management {
    /// No keys yet, of this dialect.
    pub async fn of(dialect: Dialect) -> Self {
        let clock = Arc::new(TestClock::at(Timestamp::from_millis(1_767_693_600_000)));
        let store = MemoryStore::new();
        let manager =
            KeyManager::builder(dialect.clone(), store.clone())
                .with_clock(Arc::<TestClock>::clone(&clock));
        let verifier = Verifier::builder(dialect, store)
            .with_clock(Arc::<TestClock>::clone(&clock))
            // No use is written before it is asked for.
            .with_use_interval(Duration::from_mins(10))
            .build()
            .expect("a verifier");
        let manager = manager.open().await.expect("a manager");
        let admin = KeyAdmin::new(manager, Operators).expect("a `[management]`");
        let auth = ApiKeyAuth::new(verifier.clone());
        let open = Router::new().route("/", get(async || "open")).layer(auth);
        let server = Server::start(open.merge(admin.routes())).await;
        Self { client: server.client(), server, clock, verifier }
    }

    /// Writes how keys were used. The last thing that is asked of them.
    pub async fn write_uses(&self) {
        self.verifier.shutdown().await;
    }

    /// A request below the path of the keys, by whom the header says.
    pub async fn ask_as(
        &self,
        operator: Option<&str>,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Answer {
        let mut request = self.client.request(method, &format!("{PATH}{path}"));
        if let Some(operator) = operator {
            request = request.header("x-operator", operator);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        self.client.send(request).await
    }

    /// A request by Ada, who manages the keys of `acme`.
    pub async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        self.ask_as(Some("ada acme"), method, path, body).await
    }

    /// `GET` by Ada.
    pub async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, None).await
    }

    /// `POST` by Ada, without a body.
    pub async fn act(&self, path: &str) -> Answer {
        self.ask(Method::POST, path, None).await
    }

    /// `POST` of JSON by Ada.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask(Method::POST, path, Some(body)).await
    }

    /// What a key gets for the one thing that keys open: 200, or a refusal.
    pub async fn open(&self, key: &str) -> Answer {
        self.client.get("/", key).await
    }
}
