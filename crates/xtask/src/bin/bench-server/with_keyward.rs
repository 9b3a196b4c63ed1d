use axum::Router;
use axum::response::IntoResponse;
use axum::routing::get;
use keyward::axum::{ApiKeyAuth, RequireScope};
use keyward::dialect::Dialect;
use keyward::key::{KeyDigest, KeyRecord, PlainKey, StoredDigest};
use keyward::scoped;
use keyward::store::{KeyStore, MemoryStore, Write};
use keyward::verify::Verifier;

use crate::{Result, answer};

/// The layer, and a handler that asks for a scope.
pub(crate) async fn app(dialect: Dialect, keys: &[(PlainKey, KeyRecord)]) -> Result<Router> {
    let layer = ApiKeyAuth::new(verifier(dialect, keys).await?);
    Ok(Router::new().route("/projects", get(projects)).route_layer(layer))
}

/// The layer alone, around the handler of the bare route.
pub(crate) async fn layer(dialect: Dialect, keys: &[(PlainKey, KeyRecord)]) -> Result<Router> {
    let layer = ApiKeyAuth::new(verifier(dialect, keys).await?);
    Ok(Router::new().route("/projects", get(async || answer())).route_layer(layer))
}

async fn verifier(dialect: Dialect, keys: &[(PlainKey, KeyRecord)]) -> Result<Verifier> {
    let store = MemoryStore::new();
    let insert = |(key, record): &(PlainKey, KeyRecord)| Write::Insert {
        digest: StoredDigest::new(KeyDigest::sha256(key.expose().as_bytes()), None),
        record: Box::new(record.clone()),
    };
    store.commit(keys.iter().map(insert).collect()).await?;
    Ok(Verifier::builder(dialect, store).build()?)
}

#[scoped]
async fn projects(_: RequireScope<"projects-read">) -> impl IntoResponse {
    answer()
}
