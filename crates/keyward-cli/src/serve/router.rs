use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::{any, get, post};
use http::header::{CACHE_CONTROL, HeaderValue};
use keyward::admin::{KeyAdmin, Metrics};
use keyward::axum::ApiKeyAuth;
use keyward::peer::TrustedProxies;
use keyward::scope;
use keyward::tower::{DrainLayer, RequireScopeLayer};
use tower_http::timeout::RequestBodyDeadlineLayer;

use super::keys::Keys;
use super::management::OperatorGuard;
use super::options::Options;
use super::problem::Problem;
use super::{auth, dashboard, health, introspect, nginx, verify};
use crate::failure::Result;

/// Of a request that asks about keys, in bytes: a hundred questions, each as long as a head.
const LARGEST: usize = 1 << 20;
/// How long a client may take to send a body.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

pub(super) fn router(
    keys: &Keys,
    operators: &Keys,
    metrics: Metrics,
    options: &Options,
) -> Result<Router> {
    let health = Router::new()
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/auth/refusal", any(nginx::refusal))
        .with_state(keys.verifier.clone());
    let nothing = async || Problem::not_found();
    let proxies = &options.trusted_proxies;
    let auth =
        |keys: &Keys| ApiKeyAuth::new(keys.verifier.clone()).trusted_proxies(proxies.clone());
    let all = gateway(auth(keys))
        .merge(health)
        .merge(for_operators(keys, auth(operators), metrics, proxies)?)
        .merge(dashboard::routes(keys, operators, options)?);
    Ok(all.fallback(nothing))
}

/// What gateways ask. Each request is one of the client's, and counted as such.
fn gateway(auth: ApiKeyAuth) -> Router {
    let for_nginx = Router::new()
        .route("/auth/nginx", any(auth::by_address))
        .layer(auth.clone())
        .layer(map_response(nginx::for_auth_request));
    Router::new()
        .route("/auth", any(auth::by_address))
        .route("/auth/envoy", any(auth::by_header))
        .route("/auth/envoy/", any(auth::by_header))
        .route("/auth/envoy/{*path}", any(auth::by_header))
        .layer(auth)
        .merge(for_nginx)
}

/// What is for whoever has an operator's key.
fn for_operators(
    keys: &Keys,
    auth: ApiKeyAuth,
    metrics: Metrics,
    proxies: &TrustedProxies,
) -> Result<Router> {
    let metrics = Router::new()
        .route_service("/metrics", metrics)
        .layer(RequireScopeLayer::<scope!("metrics")>::new());
    let mut routes = Router::new()
        .route("/verify", post(verify::verify))
        .route("/introspect", post(introspect::introspect))
        .layer(DefaultBodyLimit::max(LARGEST))
        .layer(map_response(unkept))
        .with_state(keys.verifier.clone())
        .merge(metrics);
    // A dialect of one's own may say nothing of how keys are managed over HTTP.
    if keys.manager.dialect().management().is_some() {
        let admin = KeyAdmin::new(keys.manager.clone(), OperatorGuard)?;
        routes = routes.merge(admin.trusted_proxies(proxies.clone()).routes());
    }
    Ok(routes.layer(auth).layer(RequestBodyDeadlineLayer::new(PATIENCE)).layer(DrainLayer::new()))
}

/// What is true for a moment is for no cache.
async fn unkept(mut response: Response) -> Response {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
