use std::convert::Infallible;
use std::fmt;
use std::future::{Ready, ready};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Request, Response};
use http_body_util::Full;
use keyward_core::{ConfigError, telemetry};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::runtime::Handle;
use tokio::time::interval;
use tower::Service;

/// The bounds of histograms, in seconds: from an embedded store to one that is given up.
const BUCKETS: [f64; 12] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5];
/// Measured values are kept one by one until they are put into their buckets.
const UPKEEP: Duration = Duration::from_secs(5);

/// The metrics of this process, as a tower service that answers every request with them, in the text
/// format of Prometheus. A cheap clone.
///
/// They name no key and no workspace. Still, put it where only operators come: how many requests
/// there are, and how well the store is, is nobody else's business.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use axum::{Router, body::Body, http::Request};
/// use keyward::admin::Metrics;
/// use keyward::dialect::Dialect;
/// use keyward::store::MemoryStore;
/// use keyward::verify::Verifier;
/// use tower::ServiceExt;
///
/// let metrics = Metrics::install()?; // before the verifier, so that it counts from the beginning
/// let verifier = Verifier::builder(Dialect::standard(), MemoryStore::new()).build()?;
///
/// // Its own router, on a listener of its own.
/// let router: Router = Router::new().route_service("/metrics", metrics);
/// let answer = router.oneshot(Request::get("/metrics").body(Body::empty())?).await?;
/// let text = axum::body::to_bytes(answer.into_body(), usize::MAX).await?;
/// let text = String::from_utf8(text.to_vec())?;
/// assert!(text.contains(r#"keyward_verifications_total{outcome="revoked"} 0"#), "{text}");
///
/// assert!(Metrics::install().is_err()); // once in a process
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

impl Metrics {
    /// Becomes the recorder of this process, for keyward's metrics and whatever else uses the
    /// `metrics` facade. An application that has a recorder already needs none of this.
    ///
    /// # Errors
    /// When the process has a recorder, or outside a tokio runtime with timers.
    pub fn install() -> Result<Self, ConfigError> {
        let runtime = Handle::try_current().map_err(|_| {
            ConfigError::new("install the metrics inside a tokio runtime: their upkeep runs there")
        })?;
        let recorder = PrometheusBuilder::new().set_buckets(&BUCKETS);
        let handle = recorder.and_then(PrometheusBuilder::install_recorder).map_err(|error| {
            ConfigError::new(format!("install metrics once, and no other recorder: {error}"))
        })?;
        let upkeep = handle.clone();
        runtime.spawn(async move {
            let mut beat = interval(UPKEEP);
            loop {
                beat.tick().await;
                upkeep.run_upkeep();
            }
        });
        Ok(Self(handle))
    }
}

impl<B> Service<Request<B>> for Metrics {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<B>) -> Self::Future {
        telemetry::refresh();
        let mut response = Response::new(Full::from(self.0.render()));
        let format = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
        response.headers_mut().insert(CONTENT_TYPE, format);
        ready(Ok(response))
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}
