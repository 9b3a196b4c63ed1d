//! The routes, and who may call them.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{ALLOW, AUTHORIZATION, CONTENT_TYPE, HeaderName};
use axum::middleware::map_response;
use axum::response::{Response, Result};
use axum::routing::{get, post};
use keyward::ConfigError;
use keyward::admin::{KeyAdmin, KeyGuard};
use keyward::axum::{ApiKeyAuth, RequireResource, RequireScope};
use keyward::manage::KeyManager;
use keyward::scoped;
use keyward::verify::Verifier;
use keyward_examples::meta::finish;
use serde_json::{Value, json};
use tower_http::cors::{Any, CorsLayer};

use crate::answer::{Data, Error};
use crate::body::Body;
use crate::organizations::{Content, Organizations, Project};

pub(crate) fn router(verifier: Verifier, keys: KeyManager) -> Result<Router, ConfigError> {
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
    let exposed = [
        "x-request-id",
        "retry-after",
        "x-ratelimit-limit",
        "x-ratelimit-remaining",
        "x-ratelimit-reset",
    ];
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods(Any)
        .allow_headers([AUTHORIZATION, CONTENT_TYPE])
        .expose_headers(exposed.map(HeaderName::from_static))
}

/// For the organization as a whole: keys that are restricted to projects read it too.
#[scoped]
async fn read_org(
    key: RequireScope<"read">,
    State(organizations): State<Organizations>,
) -> Data<Value> {
    let projects = organizations.projects(key.workspace()).len();
    Data(StatusCode::OK, json!({"id": key.workspace(), "project_count": projects}))
}

#[scoped]
async fn list_projects(
    key: RequireScope<"read">,
    State(organizations): State<Organizations>,
) -> Data<Vec<Project>> {
    let mut projects = organizations.projects(key.workspace());
    projects.retain(|project| key.resources().contains(project.id));
    Data(StatusCode::OK, projects)
}

#[scoped]
async fn list_content(
    _: RequireScope<"read">,
    key: RequireResource<"projectId">,
    Path(project): Path<String>,
    State(organizations): State<Organizations>,
) -> Result<Data<Vec<Content>>> {
    let content = organizations.content(key.workspace(), &project);
    Ok(Data(StatusCode::OK, content.ok_or_else(|| Error::not_found("Project not found"))?))
}

/// The one thing that publishable keys do: a browser then sends the file to the URL itself.
#[scoped]
async fn create_upload(
    _: RequireScope<"write | upload-initiate">,
    key: RequireResource<"projectId">,
    Path(project): Path<String>,
    State(organizations): State<Organizations>,
    body: Body,
) -> Result<Data<Value>> {
    let content = organizations.add_content(key.workspace(), &project, body.text("filename")?);
    let content = content.ok_or_else(|| Error::not_found("Project not found"))?;
    let url = format!("https://uploads.example.com/{project}/{}", content.id);
    Ok(Data(StatusCode::CREATED, json!({"content_id": content.id, "upload_url": url})))
}

#[scoped]
async fn analyze(
    _: RequireScope<"write">,
    key: RequireResource<"projectId">,
    Path((project, content)): Path<(String, String)>,
    State(organizations): State<Organizations>,
) -> Result<Data<Content>> {
    let content = organizations.analyze(key.workspace(), &project, &content);
    Ok(Data(StatusCode::ACCEPTED, content.ok_or_else(|| Error::not_found("Content not found"))?))
}

/// A publishable key does not learn which paths there are.
#[scoped]
async fn not_found(_: RequireScope<"read">) -> Error {
    Error::not_found("There is no such endpoint")
}

/// As above. axum adds the `Allow` header.
#[scoped]
async fn method_not_allowed(_: RequireScope<"read">) -> Error {
    Error::method_not_allowed()
}

/// axum adds it to the refusal of a publishable key too.
async fn hide_methods(mut response: Response) -> Response {
    if response.status() != StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().remove(ALLOW);
    }
    response
}
