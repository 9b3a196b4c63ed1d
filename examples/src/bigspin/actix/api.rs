//! The routes, and who may call them.

use actix_web::Result;
use actix_web::http::{Method, StatusCode};
use actix_web::web::{Data, Json, ServiceConfig, scope, to};
use keyward::actix::RequireScope;
use keyward::scoped;
use keyward::verify::RejectionKind;

use super::extract::Id;
use crate::actix::endpoint;
use crate::bigspin::answer::{Error, List, Page, Single, Timer};
use crate::bigspin::body::Body;
use crate::bigspin::workspaces::{Project, Transcript, WithTurns, Workspaces};

const GET: Method = Method::GET;
const POST: Method = Method::POST;

pub(super) fn routes(workspaces: Workspaces) -> impl FnOnce(&mut ServiceConfig) {
    |app: &mut ServiceConfig| {
        let at = |path, methods| endpoint(path, methods, to(method_not_allowed));
        let api = scope("/public/api/v1")
            .service(at("/projects", vec![(GET, to(list_projects)), (POST, to(create_project))]))
            .service(at("/projects/{projectId}", vec![(GET, to(read_project))]))
            .service(at(
                "/projects/{projectId}/transcripts",
                vec![(GET, to(list_transcripts)), (POST, to(create_transcript))],
            ))
            .service(at("/transcripts/{transcriptId}", vec![(GET, to(read_transcript))]))
            .service(at("/halfpipe/sessions", vec![(POST, to(create_project))]))
            .service(at("/halfpipe/transcripts", vec![(POST, to(upload_transcript))]));
        app.app_data(Data::new(workspaces)).service(api).default_service(to(not_found));
    }
}

#[scoped]
async fn list_projects(
    key: RequireScope<"projects-read">,
    timer: Timer,
    page: Page,
    workspaces: Data<Workspaces>,
) -> Json<List<Project>> {
    let (projects, total) = workspaces.projects(key.workspace(), &page);
    Json(timer.list(projects, &page, total))
}

#[scoped]
async fn create_project(
    key: RequireScope<"projects-write">,
    timer: Timer,
    workspaces: Data<Workspaces>,
    body: Body,
) -> Result<(Json<Single<Project>>, StatusCode)> {
    let project = workspaces.create_project(key.workspace(), body.name()?);
    Ok((Json(timer.single(project)), StatusCode::CREATED))
}

#[scoped]
async fn read_project(
    key: RequireScope<"projects-read">,
    timer: Timer,
    workspaces: Data<Workspaces>,
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
    workspaces: Data<Workspaces>,
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
    workspaces: Data<Workspaces>,
    Id(project): Id,
    body: Body,
) -> Result<(Json<Single<Transcript>>, StatusCode)> {
    let transcript = workspaces.add_transcript(key.workspace(), &project, body.transcript()?);
    let transcript = transcript.ok_or_else(|| key.refuse(RejectionKind::Resource))?;
    Ok((Json(timer.single(transcript)), StatusCode::CREATED))
}

/// The route of old clients: the project stands in the body.
#[scoped]
async fn upload_transcript(
    key: RequireScope<"projects-write">,
    timer: Timer,
    workspaces: Data<Workspaces>,
    body: Body,
) -> Result<(Json<Single<Transcript>>, StatusCode)> {
    let (project, transcript) = (body.project()?, body.transcript()?);
    let transcript = workspaces.add_transcript(key.workspace(), &project, transcript);
    let transcript = transcript.ok_or_else(|| key.refuse(RejectionKind::Resource))?;
    Ok((Json(timer.single(transcript)), StatusCode::CREATED))
}

#[scoped]
async fn read_transcript(
    key: RequireScope<"projects-read">,
    timer: Timer,
    workspaces: Data<Workspaces>,
    Id(transcript): Id,
) -> Result<Json<Single<WithTurns>>> {
    let transcript = workspaces.transcript(key.workspace(), &transcript);
    let transcript = transcript.ok_or_else(|| key.refuse(RejectionKind::Resource))?;
    Ok(Json(timer.single(transcript)))
}

async fn not_found() -> Result<(), Error> {
    Err(Error::no_endpoint())
}

async fn method_not_allowed() -> Result<(), Error> {
    Err(Error::no_method())
}
