//! The management API as a tower service.

mod answer;
mod list;
mod operations;
mod route;
#[cfg(feature = "axum")]
mod routes;

use std::convert::Infallible;
use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::Full;
use keyward_core::ConfigError;
use keyward_core::manage::KeyManager;
use keyward_core::peer::TrustedProxies;
use keyward_tower::DrainLayer;
use tower::Service;

use crate::guard::AdminGuard;

/// The management API of a dialect: a tower service that answers below the
/// [path](keyward_core::dialect::management::Management::path) of its keys. A cheap clone.
///
/// It belongs inside [`ApiKeyAuth`](keyward_tower::ApiKeyAuth) where its guard asks that layer, and
/// then shares the request's id with it; alone, it gives the request an id of the dialect's form.
/// What it reads is bounded in size; how long a client may take for it is the server's to say.
#[derive(Clone)]
pub struct KeyAdmin(Arc<Shared>);

#[derive(Clone)]
struct Shared {
    manager: KeyManager,
    drain: DrainLayer,
    guard: Arc<dyn AdminGuard>,
    proxies: TrustedProxies,
}

impl KeyAdmin {
    /// Manages keys for those whom the guard admits.
    ///
    /// # Errors
    /// When the dialect does not say how keys are managed over HTTP.
    pub fn new(manager: KeyManager, guard: impl AdminGuard) -> Result<Self, ConfigError> {
        if manager.dialect().management().is_none() {
            let name = manager.dialect().name();
            return Err(ConfigError::new(format!(
                "the dialect `{name}` does not say how keys are managed: write its `[management]`"
            )));
        }
        let (drain, proxies) = (DrainLayer::new(), TrustedProxies::NONE);
        Ok(Self(Arc::new(Shared { manager, drain, guard: Arc::new(guard), proxies })))
    }

    /// Believes these proxies in where a request comes from, which the audit trail says; as
    /// [`ApiKeyAuth`](keyward_tower::ApiKeyAuth) does, and without as little.
    #[must_use]
    pub fn trusted_proxies(mut self, proxies: TrustedProxies) -> Self {
        Arc::make_mut(&mut self.0).proxies = proxies;
        self
    }

    /// Below which path it answers, without a slash at the end.
    pub fn path(&self) -> &str {
        self.0.manager.dialect().management().map_or("/", |management| management.path())
    }
}

impl<B> Service<Request<B>> for KeyAdmin
where
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    // Keys are managed seldom: an allocation does not matter here.
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let shared = Arc::clone(&self.0);
        // Whoever sends too much, or may not, sees the answer.
        let request = shared.drain.drain(request.map(Box::pin));
        Box::pin(async move { Ok(shared.serve(request).await) })
    }
}

impl fmt::Debug for KeyAdmin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyAdmin").field("manager", &self.0.manager).finish_non_exhaustive()
    }
}
