//! The routes, and who may call them.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{ALLOW, HeaderName};
use axum::middleware::map_response;
use axum::response::{Response, Result};
use axum::routing::{get, post};
use keyward::ConfigError;
use keyward::admin::{KeyAdmin, KeyGuard};
use keyward::axum::{ApiKeyAuth, RequireLimit, RequireResource, RequireScope};
use keyward::manage::KeyManager;
use keyward::scoped;
use keyward::verify::Verifier;
use tower_http::cors::{Any, CorsLayer};

use crate::meta::finish;
use crate::scribe_sight::answer::{Data, Error};
use crate::scribe_sight::body::Body;
use crate::scribe_sight::organizations::Organizations;
use crate::scribe_sight::{ALLOWED, EXPOSED};

pub(in crate::scribe_sight) fn router(
    verifier: Verifier,
    keys: KeyManager,
) -> Result<Router, ConfigError> {
    let routes = Router::new()
        .route("/org", get(read_org))
        .route("/projects", get(list_projects))
        .route("/projects/{projectId}/content", get(list_content))
        .route("/projects/{projectId}/content/upload-url", post(create_upload))
        .route("/projects/{projectId}/content/{contentId}/analyze", post(analyze));
    let api = Router::new()
        .nest("/api/v1", routes)
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(map_response(finish))
        .with_state(Organizations::demo());
    // `/api/v1/api-keys`: keys manage keys, and give no more than they have.
    let admin = KeyAdmin::new(keys, KeyGuard)?;
    let routes = admin.routes().fallback_service(api).layer(map_response(hide_methods));
    // CORS outside: a browser asks without a key first, and may read refusals too.
    let guarded = routes.layer(ApiKeyAuth::new(verifier));
    Ok(guarded.layer(cors()))
}

/// Publishable keys live in web pages. Nothing here knows a cookie, so every page may ask.
fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods(Any)
        .allow_headers(ALLOWED.map(HeaderName::from_static))
        .expose_headers(EXPOSED.map(HeaderName::from_static))
}

/// For the organization as a whole: keys that are restricted to projects read it too.
#[scoped]
async fn read_org(key: RequireScope<"read">, State(organizations): State<Organizations>) -> Data {
    Data::ok(organizations.organization(key.workspace()))
}

#[scoped]
async fn list_projects(
    key: RequireScope<"read">,
    State(organizations): State<Organizations>,
) -> Data {
    Data::ok(organizations.projects(key.workspace(), key.resources()))
}

#[scoped]
async fn list_content(
    _: RequireScope<"read">,
    key: RequireResource<"projectId">,
    Path(project): Path<String>,
    State(organizations): State<Organizations>,
) -> Result<Data> {
    Ok(Data::ok(organizations.content(key.workspace(), &project)?))
}

/// The one thing that publishable keys do: a browser then sends the file to the URL itself.
#[scoped]
async fn create_upload(
    _: RequireScope<"write | upload-initiate">,
    key: RequireResource<"projectId">,
    _: RequireLimit<"upload_initiation">,
    Path(project): Path<String>,
    State(organizations): State<Organizations>,
    body: Body,
) -> Result<Data> {
    let upload = organizations.begin_upload(key.workspace(), &project, body.filename()?);
    Ok(Data::created(upload?))
}

#[scoped]
async fn analyze(
    _: RequireScope<"write">,
    key: RequireResource<"projectId">,
    _: RequireLimit<"analysis_trigger">,
    Path((project, content)): Path<(String, String)>,
    State(organizations): State<Organizations>,
) -> Result<Data> {
    Ok(Data::accepted(organizations.analyze(key.workspace(), &project, &content)?))
}

/// A publishable key does not learn which paths there are.
#[scoped]
async fn not_found(_: RequireScope<"read">) -> Error {
    Error::no_endpoint()
}

/// As above. axum adds the `Allow` header.
#[scoped]
async fn method_not_allowed(_: RequireScope<"read">) -> Error {
    Error::no_method()
}

/// axum adds it to the refusal of a publishable key too.
async fn hide_methods(mut response: Response) -> Response {
    if response.status() != StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().remove(ALLOW);
    }
    response
}
