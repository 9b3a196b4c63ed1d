//! One of many processes that verify the keys of one store, with the bounds that a test wants:
//! `instance STORE NAME MAX_STALENESS_MS STALE_IF_ERROR_MS [REDIS] --listen ADDR`.
//!
//! `/` is for whoever has a key; `/health` says how the verifier is.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use keyward::axum::{ApiKey, ApiKeyAuth};
use keyward::dialect::Dialect;
use keyward::redis::RedisPush;
use keyward::store;
use keyward::verify::Verifier;
use keyward_examples::{Failure, bind, exit, log_to_stderr, serve};
use rustix::process::Signal;
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> ExitCode {
    log_to_stderr();
    exit(run().await)
}

async fn run() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, store, name, max_staleness, stale_if_error, redis @ .., _, listen] = &arguments[..]
    else {
        return Err(Failure::new("say which store, name and bounds"));
    };
    let millis = |text: &str| {
        let millis = text.parse().map(Duration::from_millis);
        millis.map_err(|_| Failure::new("a bound is a number of milliseconds"))
    };
    // Without it a write to a disk that a test has filled would not fail, but end the program.
    let _full = signal(SignalKind::from_raw(Signal::XFSZ.as_raw()));
    let store = store::open(store).await?;
    let verifier = Verifier::builder(Dialect::bigspin(), Arc::clone(&store))
        .with_instance(name)
        .with_max_staleness(millis(max_staleness)?)
        .with_stale_if_error(millis(stale_if_error)?)
        .build()?;
    let mut pushes = vec![];
    for (url, feed) in redis.iter().zip(store.feed()) {
        pushes.push(RedisPush::new(url)?.start(feed.table()));
    }
    let health = verifier.clone();
    let app = Router::new()
        .route("/", get(|_: ApiKey| async {}))
        .route_layer(ApiKeyAuth::new(verifier.clone()))
        .route("/health", get(async move || health.health().to_string()));
    serve(bind(listen).await?, app).await?;
    verifier.shutdown().await;
    for push in pushes {
        push.shutdown().await;
    }
    store.close().await;
    Ok(())
}
