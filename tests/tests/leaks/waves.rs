//! Clients that come by hundreds, get half-way, and leave.

use std::fs;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::sync::Mutex;
use tokio::time::{sleep, timeout};

use crate::ALLOCATOR;
use crate::stage::Stage;

const CLIENTS: usize = 10_000;
/// How many are there at once: fewer than a listener lets wait, as one that it turns away tries
/// again after a second.
const WAVE: usize = 100;
/// After so many waves the caches are full, and all is as large as it gets.
const BEGIN: usize = 25;
/// In bytes: a tenth of what the clients after [`BEGIN`] would leave if each left a small future.
const LEFT: usize = 200_000;

/// What a server opens for itself at the first request.
const OWN_FILES: usize = 10;

/// The memory is that of the process, so that only one of these tests may run.
static ALONE: Mutex<()> = Mutex::const_new(());

pub(crate) struct Serving<S> {
    pub(crate) address: SocketAddr,
    pub(crate) server: S,
}

/// What there is of a server and its clients, whatever it is.
#[derive(Debug, Clone, Copy)]
struct Left {
    requests: usize,
    lookups: usize,
    handlers: usize,
    /// Open ones: the sockets of both sides are among them.
    files: usize,
    /// Of the test's runtime, which is axum's too.
    tasks: usize,
    bytes: usize,
}

pub(crate) async fn while_the_store_is_asked<S>(serve: impl AsyncFn(Stage) -> Serving<S>) {
    run(serve, async |stage, address| {
        stage.lookups.set_open(false);
        let clients = join_all((0..WAVE).map(async |_| {
            let key = stage.unknown_key();
            begin(address, "GET /wait", key.expose(), "").await
        }));
        let clients = clients.await;
        until("all of them wait for the store", || {
            stage.requests.get() == WAVE && stage.lookups.waiting.get() > 0
        })
        .await;
        drop(clients);
        stage.lookups.set_open(true);
    })
    .await;
}

pub(crate) async fn while_the_handler_works<S>(serve: impl AsyncFn(Stage) -> Serving<S>) {
    run(serve, async |stage, address| {
        stage.handlers.set_open(false);
        let clients = (0..WAVE).map(|_| begin(address, "GET /wait", stage.key.expose(), ""));
        let clients = join_all(clients).await;
        until("all of them are in the handler", || stage.handlers.waiting.get() == WAVE).await;
        drop(clients);
        stage.handlers.set_open(true);
    })
    .await;
}

/// A good key and a bad one in turn, each of which announces more than it sends, in each way.
pub(crate) async fn while_the_body_comes<S>(serve: impl AsyncFn(Stage) -> Serving<S>) {
    run(serve, async |stage, address| {
        let clients = join_all((0..WAVE).map(async |number| {
            let key = if number % 2 == 0 { stage.key.expose() } else { "bad" };
            let is_chunked = number % 4 < 2;
            let chunked = "transfer-encoding: chunked\r\n";
            let more = if is_chunked { chunked } else { "content-length: 100000\r\n" };
            let mut client = begin(address, "POST /upload", key, more).await;
            for _ in 0..3 {
                // Who is refused may be hung up on.
                let _ = client.write_all(b"4\r\nslow\r\n").await;
                tokio::task::yield_now().await;
            }
            client
        }));
        let clients = clients.await;
        until("the good half is let in", || stage.requests.get() == WAVE / 2).await;
        drop(clients);
    })
    .await;
}

async fn begin(address: SocketAddr, request: &str, key: &str, more: &str) -> TcpStream {
    let mut client = TcpStream::connect(address).await.unwrap();
    let bearer = format!("authorization: Bearer {key}\r\n");
    let head = format!("{request} HTTP/1.1\r\nhost: test\r\n{bearer}{more}\r\n");
    client.write_all(head.as_bytes()).await.unwrap();
    client
}

async fn run<S>(serve: impl AsyncFn(Stage) -> Serving<S>, wave: impl AsyncFn(&Stage, SocketAddr)) {
    let _alone = ALONE.lock().await;
    let stage = Stage::new().await;
    let serving = serve(stage.clone()).await;
    let idle = Left::of(&stage);
    let mut begin = idle;
    for number in 0..CLIENTS / WAVE {
        wave(&stage, serving.address).await;
        let gone = || Left::of(&stage).is_no_more_than(idle);
        until("nothing of the wave is left", gone).await;
        if number == BEGIN {
            begin = Left::of(&stage);
        }
    }
    let end = Left::of(&stage);
    assert!(end.bytes <= begin.bytes + LEFT, "{end:?} after {begin:?}");

    // Whatever holds a request of these clients holds the verifier, and the verifier its store.
    let (stores, requests) = (stage.stores.clone(), stage.requests.clone());
    drop((serving.server, stage));
    until("the verifier is gone", || stores.get() == 0).await;
    assert_eq!(requests.get(), 0);
}

impl Left {
    fn of(stage: &Stage) -> Self {
        let stats = ALLOCATOR.stats();
        Self {
            requests: stage.requests.get(),
            lookups: stage.lookups.waiting.get(),
            handlers: stage.handlers.waiting.get(),
            files: fs::read_dir("/dev/fd").unwrap().count(),
            tasks: Handle::current().metrics().num_alive_tasks(),
            bytes: stats.bytes_allocated.saturating_sub(stats.bytes_deallocated),
        }
    }

    /// Memory aside, which is never twice the same.
    fn is_no_more_than(self, idle: Self) -> bool {
        self.requests <= idle.requests
            && self.lookups <= idle.lookups
            && self.handlers <= idle.handlers
            && self.files <= idle.files + OWN_FILES
            && self.tasks <= idle.tasks
    }
}

async fn until(what: &str, holds: impl Fn() -> bool) {
    let wait = async {
        while !holds() {
            sleep(Duration::from_millis(1)).await;
        }
    };
    assert!(timeout(Duration::from_secs(30), wait).await.is_ok(), "not in time: {what}");
}
