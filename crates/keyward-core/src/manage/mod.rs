//! The life of a key: create, list, get, update, rotate, revoke, reactivate, delete.
//!
//! ```
//! use std::time::Duration;
//!
//! use keyward_core::dialect::Dialect;
//! use keyward_core::manage::{KeyManager, ManageErrorKind, NewKey, Reach, Rotate};
//! use keyward_core::store::MemoryStore;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let manager = KeyManager::builder(Dialect::bigspin(), MemoryStore::new()).open().await?;
//! let first = manager.create(NewKey::new("acme", "production-upload")).await?.record;
//!
//! // Both keys work for a day. The token makes a retry after a lost answer find this rotation.
//! let rotate =
//!     Rotate::now().with_grace(Duration::from_hours(24)).with_retry_token("deploy of 6 January");
//! let rotation = manager.rotate(&first.id, rotate.clone()).await?;
//! assert!(rotation.key.is_some());
//! assert!(manager.rotate(&first.id, rotate).await?.key.is_none());
//! let again = manager.rotate(&first.id, Rotate::now()).await.unwrap_err();
//! assert_eq!(again.kind(), ManageErrorKind::Conflict);
//!
//! // Refused from the next request on, until somebody reactivates it or for good.
//! manager.revoke(&rotation.new.id, Reach::Key).await?;
//! manager.reactivate(&rotation.new.id).await?;
//! manager.delete(&rotation.new.id).await?;
//! let gone = manager.reactivate(&rotation.new.id).await.unwrap_err();
//! assert_eq!(gone.kind(), ManageErrorKind::NotFound);
//! # Ok(()) }
//! ```

mod audit;
mod bounded;
mod bounds;
mod change;
mod create;
mod error;
mod hygiene;
mod list;
mod manager;
mod page;
mod request;
mod revoke;
mod rotate;
mod rules;
mod update;
mod usage;
mod wait;

pub use error::{ManageError, ManageErrorKind};
pub use hygiene::{Finding, Found, Hygiene, HygienePage};
pub use manager::{KeyManager, KeyManagerBuilder};
pub use page::{Cursor, InvalidCursor, ListKeys, Page, Status};
pub use request::{Issued, KeyUpdate, NewKey};
pub use revoke::Reach;
pub use rotate::{Rotate, Rotation};
pub use wait::Waited;
