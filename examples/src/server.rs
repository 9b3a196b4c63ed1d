use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::failure::Failure;
use crate::say;

/// How long requests may take to end once the program has been told to.
const DRAIN: Duration = Duration::from_secs(10);

/// Takes an address to listen on.
///
/// # Errors
/// When it is taken, or not one of this machine.
pub async fn bind(address: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure::new(format!(
            "cannot listen on {address} ({error}): give another address with --listen, \
             where port 0 picks a free one"
        ))
    })
}

/// Says `listening on http://ADDR` and serves, until SIGINT or SIGTERM and the end of the requests
/// that are under way.
///
/// # Errors
/// When signals or standard output do not work.
pub async fn serve(listener: TcpListener, app: Router) -> Result<(), Failure> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let stop = CancellationToken::new();
    let address = listener.local_addr()?;
    let server = axum::serve(listener, app).with_graceful_shutdown(stop.clone().cancelled_owned());
    say(&format!("listening on http://{address}"))?;

    let out_of_time = async {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("ends when the requests under way are done");
        stop.cancel();
        tokio::time::sleep(DRAIN).await;
    };
    tokio::select! {
        ended = server => ended?,
        () = out_of_time => tracing::warn!("some requests took too long and were cut off"),
    }
    Ok(())
}
