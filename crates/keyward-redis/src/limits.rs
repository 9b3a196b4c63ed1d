use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use keyward_core::ConfigError;
use keyward_core::clock::Timestamp;
use keyward_core::limit::{Counted, Hit, SharedLimits};
use keyward_core::store::StoreError;
use redis::Script;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::client::client;
use crate::link::{Link, connection, keep};

/// Limits that several processes count together, in Redis or Valkey.
///
/// Give one to each verifier. A key's minute is one entry of Redis, made by its first request and
/// gone with its end, by Redis's clock: those of the processes do not matter. Each request of a
/// limited key is one round trip, and one more for each named limit that its route asks for. They
/// share a connection, which is made anew by itself, with growing pauses and jitter.
///
/// While Redis is away or takes longer than
/// [100 ms](keyward_core::verify::VerifierBuilder::with_shared_limits_timeout), each process counts by
/// itself. The log says so once, and again when that is over. Minutes begin anew when Redis loses its
/// data, or evicts an entry because its memory is full: give it a `maxmemory-policy` of `noeviction`.
///
/// A URL is `redis://[USER:PASSWORD@]HOST[:PORT][/DB]` or `redis+unix:///PATH`; `rediss://` with the
/// feature `tls`.
///
/// ```no_run
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use keyward::dialect::Dialect;
/// use keyward::redis::RedisLimits;
/// use keyward::store::SqliteStore;
/// use keyward::verify::Verifier;
///
/// let store = SqliteStore::open("keyward.db").await?;
/// let limits = RedisLimits::new("redis://127.0.0.1")?;
/// let verifier =
///     Verifier::builder(Dialect::onepin(), store).with_shared_limits(limits).build()?;
/// # Ok(()) }
/// ```
pub struct RedisLimits {
    link: watch::Receiver<Link>,
    count: Script,
    prefix: String,
    _stop: DropGuard,
}

impl RedisLimits {
    /// Begins to connect to a Redis, which need not be there yet. Must be called inside a tokio
    /// runtime, which then keeps the connection.
    ///
    /// # Errors
    /// Outside a tokio runtime, and when the URL is none of Redis. The sentence does not repeat it: it
    /// may hold a password.
    pub fn new(url: &str) -> Result<Self, ConfigError> {
        let client = client(url)?;
        let runtime = Handle::try_current().map_err(|_| {
            ConfigError::new("make RedisLimits inside a tokio runtime: it keeps the connection")
        })?;
        let (sender, link) = watch::channel(Link::Connecting);
        let stop = CancellationToken::new();
        runtime.spawn(stop.clone().run_until_cancelled_owned(keep(client, sender)));
        Ok(Self {
            link,
            count: Script::new(include_str!("count.lua")),
            prefix: "keyward:limits".to_owned(),
            _stop: stop.drop_guard(),
        })
    }

    /// How the names of all entries begin, `keyward:limits` by default: services of one dialect that
    /// share a Redis, and whose keys could have the same ids, need one each.
    #[must_use]
    pub fn with_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }
}

#[async_trait]
impl SharedLimits for RedisLimits {
    async fn count(&self, hit: &Hit<'_>) -> Result<Counted, StoreError> {
        let mut connection = connection(&self.link).await?;
        let answer = self
            .count
            .key(self.entry(hit))
            .arg(hit.per_minute.get())
            .invoke_async::<(bool, u32, u64, i64)>(&mut connection.redis)
            .await;
        let (admitted, requests, left, end) = answer.map_err(|error| connection.failed(error))?;
        Ok(Counted {
            admitted,
            requests,
            ends_at: Timestamp::from_millis(end),
            ends_in: Duration::from_millis(left),
        })
    }
}

impl RedisLimits {
    /// What a minute is called. Names of dialects and limits hold no colon, so no two are alike.
    fn entry(&self, hit: &Hit<'_>) -> String {
        let Hit { key, dialect, limit, .. } = hit;
        format!("{}:{dialect}:{}:{key}", self.prefix, limit.unwrap_or_default())
    }
}

impl fmt::Debug for RedisLimits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisLimits").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}
