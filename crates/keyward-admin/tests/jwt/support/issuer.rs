use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::response::IntoResponse as _;
use axum::routing::get;
use http::StatusCode;
use http::header::LOCATION;
use keyward_admin::jwt::Jwks;
use keyward_tests::Server;
use serde_json::{Value, json};
use tokio::sync::watch;

/// A server that gives a JWKS, and counts how often.
pub(crate) struct Issuer {
    server: Server,
    serve: watch::Sender<Serve>,
    fetches: Arc<AtomicUsize>,
}

/// What it answers.
#[derive(Debug, Clone)]
pub(crate) enum Serve {
    Text(String),
    Status(u16),
    /// A redirect to where the keys would be.
    Elsewhere(String),
    /// Nothing, until told otherwise.
    Nothing,
}

impl Issuer {
    pub(crate) async fn of(jwks: impl IntoIterator<Item = Value>) -> Self {
        Self::serving(jwk_set(jwks)).await
    }

    pub(crate) async fn serving(serve: Serve) -> Self {
        let (serve, fetches) = (watch::Sender::new(serve), Arc::new(AtomicUsize::new(0)));
        let (answers, count) = (serve.clone(), Arc::clone(&fetches));
        let answer = get(async move || {
            count.fetch_add(1, Ordering::SeqCst);
            let mut answers = answers.subscribe();
            let answer = answers.wait_for(|answer| !matches!(answer, Serve::Nothing)).await;
            match answer.unwrap().clone() {
                Serve::Text(text) => text.into_response(),
                Serve::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
                Serve::Elsewhere(url) => (StatusCode::FOUND, [(LOCATION, url)]).into_response(),
                Serve::Nothing => unreachable!("waited for something else"),
            }
        });
        let server = Server::start(Router::new().route("/jwks.json", answer)).await;
        Self { server, serve, fetches }
    }

    pub(crate) fn jwks(&self) -> Jwks {
        Jwks::at(self.url()).unwrap()
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/jwks.json", self.server.address)
    }

    /// Answers like this from now on, also to who is waiting.
    pub(crate) fn serve(&self, serve: Serve) {
        self.serve.send_replace(serve);
    }

    pub(crate) fn serve_keys(&self, jwks: impl IntoIterator<Item = Value>) {
        self.serve(jwk_set(jwks));
    }

    pub(crate) fn fetches(&self) -> usize {
        self.fetches.load(Ordering::SeqCst)
    }

    /// Goes away, so that connections are refused.
    pub(crate) async fn stop(self) {
        let address = self.server.address;
        drop(self.server);
        while tokio::net::TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    }
}

fn jwk_set(jwks: impl IntoIterator<Item = Value>) -> Serve {
    let keys: Vec<Value> = jwks.into_iter().collect();
    Serve::Text(json!({ "keys": keys }).to_string())
}
