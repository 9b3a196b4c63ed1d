use std::sync::Arc;

use keyward_core::store::{KeyStore, MemoryStore, StoreError, StoreErrorKind};

/// Opens the store that a URL names: `sqlite://PATH`, `postgres://USER:PASSWORD@HOST/DATABASE`, or
/// `memory:` for keys that end with the program.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), keyward_core::store::StoreError> {
/// let store = keyward_sqlx::open("memory:").await?;
/// store.claim("standard").await?;
/// assert!(store.claim("bigspin").await.is_err());
///
/// let error = keyward_sqlx::open("mysql://keyward@db.example.com/keys").await.err();
/// assert!(error.is_some_and(|error| error.to_string().contains("give sqlite://PATH")));
/// # Ok(()) }
/// ```
///
/// # Errors
/// When there is no such kind of store, also because its feature is off, or when it does not open.
/// Whatever the sentence names, it is no password.
pub async fn open(url: &str) -> Result<Arc<dyn KeyStore>, StoreError> {
    let unavailable = |message: &str| Err(StoreError::new(StoreErrorKind::Unavailable, message));
    match url.split_once(':') {
        #[cfg(feature = "sqlite")]
        Some(("sqlite", _)) => Ok(Arc::new(crate::SqliteStore::open(url).await?)),
        #[cfg(feature = "postgres")]
        Some(("postgres" | "postgresql", _)) => {
            Ok(Arc::new(crate::PostgresStore::open(url).await?))
        }
        Some(("memory", "")) => Ok(Arc::new(MemoryStore::new())),
        #[cfg(not(feature = "sqlite"))]
        Some(("sqlite", _)) => unavailable(
            "this build has no SQLite store: turn on the feature `sqlite`, or give the URL of \
             another store",
        ),
        #[cfg(not(feature = "postgres"))]
        Some(("postgres" | "postgresql", _)) => unavailable(
            "this build has no PostgreSQL store: turn on the feature `postgres`, or give the URL \
             of another store",
        ),
        // It may hold a password.
        _ => unavailable(
            "the store's URL names no kind of store that there is: give sqlite://PATH, \
             postgres://USER:PASSWORD@HOST/DATABASE or memory:",
        ),
    }
}
