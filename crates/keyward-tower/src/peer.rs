use std::net::{IpAddr, SocketAddr};

use http::request::Parts;
use http::{Extensions, HeaderValue};
use keyward_core::peer::TrustedProxies;

/// The other end of a request's socket, in its extensions: where it comes from, or the last of its
/// proxies.
///
/// The layer reads it where it matters: for a key with [networks](keyward_core::key::Networks), and
/// for attempts with unknown keys. It also knows what axum hands over when it is served with
/// `into_make_service_with_connect_info::<SocketAddr>()`, and with the feature `tonic` what tonic's
/// server does. Whoever accepts connections by themselves adds it to all requests of each:
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::net::SocketAddr;
///
/// use axum::body::Body;
/// use axum::http::Request;
/// use axum::{Extension, Router, routing::get};
/// use keyward::manage::NewKey;
/// use keyward::tower::PeerAddr;
/// use tower::{Layer, ServiceExt};
///
/// # let keys = keyward_tests::Keys::of(keyward::dialect::Dialect::standard()).await;
/// # let (manager, auth) = (keys.manager.clone(), keys.auth());
/// let app = Router::new().route("/", get(|| async {})).layer(auth);
/// let office = NewKey::new("acme", "office").with_networks("203.0.113.0/24".parse()?);
/// let key = manager.create(office).await?.key;
///
/// for (address, status) in [("203.0.113.7:4711", 200), ("198.51.100.9:4711", 403)] {
///     // What is done for each connection.
///     let connection = Extension(PeerAddr(address.parse()?)).layer(app.clone());
///     let bearer = format!("Bearer {}", key.expose());
///     let request = Request::get("/").header("authorization", bearer).body(Body::empty())?;
///     assert_eq!(connection.oneshot(request).await?.status(), status);
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerAddr(pub SocketAddr);

impl PeerAddr {
    /// Where a request comes from, as far as the server hands it over and these proxies say: what
    /// [`ApiKeyAuth`](crate::ApiKeyAuth) goes by that trusts the same.
    ///
    /// ```
    /// use axum::http::Request;
    /// use keyward::peer::TrustedProxies;
    /// use keyward::tower::PeerAddr;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let mut request = Request::get("/").header("x-forwarded-for", "203.0.113.7").body(())?;
    /// request.extensions_mut().insert(PeerAddr("10.0.0.1:4711".parse()?));
    /// let (head, ()) = request.into_parts();
    /// assert_eq!(PeerAddr::client(&head, &TrustedProxies::count(1)), "203.0.113.7".parse().ok());
    /// // Else the header is what a client made up.
    /// assert_eq!(PeerAddr::client(&head, &TrustedProxies::NONE), "10.0.0.1".parse().ok());
    /// # Ok(()) }
    /// ```
    pub fn client(head: &Parts, proxies: &TrustedProxies) -> Option<IpAddr> {
        let forwarded = head.headers.get_all("x-forwarded-for").iter().map(HeaderValue::as_bytes);
        proxies.client(socket(&head.extensions), forwarded)
    }
}

/// The address of the other end of a request's socket.
pub(crate) fn socket(extensions: &Extensions) -> Option<IpAddr> {
    let set = extensions.get().map(|PeerAddr(address)| *address);
    #[cfg(feature = "axum")]
    let set = set.or_else(|| {
        let info: Option<&axum::extract::ConnectInfo<SocketAddr>> = extensions.get();
        info.map(|info| info.0)
    });
    #[cfg(feature = "tonic")]
    let set = set.or_else(|| {
        let info: Option<&tonic::transport::server::TcpConnectInfo> = extensions.get();
        info?.remote_addr()
    });
    set.map(|address| address.ip())
}
