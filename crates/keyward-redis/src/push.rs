use std::fmt;
use std::sync::Arc;

use keyward_core::ConfigError;
use keyward_core::store::ChangeTable;
use redis::Client;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::client::client;
use crate::{publisher, subscriber};

/// Tells the other processes of a service that keys have changed, and hears it from them.
///
/// A message says only that there is something to ask the store about: it makes the next poll come
/// at once instead of within a second. Redis is never the truth. With Redis gone, a message lost or
/// a forged one, a revoked key is refused as late as without it, within `max_staleness`, and no
/// change of a key ever waits for Redis. Stores over PostgreSQL push by themselves; this is for
/// stores that do not, and for databases whose notifications do not pass a proxy.
///
/// Both ways reconnect by themselves, with growing pauses and jitter. A URL is
/// `redis://[USER:PASSWORD@]HOST[:PORT][/DB]` or `redis+unix:///PATH`; `rediss://` with the feature
/// `tls`.
///
/// ```no_run
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use keyward::dialect::Dialect;
/// use keyward::redis::RedisPush;
/// use keyward::store::{ChangeFeed, SqliteStore};
/// use keyward::verify::Verifier;
///
/// let store = SqliteStore::open("keyward.db").await?;
/// let push = RedisPush::new("redis://127.0.0.1")?.start(store.table());
/// let verifier = Verifier::builder(Dialect::standard(), store).build()?;
/// // … serve …
/// verifier.shutdown().await;
/// push.shutdown().await;
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct RedisPush {
    client: Client,
    channel: String,
}

impl RedisPush {
    /// Prepares for a Redis, which need not be there yet.
    ///
    /// # Errors
    /// When the URL is none of Redis. The sentence does not repeat it: it may hold a password.
    pub fn new(url: &str) -> Result<Self, ConfigError> {
        Ok(Self { client: client(url)?, channel: "keyward:changes".to_owned() })
    }

    /// The channel that all processes of one store use, `keyward:changes` by default. Stores that
    /// share a Redis need one each, or they wake each other's polls.
    #[must_use]
    pub fn with_channel(mut self, channel: impl Into<String>) -> Self {
        self.channel = channel.into();
        self
    }

    /// Begins to tell and to hear, for the store whose table this is. Must be called inside a tokio
    /// runtime.
    pub fn start(self, table: &Arc<ChangeTable>) -> RunningPush {
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let (client, channel) = (self.client.clone(), self.channel.clone());
        let publish = publisher::run(client, channel, table.own_changes(), stop.clone());
        let subscribe = subscriber::run(self.client, self.channel, Arc::clone(table));
        tasks.spawn(publish);
        tasks.spawn(stop.clone().run_until_cancelled_owned(subscribe));
        tasks.close();
        RunningPush { tasks, stop: stop.drop_guard() }
    }
}

/// A [`RedisPush`] at work. Dropped, it ends soon after.
pub struct RunningPush {
    tasks: TaskTracker,
    stop: DropGuard,
}

impl RunningPush {
    /// Tells of the last change, ends both tasks and closes their connections. A Redis that does not
    /// answer is waited for two seconds.
    pub async fn shutdown(self) {
        drop(self.stop);
        self.tasks.wait().await;
    }
}

impl fmt::Debug for RunningPush {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunningPush").finish_non_exhaustive()
    }
}
