//! The routes, and who may call them.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::middleware::map_response;
use axum::response::Result;
use axum::routing::{get, post};
use keyward::axum::{ApiKey, ApiKeyAuth, RequireScope};
use keyward::dialect::ScopeRule;
use keyward::key::{Creator, KeyId};
use keyward::manage::{KeyManager, ManageErrorKind};
use keyward::scoped;
use keyward::verify::{RejectionKind, Verifier};
use keyward_examples::Id;
use keyward_examples::meta::finish;
use serde_json::{Value, json};

use crate::answer::{Data, Error, List, Page};
use crate::body::Body;
use crate::workspaces::{Run, Voice, Workflow, Workspaces};

#[derive(Clone)]
struct Service {
    workspaces: Workspaces,
    keys: KeyManager,
}

pub(crate) fn router(verifier: Verifier, keys: KeyManager) -> Router {
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
    // Around the router as a whole, so that whoever has no key learns not even which paths there
    // are. It also refuses a key whose workspace is not the one that `X-Workspace-Id` names.
    Router::new().fallback_service(api).layer(ApiKeyAuth::new(verifier))
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

/// Says who is asking. A key acts for whoever made it.
async fn whoami(key: ApiKey, State(service): State<Service>) -> Result<Data<Value>> {
    let record = service.keys.get(&KeyId::new(key.id())).await;
    let record = record.map_err(|error| match error.kind() {
        ManageErrorKind::NotFound => key.refuse(RejectionKind::Unknown),
        _ => key.refuse(RejectionKind::Unavailable),
    })?;
    let user = match &record.created_by {
        Some(Creator::Person(user)) => Some(user),
        _ => None,
    };
    let mut scopes: Vec<&str> = key.dialect().scopes().map(ScopeRule::name).collect();
    scopes.retain(|scope| key.has(scope));
    scopes.sort_unstable();
    let whoami = json!({
        "auth_kind": "api_key",
        "user_id": user,
        "scopes": scopes,
        "workspace_id": key.workspace(),
        "api_key_id": key.id(),
    });
    Ok(Data(StatusCode::OK, whoami))
}
