//! Tells others of this process's changes.

use std::future::pending;
use std::time::Duration;

use redis::{Client, RedisResult};
use tokio::sync::watch;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::client::connect;
use crate::retry::Retry;

/// How long the end waits until the last change is told.
const LAST: Duration = Duration::from_secs(2);

pub(crate) async fn run(
    client: Client,
    channel: String,
    changes: watch::Receiver<u64>,
    stop: CancellationToken,
) {
    let too_late = async {
        stop.cancelled().await;
        sleep(LAST).await;
    };
    tokio::select! {
        () = tell_all(&client, &channel, changes, &stop) => {}
        () = too_late => {}
    }
}

async fn tell_all(
    client: &Client,
    channel: &str,
    mut changes: watch::Receiver<u64>,
    stop: &CancellationToken,
) {
    let mut retry = Retry::default();
    while let Err(error) = tell(client, channel, &mut changes, stop, &mut retry).await {
        tokio::select! {
            () = retry.failed("cannot tell others of changes over Redis", Some(error)) => {}
            () = ended(&changes, stop) => return,
        }
    }
}

/// Tells of each change, until the connection or this process ends. Changes that come while one is
/// being told are told together.
async fn tell(
    client: &Client,
    channel: &str,
    changes: &mut watch::Receiver<u64>,
    stop: &CancellationToken,
    retry: &mut Retry,
) -> RedisResult<()> {
    let mut connection = tokio::select! {
        connection = connect(client) => connection?,
        () = ended(changes, stop) => return Ok(()),
    };
    loop {
        tokio::select! {
            biased;
            done = changes.changed() => if done.is_err() { return Ok(()) },
            () = stop.cancelled() => return Ok(()),
        }
        let told = redis::cmd("PUBLISH").arg(channel).arg("").exec_async(&mut connection).await;
        // By the next connection.
        told.inspect_err(|_| changes.mark_changed())?;
        retry.succeeded();
    }
}

/// Returns at the end, when nothing is left to be told.
async fn ended(changes: &watch::Receiver<u64>, stop: &CancellationToken) {
    stop.cancelled().await;
    if changes.has_changed().unwrap_or_default() {
        pending::<()>().await;
    }
}
