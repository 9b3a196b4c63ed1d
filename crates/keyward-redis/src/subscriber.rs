//! Hears of changes of other processes.

use std::sync::Arc;

use futures_util::StreamExt;
use keyward_core::store::ChangeTable;
use redis::{Client, ErrorKind, RedisError, RedisResult};
use tokio::time::{sleep, timeout};

use crate::client::{LIMIT, PING};
use crate::retry::Retry;

pub(crate) async fn run(client: Client, channel: String, table: Arc<ChangeTable>) {
    let mut retry = Retry::default();
    loop {
        let ended = listen(&client, &channel, &table, &mut retry).await;
        retry.failed("cannot hear of changes over Redis", ended.err()).await;
    }
}

/// Wakes the poll at each message, until the connection ends.
async fn listen(
    client: &Client,
    channel: &str,
    table: &ChangeTable,
    retry: &mut Retry,
) -> RedisResult<()> {
    let (mut sink, mut messages) = within(client.get_async_pubsub()).await?.split();
    within(sink.subscribe(channel)).await?;
    retry.succeeded();
    // Whatever was said while nobody listened.
    table.wake();
    loop {
        tokio::select! {
            message = messages.next() => match message {
                Some(_) => table.wake(),
                None => return Ok(()),
            },
            () = sleep(PING) => within(sink.ping::<()>()).await?,
        }
    }
}

async fn within<T>(asked: impl Future<Output = RedisResult<T>>) -> RedisResult<T> {
    let late = |_| RedisError::from((ErrorKind::Io, "no answer in time"));
    timeout(LIMIT, asked).await.map_err(late)?
}
