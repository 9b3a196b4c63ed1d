use std::net::SocketAddr;

use axum::Router;
use keyward::axum::ApiKeyAuth;
use keyward::dialect::Dialect;
use keyward::key::{Grant, PlainKey};
use keyward::manage::{KeyManager, NewKey};
use keyward::store::MemoryStore;
use keyward::verify::Verifier;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::answer::Client;

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
            axum::serve(listener, router).await.expect("a server that goes on");
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
