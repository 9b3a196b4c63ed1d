use std::pin::Pin;

use keyward::dialect::Dialect;
use keyward::manage::{KeyManager, ListKeys};
use keyward::store::{KeyStore, MemoryStore, SqliteStore};
use keyward::verify::Verifier;

use crate::failure::Failure;
use crate::options::Options;

/// The keys of a program: the side that lets requests in, and the side that makes and ends keys.
pub struct Keys {
    /// For the layer.
    pub verifier: Verifier,
    /// For whoever manages keys.
    pub manager: KeyManager,
    close: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl Keys {
    /// Opens the store that the options name.
    ///
    /// # Errors
    /// When there is no such store, when it is of another dialect, or when `--max-staleness`
    /// cannot work.
    pub async fn open(options: &Options, dialect: Dialect) -> Result<Self, Failure> {
        // The URL stays out of the sentences: it may hold a password.
        match options.store.split_once(':') {
            Some(("sqlite", _)) => {
                let store = SqliteStore::open(&options.store).await?;
                let closing = store.clone();
                Self::over(store, async move { closing.close().await }, options, dialect).await
            }
            Some(("memory", "")) => {
                Self::over(MemoryStore::new(), async {}, options, dialect).await
            }
            Some(("postgres" | "postgresql", _)) => Err(Failure::new(
                "this build has no PostgreSQL store: give --store sqlite://PATH or memory:",
            )),
            _ => Err(Failure::new(
                "--store names no kind of store that there is: give sqlite://PATH or memory:",
            )),
        }
    }

    async fn over(
        store: impl KeyStore + Clone,
        close: impl Future<Output = ()> + Send + 'static,
        options: &Options,
        dialect: Dialect,
    ) -> Result<Self, Failure> {
        let manager = KeyManager::builder(dialect.clone(), store.clone()).open().await?;
        let verifier =
            Verifier::builder(dialect, store).with_max_staleness(options.max_staleness).build()?;
        Ok(Self { verifier, manager, close: Box::pin(close) })
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

    /// Ends in order: the last questions to the store, then the store.
    pub async fn close(self) {
        self.verifier.shutdown().await;
        self.close.await;
    }
}
