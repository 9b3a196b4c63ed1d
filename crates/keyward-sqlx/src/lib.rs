//! Key stores of keyward over SQL databases.
//!
//! - `SqliteStore` (feature `sqlite`): one file, for one machine.

#[cfg(feature = "sqlite")]
mod sqlite;

#[cfg(feature = "sqlite")]
pub use sqlite::SqliteStore;
