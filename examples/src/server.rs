use std::io;
use std::pin::pin;
use std::time::Duration;

use axum::middleware::map_request;
use axum::serve::Listener;
use axum::{Extension, Router};
use futures_util::stream::{self, Stream};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulConnection, GracefulShutdown};
use hyper_util::service::TowerToHyperService;
use keyward::tower::{DrainLayer, PeerAddr};
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;
use tokio::time::error::Elapsed;
use tokio::time::{sleep, timeout};
use tower::Layer;

use crate::failure::Failure;
use crate::patience::patience;
use crate::say;

/// How long a client may take to send the head of a request, the time between two requests on one
/// connection included.
pub const HEAD: Duration = Duration::from_secs(30);
/// How long requests may take to end once the program has been told to.
pub const DRAIN: Duration = Duration::from_secs(10);

/// Takes an address to listen on.
///
/// # Errors
/// When it is taken, or not one of this machine.
pub async fn bind(address: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure::new(format!(
            "cannot listen on {address} ({error}): give another address with --listen, \
             such as 127.0.0.1:0, whose port 0 picks a free one"
        ))
    })
}

/// Says `listening on http://ADDR` and serves, until SIGINT or SIGTERM and the end of the requests
/// that are under way.
///
/// # Errors
/// When signals or standard output do not work.
pub async fn serve(listener: TcpListener, app: Router) -> Result<(), Failure> {
    // What `axum::serve` does, which waits for the head of a request as long as the client likes.
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD);
    let app = app.layer(map_request(patience)).layer(DrainLayer::new());
    serve_connections(listener, |stream, address| {
        // Keys may work from some networks alone.
        let app = Extension(address).layer(app.clone());
        http.serve_connection(stream, TowerToHyperService::new(app))
    })
    .await
}

/// As [`serve`], with whatever makes a connection of a stream and its other end. Who is silent for [`HEAD`] gets none.
///
/// # Errors
/// When signals or standard output do not work.
pub async fn serve_connections<C>(
    listener: TcpListener,
    connect: impl Fn(TokioIo<TcpStream>, PeerAddr) -> C,
) -> Result<(), Failure>
where
    C: GracefulConnection<Error: Send> + Send + 'static,
{
    let mut end = pin!(told_to_end()?);
    say(&format!("listening on http://{}", listener.local_addr()?))?;

    let connections = GracefulShutdown::new();
    let mut clients = Clients { listener, silent: JoinSet::new() };
    loop {
        tokio::select! {
            stream = clients.next() => {
                // Who has no address any more is gone.
                if let Ok(address) = stream.peer_addr().map(PeerAddr) {
                    tokio::spawn(connections.watch(connect(TokioIo::new(stream), address)));
                }
            }
            () = &mut end => break,
        }
    }
    drop(clients);
    drained(timeout(DRAIN, connections.shutdown())).await;
    Ok(())
}

/// The clients of a listener that have begun to speak, for a server that accepts them itself. Who is
/// silent for [`HEAD`] is none.
pub fn clients(listener: TcpListener) -> impl Stream<Item = io::Result<TcpStream>> {
    let clients = Clients { listener, silent: JoinSet::new() };
    stream::unfold(clients, async |mut clients| Some((Ok(clients.next().await), clients)))
}

struct Clients {
    listener: TcpListener,
    silent: JoinSet<Result<Option<TcpStream>, Elapsed>>,
}

impl Clients {
    async fn next(&mut self) -> TcpStream {
        loop {
            tokio::select! {
                (stream, _) = Listener::accept(&mut self.listener) => {
                    self.silent.spawn(timeout(HEAD, begun(stream)));
                }
                begun = self.silent.join_next(), if !self.silent.is_empty() => {
                    if let Some(Ok(Ok(Some(stream)))) = begun {
                        return stream;
                    }
                }
            }
        }
    }
}

/// Waits until it shows which version of HTTP a client speaks: hyper would wait forever.
async fn begun(stream: TcpStream) -> Option<TcpStream> {
    const HTTP2: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    let mut begin = [0; HTTP2.len()];
    let mut pause = Duration::from_millis(20);
    loop {
        let length = stream.peek(&mut begin).await.ok().filter(|length| *length > 0)?;
        if length == HTTP2.len() || !HTTP2.starts_with(&begin[..length]) {
            return Some(stream);
        }
        // Half of it is there, and readable until it is read.
        sleep(pause).await;
        pause = (2 * pause).min(Duration::from_millis(500));
    }
}

/// Waits for the end of the requests under way, and says so.
pub(crate) async fn drained<T>(end: impl Future<Output = Result<T, Elapsed>>) {
    tracing::info!("ends when the requests under way are done");
    if end.await.is_err() {
        tracing::warn!("some requests took too long and were cut off");
    }
}

/// SIGINT or SIGTERM, from now on.
///
/// # Errors
/// When signals do not work.
pub fn told_to_end() -> Result<impl Future<Output = ()>, Failure> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
