//! The routes, and who may call them.

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, response::Result};
use keyward::axum::{ApiKeyAuth, Environments, PerEnvironment, RequireScope};
use keyward::key::Literal;
use keyward::scope;
use keyward::verify::Verifier;
use keyward_examples::Id;

use crate::answer::{Error, List, Page};
use crate::body::Body;
use crate::items::{Item, Items};

pub(crate) fn router(verifier: Verifier) -> Router {
    let routes = Router::new()
        .nest("/skills", items::<scope!("skills:read"), scope!("skills:write")>())
        .nest("/agents", items::<scope!("agents:read"), scope!("agents:write")>())
        .nest("/plugins", items::<scope!("plugins:read"), scope!("plugins:write")>())
        .nest("/content", items::<scope!("content:read"), scope!("content:write")>())
        .nest("/mcp", items::<scope!("mcp:read"), scope!("mcp:write")>());
    let api = Router::new()
        .nest("/api/v1", routes)
        .fallback(async || Error::not_found())
        .method_not_allowed_fallback(async || Error::method_not_allowed());
    // Around the router as a whole, so that whoever has no key learns not even which paths there
    // are. It also refuses on return: a key that was revoked meanwhile gets no answer.
    Router::new().fallback_service(api).layer(ApiKeyAuth::new(verifier))
}

/// One kind of things, with the scopes that read and write it.
fn items<R: Literal + 'static, W: Literal + 'static>() -> Router {
    Router::new()
        .route("/", get(list::<R>).post(create::<W>))
        .route("/{id}", get(read::<R>).put(replace::<W>).patch(change::<W>).delete(delete::<W>))
        // Keys of the sandbox see their own half, and there is no way from one to the other.
        .with_state(Environments::new(Items::default(), Items::default()))
}

async fn list<R: Literal>(
    key: RequireScope<R>,
    page: Page,
    items: PerEnvironment<Items>,
) -> List<Item> {
    page.of(&items.all(key.workspace()))
}

async fn create<W: Literal>(
    key: RequireScope<W>,
    items: PerEnvironment<Items>,
    body: Body,
) -> Result<(StatusCode, Json<Item>), Error> {
    let item = Item::new(key.workspace(), body.name()?, body.description()?);
    items.add(item.clone());
    Ok((StatusCode::CREATED, Json(item)))
}

async fn read<R: Literal>(
    key: RequireScope<R>,
    Id(id): Id,
    items: PerEnvironment<Items>,
) -> Result<Json<Item>, Error> {
    items.get(key.workspace(), &id).map(Json).ok_or_else(Error::not_found)
}

async fn replace<W: Literal>(
    key: RequireScope<W>,
    Id(id): Id,
    items: PerEnvironment<Items>,
    body: Body,
) -> Result<Json<Item>, Error> {
    let (name, description) = (body.name()?, body.description()?);
    let item = items.change(key.workspace(), &id, Some(name), Some(description));
    item.map(Json).ok_or_else(Error::not_found)
}

async fn change<W: Literal>(
    key: RequireScope<W>,
    Id(id): Id,
    items: PerEnvironment<Items>,
    body: Body,
) -> Result<Json<Item>, Error> {
    let name = body.has("name").then(|| body.name()).transpose()?;
    let description = body.has("description").then(|| body.description()).transpose()?;
    let item = items.change(key.workspace(), &id, name, description);
    item.map(Json).ok_or_else(Error::not_found)
}

async fn delete<W: Literal>(
    key: RequireScope<W>,
    Id(id): Id,
    items: PerEnvironment<Items>,
) -> Result<StatusCode, Error> {
    if items.remove(key.workspace(), &id) {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Error::not_found())
    }
}
