//! The routes, and who may call them.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Result;
use axum::routing::{get, post};
use axum::{Json, Router};
use keyward::axum::{ApiKeyAuth, RequireScope};
use keyward::scoped;
use keyward::verify::{RejectionKind, Verifier};

use super::extract::Id;
use crate::bigspin::answer::{Error, List, Page, Single, Timer};
use crate::bigspin::body::Body;
use crate::bigspin::workspaces::{Project, Transcript, WithTurns, Workspaces};

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
) -> Json<List<Project>> {
    let (projects, total) = workspaces.projects(key.workspace(), &page);
    Json(timer.list(projects, &page, total))
}

#[scoped]
async fn create_project(
    key: RequireScope<"projects-write">,
    timer: Timer,
    State(workspaces): State<Workspaces>,
    body: Body,
) -> Result<(StatusCode, Json<Single<Project>>)> {
    let project = workspaces.create_project(key.workspace(), body.name()?);
    Ok((StatusCode::CREATED, Json(timer.single(project))))
}

#[scoped]
async fn read_project(
    key: RequireScope<"projects-read">,
    timer: Timer,
    State(workspaces): State<Workspaces>,
    Id(project): Id,
) -> Result<Json<Single<Project>>> {
    // Of another workspace or nowhere: one answer for both, so that none confirms what exists.
    let project = workspaces.project(key.workspace(), &project);
    let project = project.ok_or_else(|| key.refuse(RejectionKind::Resource))?;
    Ok(Json(timer.single(project)))
}

#[scoped]
async fn list_transcripts(
    key: RequireScope<"projects-read">,
    timer: Timer,
    page: Page,
    State(workspaces): State<Workspaces>,
    Id(project): Id,
) -> Result<Json<List<Transcript>>> {
    let transcripts = workspaces.transcripts(key.workspace(), &project, &page);
    let (transcripts, total) = transcripts.ok_or_else(|| key.refuse(RejectionKind::Resource))?;
    Ok(Json(timer.list(transcripts, &page, total)))
}

#[scoped]
async fn create_transcript(
    key: RequireScope<"projects-write">,
    timer: Timer,
    State(workspaces): State<Workspaces>,
    Id(project): Id,
    body: Body,
) -> Result<(StatusCode, Json<Single<Transcript>>)> {
    let transcript = workspaces.add_transcript(key.workspace(), &project, body.transcript()?);
    let transcript = transcript.ok_or_else(|| key.refuse(RejectionKind::Resource))?;
    Ok((StatusCode::CREATED, Json(timer.single(transcript))))
}

/// The route of old clients: the project stands in the body.
#[scoped]
async fn upload_transcript(
    key: RequireScope<"projects-write">,
    timer: Timer,
    State(workspaces): State<Workspaces>,
    body: Body,
) -> Result<(StatusCode, Json<Single<Transcript>>)> {
    let (project, transcript) = (body.project()?, body.transcript()?);
    let transcript = workspaces.add_transcript(key.workspace(), &project, transcript);
    let transcript = transcript.ok_or_else(|| key.refuse(RejectionKind::Resource))?;
    Ok((StatusCode::CREATED, Json(timer.single(transcript))))
}

#[scoped]
async fn read_transcript(
    key: RequireScope<"projects-read">,
    timer: Timer,
    State(workspaces): State<Workspaces>,
    Id(transcript): Id,
) -> Result<Json<Single<WithTurns>>> {
    let transcript = workspaces.transcript(key.workspace(), &transcript);
    let transcript = transcript.ok_or_else(|| key.refuse(RejectionKind::Resource))?;
    Ok(Json(timer.single(transcript)))
}

async fn not_found() -> Error {
    Error::no_endpoint()
}

/// axum adds the `Allow` header.
async fn method_not_allowed() -> Error {
    Error::no_method()
}
