use std::path::Path;

use keyward::dialect::Dialect;
use keyward::manage::{KeyManager, ManageErrorKind};
use keyward::store::{KeyStore, MemoryStore, SqliteStore};
use keyward::verify::Verifier;

use crate::failure::{Failure, Kind, Result};

/// A store that a URL names.
pub(crate) enum Store {
    Sqlite(SqliteStore),
    Memory(MemoryStore),
}

impl Store {
    /// Opens it; makes it only where that is asked for, because a name that was mistyped is no
    /// store without keys.
    pub(crate) async fn open(url: &str, make: bool) -> Result<Self> {
        // The URL of another kind of store stays out of the sentences: it may hold a password.
        match url.split_once(':') {
            Some(("sqlite", _)) => {
                if !make && Self::is_missing(url) {
                    return Err(Failure::new(
                        Kind::Unavailable,
                        format!(
                            "there is no key store at `{url}`: give the one there is with --store, \
                             or make this one with `keyward keys create`"
                        ),
                    ));
                }
                Ok(Self::Sqlite(SqliteStore::open(url).await?))
            }
            Some(("memory", "")) => Ok(Self::Memory(MemoryStore::new())),
            Some(("postgres" | "postgresql", _)) => Err(Failure::environment(
                "this build has no PostgreSQL store: give --store sqlite://PATH or memory:",
            )),
            _ => Err(Failure::usage(
                "--store names no kind of store that there is: give sqlite://PATH or memory:",
            )),
        }
    }

    /// Whether the URL names a file that is not there. A name with escapes is left to the store.
    pub(crate) fn is_missing(url: &str) -> bool {
        let Some(name) = url.strip_prefix("sqlite:") else { return false };
        let path = name.strip_prefix("//").unwrap_or(name);
        let path = path.split('?').next().unwrap_or_default();
        !path.is_empty() && !path.contains('%') && !Path::new(path).exists()
    }

    /// The name of the dialect whose keys are in it, if any are.
    pub(crate) async fn dialect(&self) -> Result<Option<String>> {
        Ok(match self {
            Self::Sqlite(store) => store.dialect().await?,
            Self::Memory(store) => store.dialect().await?,
        })
    }

    pub(crate) async fn manager(&self, dialect: Dialect) -> Result<KeyManager> {
        let opened = match self {
            Self::Sqlite(store) => KeyManager::builder(dialect, store.clone()).open().await,
            Self::Memory(store) => KeyManager::builder(dialect, store.clone()).open().await,
        };
        opened.map_err(|error| match error.kind() {
            // The wrong dialect: nothing about a key.
            ManageErrorKind::Conflict => Failure::environment(error.to_string()),
            _ => error.into(),
        })
    }

    pub(crate) fn verifier(&self, dialect: Dialect) -> Result<Verifier> {
        Ok(match self {
            Self::Sqlite(store) => Verifier::builder(dialect, store.clone()),
            Self::Memory(store) => Verifier::builder(dialect, store.clone()),
        }
        .build()?)
    }

    pub(crate) async fn close(&self) {
        if let Self::Sqlite(store) = self {
            store.close().await;
        }
    }
}
