use std::time::Duration;

use keyward::clock::Timestamp;
use keyward::dialect::Dialect;
use keyward::key::{Creator, Grant, KeyId, PlainKey, Resources};
use keyward::manage::{KeyManager, NewKey, Reach, Rotate};
use keyward::store::{Flush, KeyLookup, MemoryStore, Use};
use keyward::usage::Counts;
use keyward_admin::{Admin, Dashboard, SignIn};
use keyward_tests::{Keys, Server, WebDriver};

use crate::browser::{Browser, Look};

/// A dashboard that listens, and a driver of browsers.
pub(crate) struct Stage {
    pub(crate) manager: KeyManager,
    store: MemoryStore,
    operators: Keys,
    server: Server,
    driver: WebDriver,
}

impl Stage {
    pub(crate) async fn of(dialect: Dialect) -> Self {
        let (store, operators) = (MemoryStore::new(), Keys::of(Dialect::standard()).await);
        let manager = KeyManager::builder(dialect, store.clone()).open().await.unwrap();
        let sign_in = SignIn::operator(operators.verifier.clone(), |key| {
            key.require("dashboard").ok()?;
            Some(Admin::new(Creator::Person(key.name().to_owned())))
        });
        let dashboard = Dashboard::signed_in(manager.clone(), sign_in);
        let server = Server::start(dashboard.routes()).await;
        Self { manager, store, operators, server, driver: WebDriver::start() }
    }

    pub(crate) async fn browser(&self, look: Look) -> Browser {
        Browser::open(&self.driver, look, &format!("http://{}", self.server.address)).await
    }

    pub(crate) async fn operator_key(&self, name: &str) -> PlainKey {
        let grant = Grant::Only("dashboard".parse().unwrap());
        let new = NewKey::new("operators", name).with_grant(grant);
        self.operators.manager.create(new).await.unwrap().key
    }

    /// A browser in which somebody has signed in.
    pub(crate) async fn signed_in(&self, name: &str, look: Look) -> Browser {
        let browser = self.browser(look).await;
        let key = self.operator_key(name).await;
        browser.goto("/dashboard").await;
        browser.write("#secret", key.expose()).await;
        browser.press("Sign in").await;
        browser.reads("API keys").await;
        browser
    }

    /// Keys as a service has them.
    pub(crate) async fn fill(&self) {
        let manager = self.manager.acting_as(Creator::Person("ada@acme.example".to_owned()));
        let make = async |name: &str, workspace: &str, scopes: &str| {
            let mut new = NewKey::new(workspace, name);
            if !scopes.is_empty() {
                new = new.with_grant(Grant::Only(scopes.parse().unwrap()));
            }
            manager.create(new).await.unwrap().record.id
        };
        let soon = self.manager.now().plus(Duration::from_secs(1));
        let over = NewKey::new("acme", "trial of January").with_expires_at(soon);
        manager.create(over).await.unwrap();
        make("halfpipe importer", "acme", "halfpipe-transcripts-write").await;
        let old = make("nightly export", "acme", "projects-read").await;
        let left = make("laptop of Kim", "globex", "projects-read projects-write").await;
        make("staging-projects-read", "acme", "projects-read").await;
        let end = Timestamp::from_millis(self.manager.now().as_millis() + 90 * 24 * 3_600_000);
        let upload = NewKey::new("acme", "production-transcript-upload")
            .with_description(
                "Uploads transcripts of support calls. Answered for by the data team.",
            )
            .with_grant(Grant::Only(
                "projects-read projects-write halfpipe-transcripts-write".parse().unwrap(),
            ))
            .with_resources(Resources::Only(vec![
                "hp-0b1f6c1e-2a52-4f3e-8f2d-2f1f0e3a9d11".to_owned(),
            ]))
            .with_expires_at(end);
        let upload = manager.create(upload).await.unwrap().record.id;
        self.use_for_a_month(&upload).await;
        make("CI of globex", "globex", "").await;
        manager.revoke(&left, Reach::Key).await.unwrap();
        manager.rotate(&old, Rotate::now().with_grace(Duration::from_hours(24))).await.unwrap();
    }

    async fn use_for_a_month(&self, id: &KeyId) {
        let now = self.manager.now();
        let uses = (0..30).map(|day| {
            let at = Timestamp::from_millis(now.as_millis() - day * 24 * 3_600_000);
            let requests = [410, 380, 95, 60, 430, 520, 470][usize::try_from(day).unwrap() % 7];
            let limited = if day == 11 { 130 } else { 0 };
            let counts = Counts { requests, limited, ..Counts::default() };
            Use { id: id.clone(), last_used_at: Some(at), hour: at.start_of_hour(), counts }
        });
        let flush = Flush { recorder: 1, number: 1, at: now, uses: uses.collect() };
        self.store.uses().unwrap().record(&flush).await.unwrap();
    }
}
