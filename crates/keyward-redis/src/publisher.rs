//! Tells others of this process's changes.

use redis::{Client, RedisResult};
use tokio::sync::watch;

use crate::client::connect;
use crate::retry::Retry;

pub(crate) async fn run(client: Client, channel: String, mut changes: watch::Receiver<u64>) {
    let mut retry = Retry::default();
    while let Err(error) = tell(&client, &channel, &mut changes, &mut retry).await {
        retry.failed("cannot tell others of changes over Redis", Some(error)).await;
    }
}

/// Tells of each change, until the connection or this process ends. Changes that come while one is
/// being told are told together.
async fn tell(
    client: &Client,
    channel: &str,
    changes: &mut watch::Receiver<u64>,
    retry: &mut Retry,
) -> RedisResult<()> {
    let mut connection = connect(client).await?;
    loop {
        // At once, too: of what could not be told before.
        redis::cmd("PUBLISH").arg(channel).arg("").exec_async(&mut connection).await?;
        retry.succeeded();
        if changes.changed().await.is_err() {
            return Ok(());
        }
    }
}
