use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::to_bytes;
use axum::extract::Request;
use axum::{Json, Router};
use keyward_tests::Server;

/// A service that tells what it was sent, and how often it was asked.
pub(crate) struct Backend {
    pub(crate) server: Server,
    asked: Arc<AtomicUsize>,
}

impl Backend {
    pub(crate) async fn start() -> Self {
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let tell = async move |request: Request| {
            count.fetch_add(1, Ordering::SeqCst);
            let mut told = BTreeMap::new();
            for (name, value) in request.headers() {
                let values: &mut Vec<String> = told.entry(name.to_string()).or_default();
                values.push(value.to_str().unwrap().to_owned());
            }
            told.insert("method".to_owned(), vec![request.method().to_string()]);
            told.insert("uri".to_owned(), vec![request.uri().to_string()]);
            let body = to_bytes(request.into_body(), usize::MAX).await.unwrap();
            told.insert("length".to_owned(), vec![body.len().to_string()]);
            Json(told)
        };
        let server = Server::start(Router::new().fallback(tell)).await;
        Self { server, asked }
    }

    /// How many requests came through.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}
