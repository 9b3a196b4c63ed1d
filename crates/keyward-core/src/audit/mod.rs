//! Who did what to which key.
//!
//! Every act of a [`KeyManager`](crate::manage::KeyManager) leaves an [`AuditEntry`] for each key
//! that it changed, in the transaction of the change: there is no change without its entry, and no
//! entry of a change that was not made. An entry names keys and people, and holds no secret and no
//! digest. It outlives its key.
//!
//! ```
//! use keyward_core::audit::{Act, AuditQuery, Origin};
//! use keyward_core::dialect::Dialect;
//! use keyward_core::key::Creator;
//! use keyward_core::manage::{KeyManager, KeyUpdate, NewKey};
//! use keyward_core::store::MemoryStore;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let manager = KeyManager::builder(Dialect::bigspin(), MemoryStore::new()).open().await?;
//! let by_ada = manager
//!     .acting_as(Creator::Person("ada".to_owned()))
//!     .with_origin(Origin { address: Some("203.0.113.9".parse()?), request_id: None });
//! let key = by_ada.create(NewKey::new("acme", "production-upload")).await?.record.id;
//! by_ada.update(&key, KeyUpdate::new().with_name("staging-upload")).await?;
//! by_ada.delete(&key).await?;
//!
//! // The newest first.
//! let trail = manager.audit(&AuditQuery::new().with_key(key)).await?.entries;
//! let acts: Vec<Act> = trail.iter().map(|entry| entry.act).collect();
//! assert_eq!(acts, [Act::Deleted, Act::Updated, Act::Created]);
//! assert_eq!(trail[1].fields, ["name"]);
//! assert_eq!(trail[1].by, Some(Creator::Person("ada".to_owned())));
//!
//! // A manager of one workspace sees its own.
//! assert!(manager.within("globex").audit(&AuditQuery::new()).await?.entries.is_empty());
//! # Ok(()) }
//! ```

mod entry;
mod query;
mod sink;

pub use entry::{Act, AuditEntry, Origin};
pub use query::{AuditPage, AuditQuery};
pub use sink::AuditSink;
pub(crate) use sink::tell;
