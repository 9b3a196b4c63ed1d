use std::net::IpAddr;

use http::request::Parts;
use keyward_tower::PeerAddr;

/// The other end of a request's socket, where the server hands it over: the client, or the last proxy.
pub(crate) fn address(head: &Parts) -> Option<IpAddr> {
    if let Some(PeerAddr(peer)) = head.extensions.get() {
        return Some(peer.ip().to_canonical());
    }
    #[cfg(feature = "axum")]
    if let Some(info) = head.extensions.get::<axum::extract::ConnectInfo<std::net::SocketAddr>>() {
        return Some(info.0.ip().to_canonical());
    }
    None
}
