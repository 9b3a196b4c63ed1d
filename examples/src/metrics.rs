use axum::Router;
use axum::serve::Listener;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use keyward::admin::Metrics;
use tokio::net::TcpListener;

use crate::failure::Failure;
use crate::server::HEAD;

/// Shows the metrics of the program at `/metrics` of an address of their own, as long as it runs.
/// Before a verifier is built: its counts begin then.
pub(crate) async fn show(address: &str) -> Result<(), Failure> {
    let mut listener = TcpListener::bind(address).await.map_err(|error| {
        Failure::new(format!(
            "cannot show metrics on {address} ({error}): give another address with --metrics, \
             such as 127.0.0.1:0, whose port 0 picks a free one"
        ))
    })?;
    let metrics = Router::new().route_service("/metrics", Metrics::install()?);
    tracing::info!("metrics on http://{}/metrics", listener.local_addr()?);
    let metrics = TowerToHyperService::new(metrics);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD);
    tokio::spawn(async move {
        loop {
            let (stream, _) = Listener::accept(&mut listener).await;
            tokio::spawn(http.serve_connection(TokioIo::new(stream), metrics.clone()));
        }
    });
    Ok(())
}
