use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// What a network does with what is sent over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// It brings it at once.
    Good,
    /// It brings it so much later, each way.
    Slow(Duration),
    /// It brings nothing, and says nothing: what is under way comes when it is good again.
    Silent,
    /// It brings nothing to whoever has once said `LISTEN`, for as long as the connection lasts.
    Deaf,
    /// It breaks every connection.
    Cut,
}

/// A network between programs and a server, as a test wants it. It ends when this is dropped.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    network: watch::Sender<Network>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// A good network to a port of this machine.
    pub async fn before(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let network = watch::Sender::new(Network::Good);
        let weather = network.clone();
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(connect(client, port, weather.clone()));
            }
        });
        Self { address, network, task }
    }

    /// Where it is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A URL of what is behind it, with its own address in the place of the server's.
    pub fn instead_of(&self, port: u16, url: &str) -> String {
        url.replace(&format!("127.0.0.1:{port}"), &self.address.to_string())
    }

    /// From now on it is such a network, for the connections that there are too.
    pub fn be(&self, network: Network) {
        self.network.send_replace(network);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
        self.be(Network::Cut);
    }
}

async fn connect(client: TcpStream, port: u16, network: watch::Sender<Network>) -> io::Result<()> {
    let server = TcpStream::connect(("127.0.0.1", port)).await?;
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let (listens, is_listener) = watch::channel(false);
    let there = carry(from_client, to_server, network.subscribe(), |bytes| {
        if bytes.windows(6).any(|word| word == b"LISTEN") {
            listens.send_replace(true);
        }
        false
    });
    let deaf = network.subscribe();
    let back = carry(from_server, to_client, network.subscribe(), move |_| {
        *is_listener.borrow() && *deaf.borrow() == Network::Deaf
    });
    let mut cut = network.subscribe();
    tokio::select! {
        ended = there => ended,
        ended = back => ended,
        _ = cut.wait_for(|network| *network == Network::Cut) => Ok(()),
    }
}

async fn carry(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut network: watch::Receiver<Network>,
    is_lost: impl Fn(&[u8]) -> bool,
) -> io::Result<()> {
    let mut buffer = vec![0; 16 << 10];
    loop {
        let length = from.read(&mut buffer).await?;
        if length == 0 {
            return Ok(());
        }
        let now = *network
            .wait_for(|network| *network != Network::Silent)
            .await
            .map_err(io::Error::other)?;
        if let Network::Slow(delay) = now {
            sleep(delay).await;
        }
        if !is_lost(&buffer[..length]) {
            to.write_all(&buffer[..length]).await?;
        }
    }
}
