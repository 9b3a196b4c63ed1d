use std::net::SocketAddr;

use axum::Router;
use axum::routing::get;
use keyward::axum::{ApiKey, ApiKeyAuth, Refused};
use keyward::dialect::Dialect;
use keyward::key::{Grant, PlainKey};
use keyward::manage::{KeyManager, NewKey};
use keyward::store::MemoryStore;
use keyward::verify::{RejectionKind, Verifier};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::answer::{Answer, Client};

/// A server of this process, on a socket. It ends when this is dropped.
#[derive(Debug)]
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    task: JoinHandle<()>,
}

impl Server {
    /// Serves a router on a free port.
    pub async fn start(router: Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let task = tokio::spawn(async move {
            let app = router.into_make_service_with_connect_info::<SocketAddr>();
            axum::serve(listener, app).await.expect("a server that goes on");
        });
        Self { address, task }
    }

    /// A client of it.
    pub fn client(&self) -> Client {
        Client::new(format!("http://{}", self.address))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// How a dialect answers a request that is one too many.
pub async fn limited(dialect: Dialect) -> Answer {
    async fn refuse(key: ApiKey) -> Result<(), Refused> {
        Err(key.refuse(RejectionKind::RateLimited))
    }
    let keys = Keys::of(dialect).await;
    let server = Server::start(Router::new().route("/", get(refuse)).layer(keys.auth())).await;
    // Full access: whatever scopes the dialect knows.
    let new = NewKey::new("acme", "a test's key").with_grant(Grant::All);
    let key = keys.manager.create(new).await.expect("a key").key;
    server.client().get("/", key.expose()).await
}

/// Keys in memory, with both of their sides.
#[derive(Debug)]
pub struct Keys {
    /// Lets requests in.
    pub verifier: Verifier,
    /// Makes and ends keys.
    pub manager: KeyManager,
}

impl Keys {
    /// No keys yet, of this dialect.
    pub async fn of(dialect: Dialect) -> Self {
        let store = MemoryStore::new();
        let manager = KeyManager::builder(dialect.clone(), store.clone()).open().await;
        let verifier = Verifier::builder(dialect, store).build();
        Self { verifier: verifier.expect("a verifier"), manager: manager.expect("a manager") }
    }

    /// A layer that guards with them.
    pub fn auth(&self) -> ApiKeyAuth {
        ApiKeyAuth::new(self.verifier.clone())
    }

    /// A new key of the workspace `acme` with these scopes.
    pub async fn key(&self, scopes: &str) -> PlainKey {
        let grant = Grant::Only(scopes.parse().expect("scopes"));
        let new = NewKey::new("acme", "a test's key").with_grant(grant);
        self.manager.create(new).await.expect("a key").key
    }
}
