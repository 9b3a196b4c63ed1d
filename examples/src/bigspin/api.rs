//! The routes, and who may call them.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Response, Result};
use axum::routing::{get, post};
use keyward::axum::{ApiKeyAuth, RequireScope};
use keyward::scoped;
use keyward::verify::{RejectionKind, Verifier};

use super::answer::{Id, Page, Timer, method_not_allowed, not_found};
use super::body::Body;
use super::workspaces::Workspaces;

pub(super) fn router(verifier: Verifier) -> Router {
    let routes = Router::new()
        .route("/projects", get(list_projects).post(create_project))
        .route("/projects/{projectId}", get(read_project))
        .route("/projects/{projectId}/transcripts", get(list_transcripts).post(create_transcript))
        .route("/transcripts/{transcriptId}", get(read_transcript))
        .route("/halfpipe/sessions", post(create_project))
        .route("/halfpipe/transcripts", post(upload_transcript));
    let api = Router::new()
        .nest("/public/api/v1", routes)
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .with_state(Workspaces::default());
    // Around the router as a whole, so that whoever has no key learns not even which paths there
    // are, and every response, a 404 too, carries `x-request-id`. With `route_layer` unknown paths
    // stay 404 for everybody; with `layer` on the router itself axum adds `Allow` to a refusal.
    Router::new().fallback_service(api).layer(ApiKeyAuth::new(verifier))
}

#[scoped]
async fn list_projects(
    key: RequireScope<"projects-read">,
    timer: Timer,
    page: Page,
    State(workspaces): State<Workspaces>,
) -> Response {
    let (projects, total) = workspaces.projects(key.workspace(), &page);
    timer.list(projects, &page, total)
}

#[scoped]
async fn create_project(
    key: RequireScope<"projects-write">,
    timer: Timer,
    State(workspaces): State<Workspaces>,
    body: Body,
) -> Result<(StatusCode, Response)> {
    let name = body.text("name", 1..=500)?;
    let project = workspaces.create_project(key.workspace(), name);
    Ok((StatusCode::CREATED, timer.single(project)))
}

#[scoped]
async fn read_project(
    key: RequireScope<"projects-read">,
    timer: Timer,
    State(workspaces): State<Workspaces>,
    Id(project): Id,
) -> Result<Response> {
    // Of another workspace or nowhere: one answer for both, so that none confirms what exists.
    let project = workspaces.project(key.workspace(), &project);
    Ok(timer.single(project.ok_or_else(|| key.refuse(RejectionKind::Resource))?))
}

#[scoped]
async fn list_transcripts(
    key: RequireScope<"projects-read">,
    timer: Timer,
    page: Page,
    State(workspaces): State<Workspaces>,
    Id(project): Id,
) -> Result<Response> {
    let transcripts = workspaces.transcripts(key.workspace(), &project, &page);
    let (transcripts, total) = transcripts.ok_or_else(|| key.refuse(RejectionKind::Resource))?;
    Ok(timer.list(transcripts, &page, total))
}

#[scoped]
async fn create_transcript(
    key: RequireScope<"projects-write">,
    timer: Timer,
    State(workspaces): State<Workspaces>,
    Id(project): Id,
    body: Body,
) -> Result<(StatusCode, Response)> {
    let transcript = workspaces.add_transcript(key.workspace(), &project, body.transcript()?);
    let transcript = transcript.ok_or_else(|| key.refuse(RejectionKind::Resource))?;
    Ok((StatusCode::CREATED, timer.single(transcript)))
}

/// The route of old clients: the project stands in the body.
#[scoped]
async fn upload_transcript(
    key: RequireScope<"projects-write">,
    timer: Timer,
    State(workspaces): State<Workspaces>,
    body: Body,
) -> Result<(StatusCode, Response)> {
    let project = body.text("projectId", 1..=100)?;
    let transcript = workspaces.add_transcript(key.workspace(), &project, body.transcript()?);
    let transcript = transcript.ok_or_else(|| key.refuse(RejectionKind::Resource))?;
    Ok((StatusCode::CREATED, timer.single(transcript)))
}

#[scoped]
async fn read_transcript(
    key: RequireScope<"projects-read">,
    timer: Timer,
    State(workspaces): State<Workspaces>,
    Id(transcript): Id,
) -> Result<Response> {
    let transcript = workspaces.transcript(key.workspace(), &transcript);
    Ok(timer.single(transcript.ok_or_else(|| key.refuse(RejectionKind::Resource))?))
}
