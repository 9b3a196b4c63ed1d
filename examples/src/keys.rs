use std::sync::Arc;

use keyward::dialect::Dialect;
use keyward::manage::{KeyManager, ListKeys};
use keyward::redis::{RedisLimits, RedisPush, RunningPush};
use keyward::store::{self, KeyStore};
use keyward::verify::Verifier;

use crate::failure::Failure;
use crate::metrics;
use crate::options::Options;

/// The keys of a program: the side that lets requests in, and the side that makes and ends keys.
pub struct Keys {
    /// For the layer.
    pub verifier: Verifier,
    /// For whoever manages keys.
    pub manager: KeyManager,
    store: Arc<dyn KeyStore>,
    push: Option<RunningPush>,
}

impl Keys {
    /// Opens the store that the options name.
    ///
    /// # Errors
    /// When there is no such store, when it is of another dialect, or when the options cannot work.
    pub async fn open(options: &Options, dialect: Dialect) -> Result<Self, Failure> {
        if let Some(address) = &options.metrics {
            metrics::show(address).await?;
        }
        let push = options.redis.as_deref().map(RedisPush::new).transpose()?;
        let store = store::open(&options.store).await?;
        let manager = KeyManager::builder(dialect.clone(), Arc::clone(&store)).open().await?;
        let mut verifier = Verifier::builder(dialect, Arc::clone(&store))
            .with_max_staleness(options.max_staleness)
            .with_stale_if_error(options.stale_if_error)
            .with_shared_limits_timeout(options.redis_timeout);
        if let Some(url) = &options.redis {
            verifier = verifier.with_shared_limits(RedisLimits::new(url)?);
        }
        let verifier = verifier.build()?;
        let push = push.zip(store.feed()).map(|(push, feed)| push.start(feed.table()));
        Ok(Self { verifier, manager, store, push })
    }

    /// Whether demo keys are wanted, because nobody has made a key yet. If somebody has, says so.
    ///
    /// # Errors
    /// When the store cannot say.
    pub async fn are_wanted(&self) -> Result<bool, Failure> {
        let none = self.manager.list(&ListKeys::new().with_limit(1)).await?.keys.is_empty();
        if !none {
            tracing::warn!(
                "the store holds keys already, and their secrets show once: to begin anew, give \
                 another --store"
            );
        }
        Ok(none)
    }

    /// Ends in order: the last questions to the store, what is told of changes, then the store.
    pub async fn close(self) {
        self.verifier.shutdown().await;
        if let Some(push) = self.push {
            push.shutdown().await;
        }
        self.store.close().await;
    }
}
