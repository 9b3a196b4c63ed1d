use std::net::IpAddr;

use http::request::Parts;

/// The other end of a request's socket, where axum hands it over: the client, or the last proxy.
pub(crate) fn address(head: &Parts) -> Option<IpAddr> {
    #[cfg(feature = "axum")]
    if let Some(info) = head.extensions.get::<axum::extract::ConnectInfo<std::net::SocketAddr>>() {
        return Some(info.0.ip().to_canonical());
    }
    #[cfg(not(feature = "axum"))]
    let _ = head;
    None
}
