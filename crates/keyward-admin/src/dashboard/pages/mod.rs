//! The pages, each with its template.

mod act;
mod create;
mod edit;
mod frame;
mod hygiene;
mod key;
mod list;
mod secret;
mod sign_in;
mod trouble;

pub(super) use act::{Act, act};
pub(super) use create::create;
pub(super) use edit::edit;
pub(super) use frame::Frame;
pub(super) use hygiene::hygiene;
pub(super) use key::key;
pub(super) use list::list;
pub(super) use secret::secret;
pub(super) use sign_in::sign_in;
pub(super) use trouble::{Trouble, trouble};
