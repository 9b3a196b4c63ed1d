//! A server of tonic that waits for no client without an end.

use tonic::transport::Server;

use crate::patience::PATIENCE;
use crate::server::HEAD;

/// Gives up clients that answer no ping, and calls whose messages do not come. It goes with the
/// [`clients`](crate::clients) of a listener.
pub fn server() -> Server {
    Server::builder().http2_keepalive_interval(Some(HEAD)).timeout(PATIENCE)
}
