//! The routes, and who may call them.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::middleware::map_response;
use axum::response::Result;
use axum::routing::{get, post};
use keyward::ConfigError;
use keyward::admin::jwt::{Claims, JwtGuard};
use keyward::admin::{KeyAdmin, PersonGuard};
use keyward::axum::{ApiKeyAuth, RequireScope};
use keyward::manage::KeyManager;
use keyward::scoped;
use keyward::verify::Verifier;
use keyward_examples::Id;
use keyward_examples::meta::finish;
use serde_json::{Value, json};

use crate::answer::{Data, Error, List, Page};
use crate::body::Body;
use crate::people::Members;
use crate::whoami::whoami;
use crate::workspaces::{Run, Voice, Workflow, Workspaces};

#[derive(Clone)]
pub(crate) struct Service {
    workspaces: Workspaces,
    pub(crate) keys: KeyManager,
}

pub(crate) fn router(
    verifier: Verifier,
    keys: KeyManager,
    people: JwtGuard,
) -> Result<Router, ConfigError> {
    // `/api/v1/api-keys`: people manage the keys of their workspace.
    let person = |claims: &Claims| claims.subject().to_owned();
    let admin = KeyAdmin::new(keys.clone(), PersonGuard::new(Members, person))?;
    let routes = Router::new()
        .route("/workflows", get(list_workflows))
        .route("/workflows/{id}/runs", post(run_workflow))
        .route("/voices", get(list_voices))
        .route("/usage/summary", get(read_usage))
        .route("/auth/whoami", get(whoami));
    let api = Router::new()
        .nest("/api/v1", routes)
        .fallback(async || Error::not_found("Not found."))
        .method_not_allowed_fallback(async || Error::method_not_allowed())
        .layer(map_response(finish))
        .with_state(Service { workspaces: Workspaces::default(), keys });
    // Around the router as a whole, so that strangers learn not even which paths there are. It also
    // refuses a key whose workspace is not the one that `X-Workspace-Id` names. A person passes as
    // well, and gets no further than a handler that asks for a `Caller`.
    Ok(admin.routes().fallback_service(api).layer(ApiKeyAuth::new(verifier).or(people)))
}

#[scoped]
async fn list_workflows(key: RequireScope<"workflows:read">, page: Page) -> List<Workflow> {
    page.of(&Workspaces::workflows(key.workspace()))
}

#[scoped]
async fn run_workflow(
    key: RequireScope<"workflows:run">,
    Id(workflow): Id,
    State(service): State<Service>,
    body: Body,
) -> Result<Data<Run>> {
    let run = service.workspaces.run(key.workspace(), &workflow, body.object("inputs")?);
    let run = run.ok_or_else(|| Error::not_found("Workflow not found."))?;
    Ok(Data(StatusCode::CREATED, run))
}

#[scoped]
async fn list_voices(_: RequireScope<"voices:read">, page: Page) -> List<Voice> {
    page.of(&Workspaces::voices())
}

#[scoped]
async fn read_usage(
    key: RequireScope<"workspace:read">,
    State(service): State<Service>,
) -> Data<Value> {
    let runs = service.workspaces.runs(key.workspace());
    Data(StatusCode::OK, json!({"workspace_id": key.workspace(), "workflow_runs": runs}))
}
