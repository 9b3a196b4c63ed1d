//! Says who is asking: a key, or a person with a JWT.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Result;
use keyward::admin::jwt::Claims;
use keyward::axum::{ApiKey, Caller};
use keyward::dialect::ScopeRule;
use keyward::key::{Creator, KeyId};
use keyward::manage::{KeyManager, ManageErrorKind};
use keyward::verify::RejectionKind;
use serde::Serialize;

use crate::answer::{Data, Error};
use crate::api::Service;
use crate::people::workspace_of;

#[derive(Serialize)]
pub(crate) struct Whoami {
    auth_kind: &'static str,
    user_id: Option<String>,
    scopes: Vec<String>,
    workspace_id: String,
    api_key_id: Option<String>,
}

pub(crate) async fn whoami(
    caller: Caller<Claims>,
    headers: HeaderMap,
    State(service): State<Service>,
) -> Result<Data<Whoami>> {
    let whoami = match caller {
        Caller::Key(key) => of_key(&key, &service.keys).await?,
        Caller::Guard(person) => of_person(person.subject(), &headers)?,
    };
    Ok(Data(StatusCode::OK, whoami))
}

/// A key acts for whoever made it.
async fn of_key(key: &ApiKey, keys: &KeyManager) -> Result<Whoami> {
    let record = keys.get(&KeyId::new(key.id())).await.map_err(|error| match error.kind() {
        // Deleted just now.
        ManageErrorKind::NotFound => key.refuse(RejectionKind::Unknown),
        _ => key.refuse(RejectionKind::Unavailable),
    })?;
    let user_id = match record.created_by {
        Some(Creator::Person(user)) => Some(user),
        _ => None,
    };
    let scopes = key.dialect().scopes().map(ScopeRule::name).filter(|scope| key.has(scope));
    let mut scopes: Vec<String> = scopes.map(str::to_owned).collect();
    scopes.sort_unstable();
    Ok(Whoami {
        auth_kind: "api_key",
        user_id,
        scopes,
        workspace_id: key.workspace().to_owned(),
        api_key_id: Some(key.id().to_owned()),
    })
}

/// What people may do says their membership, not scopes (chosen, as the `auth_kind`).
fn of_person(person: &str, headers: &HeaderMap) -> Result<Whoami, Error> {
    let mut asked = headers.get_all("x-workspace-id").iter().map(HeaderValue::as_bytes);
    // Two are none of anybody's.
    let workspace = match (asked.next(), asked.next()) {
        (asked, None) => workspace_of(person, asked),
        _ => None,
    };
    let workspace = workspace.ok_or_else(|| Error::not_found("Workspace not found."))?;
    Ok(Whoami {
        auth_kind: "jwt",
        user_id: Some(person.to_owned()),
        scopes: Vec::new(),
        workspace_id: workspace.to_owned(),
        api_key_id: None,
    })
}
