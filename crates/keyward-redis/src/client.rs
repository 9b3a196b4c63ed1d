use std::time::Duration;

use keyward_core::ConfigError;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, RedisResult};

/// How long Redis may take to connect, or to answer somebody for whom no request waits.
pub(crate) const LIMIT: Duration = Duration::from_secs(5);
/// How often a silent connection is asked whether it is one still.
pub(crate) const PING: Duration = Duration::from_secs(10);

/// Of a URL, which an error does not repeat: it may hold a password.
pub(crate) fn client(url: &str) -> Result<Client, ConfigError> {
    Client::open(url).map_err(|error| {
        ConfigError::new(format!(
            "the URL is none of Redis ({}): write redis://HOST:PORT, or rediss:// with the feature \
             `tls`",
            error.category()
        ))
    })
}

pub(crate) async fn connect(client: &Client) -> RedisResult<MultiplexedConnection> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(LIMIT))
        .set_response_timeout(Some(LIMIT));
    client.get_multiplexed_async_connection_with_config(&config).await
}
