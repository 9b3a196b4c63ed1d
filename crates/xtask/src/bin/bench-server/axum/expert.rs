//! What somebody writes who has measured: the raw hash, a synchronous cache, one shared record.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use ahash::RandomState;
use axum::Router;
use axum::extract::{Extension, Request, State};
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use keyward::key::{KeyRecord, PlainKey};
use moka::sync::Cache;
use sha2::{Digest, Sha256};

use super::answer;
use crate::record::Record;

#[derive(Clone)]
struct Keys {
    /// Stands for the table of a database.
    table: Arc<HashMap<[u8; 32], Arc<Record>>>,
    cache: Cache<[u8; 32], Arc<Record>, RandomState>,
}

pub(crate) fn app(keys: &[(PlainKey, KeyRecord)]) -> Router {
    let row = |(key, record): &(PlainKey, KeyRecord)| {
        let digest = digest(key.expose());
        (digest, Arc::new(Record::of(record, hex::encode(digest))))
    };
    let table = Arc::new(keys.iter().map(row).collect());
    let cache = Cache::builder()
        .max_capacity(100_000)
        .time_to_live(Duration::from_mins(1))
        .build_with_hasher(RandomState::new());
    Router::new()
        .route("/projects", get(projects))
        .route_layer(from_fn_with_state(Keys { table, cache }, authenticate))
}

async fn authenticate(State(keys): State<Keys>, mut request: Request, next: Next) -> Response {
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some(key) = header.and_then(|value| value.strip_prefix("Bearer ")) else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    let digest = digest(key);
    let record = match keys.cache.get(&digest) {
        Some(record) => record,
        None => match keys.table.get(&digest) {
            Some(record) => {
                keys.cache.insert(digest, Arc::clone(record));
                Arc::clone(record)
            }
            None => return StatusCode::UNAUTHORIZED.into_response(),
        },
    };
    if !record.is_good() {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    request.extensions_mut().insert(record);
    next.run(request).await
}

async fn projects(Extension(record): Extension<Arc<Record>>) -> Response {
    if record.holds_scope() {
        answer().into_response()
    } else {
        StatusCode::FORBIDDEN.into_response()
    }
}

fn digest(key: &str) -> [u8; 32] {
    Sha256::digest(key).into()
}
