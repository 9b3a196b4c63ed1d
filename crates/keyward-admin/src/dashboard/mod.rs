//! Pages on which people manage keys, as a tower service.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use axum::{Router, body::Body, http::Request};
//! use keyward::dialect::Dialect;
//! use keyward::key::Creator;
//! use keyward::manage::KeyManager;
//! use keyward::store::MemoryStore;
//! use keyward_admin::{Admin, Dashboard};
//! use tower::ServiceExt;
//!
//! /// Whom a layer of the application let in.
//! #[derive(Clone)]
//! struct Person(&'static str);
//!
//! let manager = KeyManager::builder(Dialect::bigspin(), MemoryStore::new()).open().await?;
//! let dashboard = Dashboard::behind(manager, |head| {
//!     let Person(name) = head.extensions.get()?;
//!     Some(Admin::new(Creator::Person((*name).to_owned())).within("acme"))
//! });
//! let app: Router = dashboard.routes();
//!
//! let open = async |person: Option<Person>| {
//!     let mut request = Request::get("/dashboard").body(Body::empty())?;
//!     if let Some(person) = person {
//!         request.extensions_mut().insert(person);
//!     }
//!     Ok::<_, Box<dyn std::error::Error>>(app.clone().oneshot(request).await?.status().as_u16())
//! };
//! assert_eq!(open(Some(Person("ada"))).await?, 200);
//! assert_eq!(open(None).await?, 403);
//! # Ok(()) }
//! ```

mod assets;
mod chart;
mod door;
mod fields;
mod form;
mod once;
mod pages;
mod respond;
mod route;
#[cfg(feature = "axum")]
mod routes;
mod seal;
mod serve;
mod shown;
mod view;

pub use door::SignIn;

use std::convert::Infallible;
use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};
use http_body::Body;
use http_body_util::Full;
use keyward_core::ConfigError;
use keyward_core::manage::KeyManager;
use keyward_core::peer::TrustedProxies;
use keyward_tower::DrainLayer;
use tower::{Service, ServiceExt, service_fn};
use tower_http::csrf::CsrfLayer;

use crate::guard::Admin;
use door::Door;
use once::{Once, Reveals};
use seal::Sealer;

/// Pages for people: the keys of a workspace, and all that can be done to them. A cheap clone.
///
/// It answers at its [path](Self::path) and below. It keeps sessions, and the secrets that it is
/// about to show, in this process's memory: where several processes serve it, a person has to stay
/// at one of them.
#[derive(Clone)]
pub struct Dashboard(Arc<Shared>);

struct Shared {
    manager: KeyManager,
    path: String,
    door: Door,
    proxies: TrustedProxies,
    drain: DrainLayer,
    sealer: Sealer,
    once: Once,
    reveals: Reveals,
}

impl Dashboard {
    /// Lets in whom the application's own guard, which goes around it, has let in: the function
    /// finds out from the head of a request who that is, and refuses by `None`.
    pub fn behind(
        manager: KeyManager,
        guard: impl Fn(&Parts) -> Option<Admin> + Send + Sync + 'static,
    ) -> Self {
        Self::new(manager, Door::Guard(Box::new(guard)))
    }

    /// Asks whoever comes for an operator key or a password, and keeps a session.
    pub fn signed_in(manager: KeyManager, sign_in: SignIn) -> Self {
        let door = Door::sign_in(sign_in, &manager);
        Self::new(manager, door)
    }

    fn new(manager: KeyManager, door: Door) -> Self {
        Self(Arc::new(Shared {
            manager,
            path: "/dashboard".to_owned(),
            door,
            proxies: TrustedProxies::NONE,
            drain: DrainLayer::new(),
            sealer: Sealer::new(),
            once: Once::new(),
            reveals: Reveals::default(),
        }))
    }

    /// Where it answers, instead of `/dashboard`.
    ///
    /// # Errors
    /// When the path does not begin with a slash, ends with one, or holds anything but letters,
    /// digits and `-._~/`.
    pub fn with_path(self, path: impl Into<String>) -> Result<Self, ConfigError> {
        let path = path.into();
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
        if !path.starts_with('/')
            || path.ends_with('/')
            || path.contains("//")
            || !path.bytes().all(fits)
        {
            return Err(ConfigError::new(format!(
                "`{path}` is no path for a dashboard: write one such as `/dashboard`"
            )));
        }
        Ok(self.with(|shared| shared.path = path))
    }

    /// Cookies for people who come over TLS alone: say so wherever there is TLS in front.
    #[must_use]
    pub fn with_secure_cookies(self) -> Self {
        self.with(|shared| shared.door.secure_cookies())
    }

    /// Which proxies say in `X-Forwarded-For` where a request comes from, for the audit trail and to
    /// count wrong tries to sign in; none, where nothing is said.
    #[must_use]
    pub fn with_trusted_proxies(self, proxies: TrustedProxies) -> Self {
        self.with(|shared| shared.proxies = proxies)
    }

    /// Changes what nobody else holds yet: before it is served.
    fn with(mut self, change: impl FnOnce(&mut Shared)) -> Self {
        if let Some(shared) = Arc::get_mut(&mut self.0) {
            change(shared);
        }
        self
    }

    /// Below which path it answers.
    pub fn path(&self) -> &str {
        &self.0.path
    }
}

impl<B> Service<Request<B>> for Dashboard
where
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    // People are slow: an allocation does not matter here.
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (shared, refusing) = (Arc::clone(&self.0), Arc::clone(&self.0));
        let request = shared.drain.drain(request.map(Box::pin));
        let pages = service_fn(move |request: Request<_>| {
            let shared = Arc::clone(&shared);
            async move { Ok(shared.serve(request).await) }
        });
        // Before the token of each form, which is a second lock on the same door.
        let csrf = CsrfLayer::new().with_rejection_response(move |_| refusing.forged());
        Box::pin(tower::Layer::layer(&csrf, pages).oneshot(request))
    }
}

impl fmt::Debug for Dashboard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dashboard")
            .field("manager", &self.0.manager)
            .field("path", &self.0.path)
            .finish_non_exhaustive()
    }
}
