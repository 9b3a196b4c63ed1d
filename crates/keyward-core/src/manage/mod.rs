//! The life of a key: create, list, get, update, rotate, revoke, reactivate, delete.

mod adopt;
mod bounds;
mod error;
mod manager;
mod page;
mod request;
mod revoke;
mod rotate;

pub use error::{ManageError, ManageErrorKind};
pub use manager::{KeyManager, KeyManagerBuilder};
pub use page::{Cursor, InvalidCursor, ListKeys, Page, Status};
pub use request::{Issued, KeyUpdate, NewKey};
pub use revoke::Reach;
pub use rotate::{Rotate, Rotation};
