//! Limited keys over sockets, on axum and on actix-web, of one process and of several.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod hammered;
mod headers;
mod layers;
#[path = "../actix/server.rs"]
mod server;
mod shared;
mod stage;
