//! actix-web over sockets: what the layer lets through and adds, and how it answers the rest.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod around;
mod environments;
mod extractors;
mod in_flight;
mod layer;
mod manage;
mod managed_alike;
mod miss;
mod mount;
mod server;
mod upload;
mod wire;

use keyward::actix::ApiKeyAuth;
use keyward::dialect::Dialect;
use keyward_tests::Keys;

async fn bigspin() -> Keys {
    Keys::of(Dialect::bigspin()).await
}

async fn standard() -> Keys {
    Keys::of(Dialect::standard()).await
}

/// The layer of actix-web, which `Keys::auth` is not.
fn auth(keys: &Keys) -> ApiKeyAuth {
    ApiKeyAuth::new(keys.verifier.clone())
}
