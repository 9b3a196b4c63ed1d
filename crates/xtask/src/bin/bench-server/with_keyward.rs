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

pub(crate) async fn app(keys: &[(PlainKey, KeyRecord)]) -> Result<Router> {
    let store = MemoryStore::new();
    let insert = |(key, record): &(PlainKey, KeyRecord)| Write::Insert {
        digest: StoredDigest::new(KeyDigest::sha256(key.expose().as_bytes()), None),
        record: Box::new(record.clone()),
    };
    store.commit(keys.iter().map(insert).collect()).await?;
    let verifier = Verifier::builder(Dialect::standard(), store).build()?;
    Ok(Router::new().route("/projects", get(projects)).route_layer(ApiKeyAuth::new(verifier)))
}

#[scoped]
async fn projects(_: RequireScope<"projects-read">) -> impl IntoResponse {
    answer()
}
