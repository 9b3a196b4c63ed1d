//! Gateways in front of a service: nginx itself, and what Traefik and Envoy send.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod address;
mod backend;
mod envoy;
mod nginx;
mod traefik;

const KEYWARD: &str = env!("CARGO_BIN_EXE_keyward-under-test");

/// What a gateway hands on of who sent a request.
const IDENTITY: [&str; 5] = [
    "x-keyward-key-id",
    "x-keyward-workspace",
    "x-keyward-kind",
    "x-keyward-scopes",
    "x-keyward-resources",
];
