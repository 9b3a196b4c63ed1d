use async_trait::async_trait;
use axum::Router;
use http::Method;
use http::request::Parts;
use keyward::axum::Guard;
use keyward::dialect::Dialect;
use keyward::key::{Grant, Resources};
use keyward::manage::{Issued, NewKey};
use keyward::store::StoreError;
use keyward::verify::RejectionKind;
use keyward_admin::{KeyAdmin, KeyGuard, Membership, PersonGuard};
use keyward_tests::{Answer, Client, Keys, Server};

/// A management API that listens.
pub(crate) struct Stage {
    pub(crate) keys: Keys,
    pub(crate) server: Server,
    client: Client,
    path: &'static str,
}

impl Stage {
    /// Keys manage keys.
    pub(crate) async fn of_keys(dialect: Dialect, path: &'static str) -> Self {
        let keys = Keys::of(dialect).await;
        let admin = KeyAdmin::new(keys.manager.clone(), KeyGuard).unwrap();
        let router = admin.routes().layer(keys.auth());
        Self::start(keys, router, path).await
    }

    /// People manage keys, beside routes that keys ask.
    pub(crate) async fn of_people() -> Self {
        let keys = Keys::of(Dialect::onepin()).await;
        let guard = PersonGuard::new(Members, |person: &Person| person.0.clone());
        let admin = KeyAdmin::new(keys.manager.clone(), guard).unwrap();
        let router = admin.routes().layer(keys.auth().or(People));
        Self::start(keys, router, "/api/v1/api-keys").await
    }

    async fn start(keys: Keys, router: Router, path: &'static str) -> Self {
        let server = Server::start(router).await;
        let client = server.client();
        Self { keys, server, client, path }
    }

    /// Sends a request to the collection, or below it.
    pub(crate) async fn send(
        &self,
        method: &str,
        below: &str,
        sender: &Sender,
        body: Option<&str>,
    ) -> Answer {
        let method: Method = method.parse().unwrap();
        let mut request = self.client.request(method, &format!("{}{below}", self.path));
        for (name, value) in &sender.0 {
            request = request.header(*name, value);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_owned());
        }
        let answer = self.client.send(request).await;
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{answer:?}");
        assert!(answer.header("x-request-id").is_some());
        answer
    }

    pub(crate) async fn issue(&self, name: &str, scopes: &str) -> Issued {
        let grant = Grant::Only(scopes.parse().unwrap());
        self.keys.manager.create(NewKey::new("acme", name).with_grant(grant)).await.unwrap()
    }

    pub(crate) async fn issue_for(&self, scopes: &str, resources: &[&str]) -> Issued {
        let ids = resources.iter().map(|id| (*id).to_owned()).collect();
        let new = NewKey::new("acme", "restricted")
            .with_grant(Grant::Only(scopes.parse().unwrap()))
            .with_resources(Resources::Only(ids));
        self.keys.manager.create(new).await.unwrap()
    }
}

/// Who sends a request, in its headers.
pub(crate) struct Sender(pub(crate) Vec<(&'static str, String)>);

impl Sender {
    pub(crate) fn key(key: &str) -> Self {
        Self(vec![("authorization", format!("Bearer {key}"))])
    }

    pub(crate) fn of(issued: &Issued) -> Self {
        Self::key(issued.key.expose())
    }

    pub(crate) fn person(id: &str) -> Self {
        Self(vec![("x-person", id.to_owned())])
    }

    pub(crate) fn nobody() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.0.push((name, value.to_owned()));
        self
    }
}

#[derive(Clone)]
struct Person(String);

struct People;

#[async_trait]
impl Guard for People {
    type Principal = Person;

    async fn authenticate(&self, head: &Parts) -> Result<Option<Person>, RejectionKind> {
        let id = head.headers.get("x-person").and_then(|id| id.to_str().ok());
        Ok(id.map(|id| Person(id.to_owned())))
    }
}

/// `ada` is in `one` and `two`, `eve` in neither; nobody can say where `kim` is.
struct Members;

#[async_trait]
impl Membership for Members {
    async fn workspace(
        &self,
        person: &str,
        asked: Option<&str>,
    ) -> Result<Option<String>, StoreError> {
        match (person, asked) {
            ("ada", None) => Ok(Some("one".to_owned())),
            ("ada", Some(asked @ ("one" | "two"))) => Ok(Some(asked.to_owned())),
            ("kim", _) => Err(StoreError::unavailable("the test says so")),
            _ => Ok(None),
        }
    }
}
