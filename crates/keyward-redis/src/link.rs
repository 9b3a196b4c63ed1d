//! One connection for all requests: somebody else connects, and no request waits for an outage.

use keyward_core::store::{StoreError, StoreErrorKind};
use redis::aio::MultiplexedConnection;
use redis::{Client, RedisError};
use tokio::sync::watch;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::client::{PING, connect};
use crate::retry::Retry;

/// What requests see of it.
#[derive(Clone)]
pub(crate) enum Link {
    /// It is worth waiting for.
    Connecting,
    Up(Connection),
    /// Redis does not answer, for this reason.
    Down(String),
}

/// A connection that many requests share.
#[derive(Clone)]
pub(crate) struct Connection {
    pub(crate) redis: MultiplexedConnection,
    broken: CancellationToken,
}

impl Connection {
    /// It is no good any more: another one is wanted.
    pub(crate) fn failed(&self, error: RedisError) -> StoreError {
        self.broken.cancel();
        unavailable(error)
    }
}

/// The connection, once it is known whether there is one.
pub(crate) async fn connection(link: &watch::Receiver<Link>) -> Result<Connection, StoreError> {
    let mut link = link.clone();
    let settled = link.wait_for(|link| !matches!(link, Link::Connecting)).await;
    match &*settled.map_err(unavailable)? {
        Link::Up(connection) => Ok(connection.clone()),
        Link::Down(error) => Err(unavailable(error.as_str())),
        Link::Connecting => Err(unavailable("it connects")),
    }
}

/// Connects, again and again.
pub(crate) async fn keep(client: Client, link: watch::Sender<Link>) {
    let mut retry = Retry::default();
    loop {
        match connect(&client).await {
            Ok(redis) => {
                retry.succeeded();
                let connection = Connection { redis, broken: CancellationToken::new() };
                link.send_replace(Link::Up(connection.clone()));
                until_broken(connection).await;
                link.send_replace(Link::Connecting);
            }
            Err(error) => {
                link.send_replace(Link::Down(error.to_string()));
                retry.pause().await;
            }
        }
    }
}

/// Asks while nobody else does: a network may swallow a connection without a word.
async fn until_broken(Connection { mut redis, broken }: Connection) {
    let pings = async {
        loop {
            sleep(PING).await;
            if redis::cmd("PING").exec_async(&mut redis).await.is_err() {
                break;
            }
        }
    };
    broken.run_until_cancelled_owned(pings).await;
}

fn unavailable(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
    StoreError::new(StoreErrorKind::Unavailable, "Redis cannot count").with_source(cause)
}
