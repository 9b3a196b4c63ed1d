//! What is written by hand most often: the hash as text, an async cache, the record cloned.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::extract::{Extension, Request, State};
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use keyward::key::{KeyRecord, PlainKey};
use moka::future::Cache;
use sha2::{Digest, Sha256};

use crate::answer;
use crate::keys::SCOPE;

#[derive(Clone)]
#[expect(dead_code, reason = "a record has what its table has")]
struct Record {
    id: String,
    digest: String,
    workspace: String,
    name: String,
    description: Option<String>,
    kind: String,
    mask: String,
    scopes: Vec<String>,
    created_by: String,
    revoked_at: Option<SystemTime>,
    expires_at: Option<SystemTime>,
}

/// Writes a digest as text.
pub(crate) type Hex = fn(&[u8]) -> String;

#[derive(Clone)]
struct Keys {
    /// Stands for the table of a database.
    table: Arc<HashMap<String, Record>>,
    cache: Cache<String, Option<Record>>,
    hex: Hex,
}

pub(crate) fn app(keys: &[(PlainKey, KeyRecord)], hex: Hex) -> Router {
    let table = keys.iter().map(|(key, record)| {
        let digest = hex(&Sha256::digest(key.expose()));
        let record = Record {
            id: record.id.to_string(),
            digest: digest.clone(),
            workspace: record.workspace.clone(),
            name: record.name.clone(),
            description: None,
            kind: record.kind.clone(),
            mask: "sk-bigspin-a...wxyz".to_owned(),
            scopes: vec!["projects-read".to_owned(), "projects-write".to_owned()],
            created_by: record.workspace.clone(),
            revoked_at: None,
            expires_at: None,
        };
        (digest, record)
    });
    let table = Arc::new(table.collect());
    let cache = Cache::builder().max_capacity(100_000).time_to_live(Duration::from_mins(1)).build();
    Router::new()
        .route("/projects", get(projects))
        .route_layer(from_fn_with_state(Keys { table, cache, hex }, authenticate))
}

async fn authenticate(State(keys): State<Keys>, mut request: Request, next: Next) -> Response {
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some(key) = header.and_then(|value| value.strip_prefix("Bearer ")) else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    let digest = (keys.hex)(&Sha256::digest(key));
    let lookup = async { keys.table.get(&digest).cloned() };
    let Some(record) = keys.cache.get_with(digest.clone(), lookup).await else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    let now = SystemTime::now();
    let over = |end: Option<SystemTime>| end.is_some_and(|end| end <= now);
    if over(record.revoked_at) || over(record.expires_at) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    request.extensions_mut().insert(record);
    next.run(request).await
}

async fn projects(Extension(record): Extension<Record>) -> Response {
    if record.scopes.iter().any(|scope| scope == SCOPE) {
        answer().into_response()
    } else {
        StatusCode::FORBIDDEN.into_response()
    }
}

/// How nearly everybody writes it, since a digest of sha2 0.11 has no `{:x}`.
#[expect(clippy::format_collect, reason = "this is what is measured")]
pub(crate) fn format_each_byte(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
