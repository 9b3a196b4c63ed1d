use std::sync::Arc;

use keyward::dialect::Dialect;
use keyward::manage::KeyManager;
use keyward::redis::{RedisLimits, RedisPush, RunningPush};
use keyward::store::KeyStore;
use keyward::verify::Verifier;

use super::options::Options;
use crate::failure::Result;
use crate::{dialect, store};

/// The dialect of a new store where none is named.
const STANDARD: &str = "standard";

/// The keys of a store: the side that lets requests in, and the side that makes and ends keys.
pub(super) struct Keys {
    pub(super) verifier: Verifier,
    pub(super) manager: KeyManager,
    store: Arc<dyn KeyStore>,
    push: Option<RunningPush>,
}

impl Keys {
    /// Opens a store, of the dialect that is named or of the one that it remembers.
    pub(super) async fn open(url: &str, named: Option<Dialect>, options: &Options) -> Result<Self> {
        let push = options.redis.as_deref().map(RedisPush::new).transpose()?;
        let store = store::open(url, true).await?;
        let dialect = match named {
            Some(dialect) => dialect,
            None => dialect::open(store.dialect().await?.as_deref().unwrap_or(STANDARD))?,
        };
        let manager = store::manager(&store, dialect.clone()).await?;
        let mut verifier = Verifier::builder(dialect, Arc::clone(&store))
            .with_max_staleness(options.max_staleness)
            .with_stale_if_error(options.stale_if_error);
        if let Some(url) = &options.redis {
            verifier = verifier.with_shared_limits(RedisLimits::new(url)?);
        }
        let verifier = verifier.build()?;
        let push = push.zip(store.feed()).map(|(push, feed)| push.start(feed.table()));
        Ok(Self { verifier, manager, store, push })
    }

    /// Ends in order: the last questions to the store, what is told of changes, then the store.
    pub(super) async fn close(self) {
        self.verifier.shutdown().await;
        if let Some(push) = self.push {
            push.shutdown().await;
        }
        self.store.close().await;
    }
}
