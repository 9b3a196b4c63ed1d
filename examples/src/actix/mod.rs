//! What the programs with actix-web share, where axum has it built in or `crate` has axum's.

mod body;
mod endpoint;
mod meta;
mod server;

pub use body::{json_object, parameters, patience};
pub use endpoint::endpoint;
pub use meta::{finish, unfinished};
pub use server::serve;
