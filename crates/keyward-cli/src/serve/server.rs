use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::serve::Listener;
use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use keyward::tower::PeerAddr;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::timeout;
use tower::Layer;

use crate::failure::{Failure, Result};
use crate::output;

/// How long a client may take to send the head of a request, the time between two requests on one
/// connection included.
const HEAD: Duration = Duration::from_secs(75);
/// How long requests may take to end once the program has been told to.
const DRAIN: Duration = Duration::from_secs(10);

/// Takes an address to listen on.
pub(super) async fn bind(address: &str) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure::environment(format!(
            "cannot listen on {address} ({error}): give another address with --listen, such as \
             127.0.0.1:0, whose port 0 picks a free one"
        ))
    })
}

/// Where it listens.
pub(super) fn address(listener: &TcpListener) -> Result<SocketAddr> {
    listener.local_addr().map_err(unusual)
}

/// Says `listening on http://ADDR` and serves, until SIGINT or SIGTERM and the end of the requests
/// that are under way.
pub(super) async fn serve(mut listener: TcpListener, app: Router) -> Result<()> {
    let mut end = pin!(told_to_end()?);
    output::say(&format!("listening on http://{}", address(&listener)?))?;

    // What `axum::serve` does, which waits for the head of a request as long as the client likes.
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD);
    let connections = GracefulShutdown::new();
    loop {
        tokio::select! {
            (stream, address) = Listener::accept(&mut listener) => {
                // Keys may work from some networks alone.
                let app = TowerToHyperService::new(Extension(PeerAddr(address)).layer(app.clone()));
                let connection = http.serve_connection(TokioIo::new(stream), app);
                tokio::spawn(connections.watch(connection));
            }
            () = &mut end => break,
        }
    }
    drop(listener);
    if timeout(DRAIN, connections.shutdown()).await.is_err() {
        tracing::warn!(target: "keyward", "some requests took too long and were cut off");
    }
    Ok(())
}

/// SIGINT or SIGTERM, from now on.
fn told_to_end() -> Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt()).map_err(unusual)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(unusual)?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn unusual(error: io::Error) -> Failure {
    Failure::environment(format!("the system does not let this program serve ({error})"))
}
