//! The application on axum.

use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode};
use axum::routing::{MethodRouter, get, post};
use axum::{Extension, Router};
use keyward::axum::{
    ApiKey, ApiKeyAuth, Caller, Environments, MaybeApiKey, PerEnvironment, Refused, RequestId,
    RequireLimit, RequireResource, RequireScope,
};
use keyward::scoped;
use keyward::tower::DrainLayer;
use keyward::verify::{RejectionKind, Verifier};

use crate::api::Api;
use crate::application::{
    Asks, ITS_OWN_ID, LIVE, NO_METHOD, NO_PATH, OK, PATHS, SANDBOX, STRANGER, Setup,
};
use crate::sessions::Sessions;

pub(crate) fn app<A: Api>(verifier: Verifier, setup: Setup) -> Router {
    let routes = PATHS
        .iter()
        .fold(Router::new(), |routes, (path, asks)| routes.route(path, route::<A>(*asks)))
        .method_not_allowed_fallback(async || (StatusCode::METHOD_NOT_ALLOWED, NO_METHOD))
        .fallback(async || (StatusCode::NOT_FOUND, NO_PATH))
        .with_state(Environments::new(LIVE, SANDBOX));
    // Around the router as a whole: strangers do not learn which methods a path knows.
    let app = Router::new().fallback_service(routes).layer(layer(verifier, setup));
    let app = app.layer(DrainLayer::new());
    let given = tower_http::request_id::RequestId::new(HeaderValue::from_static(ITS_OWN_ID));
    match setup {
        Setup::GivesRequestIds => app.layer(Extension(given)),
        _ => app,
    }
}

/// Of plain tower too.
pub(crate) fn layer(verifier: Verifier, setup: Setup) -> ApiKeyAuth {
    let auth = ApiKeyAuth::new(verifier);
    match setup {
        Setup::Plain | Setup::Down | Setup::GivesRequestIds | Setup::Wary => auth,
        Setup::BehindProxy | Setup::BehindProxies => auth.trusted_proxies(setup.proxies()),
        Setup::Optional => auth.optional(),
        Setup::AllowsPreflight => auth.allow_preflight(),
        Setup::AcceptsRequestIds => auth.accept_request_id(),
        Setup::Guarded => auth.or(Sessions),
    }
}

fn route<A: Api>(asks: Asks) -> MethodRouter<Environments<&'static str>> {
    match asks {
        Asks::Key => get(async |key: ApiKey| key.workspace().to_owned()),
        Asks::Read => get(async |_: RequireScope<A::Read>| OK),
        Asks::Both => get(async |_: RequireScope<A::Both>| OK),
        Asks::Either => get(async |_: RequireScope<A::Either>| OK),
        Asks::Project => get(project),
        Asks::Workspace => get(workspace),
        Asks::Environment => get(async |data: PerEnvironment<&'static str>| *data),
        Asks::Limit => get(async |key: ApiKey| key.refuse(RejectionKind::RateLimited)),
        Asks::Analysis => get(analyze),
        Asks::Upload => post(upload::<A>),
        Asks::Nothing => get(anybody),
        Asks::RequestId => get(async |id: RequestId| id.to_string()),
        Asks::Caller => get(caller),
    }
}

#[scoped]
async fn analyze(_: RequireLimit<"analysis_trigger">) -> &'static str {
    OK
}

#[scoped]
async fn project(key: RequireResource<"project">) -> String {
    key.workspace().to_owned()
}

async fn workspace(key: ApiKey, Path(workspace): Path<String>) -> Result<String, Refused> {
    key.require_workspace(&workspace)?;
    Ok(key.workspace().to_owned())
}

async fn upload<A: Api>(_: RequireScope<A::Write>, body: Bytes) -> String {
    body.len().to_string()
}

async fn caller(caller: Caller<String>) -> String {
    match caller {
        Caller::Key(key) => key.workspace().to_owned(),
        Caller::Guard(person) => person,
    }
}

async fn anybody(MaybeApiKey(key): MaybeApiKey) -> String {
    key.map_or_else(|| STRANGER.to_owned(), |key| key.workspace().to_owned())
}
