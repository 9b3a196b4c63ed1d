//! The routes, and who may call them.

use actix_web::Result;
use actix_web::http::Method;
use actix_web::web::{Data as State, ServiceConfig, scope, to};
use keyward::actix::{RequireLimit, RequireResource, RequireScope, mount};
use keyward::admin::KeyAdmin;
use keyward::scoped;

use super::extract::Ids;
use crate::actix::endpoint;
use crate::scribe_sight::answer::{Data, Error};
use crate::scribe_sight::body::Body;
use crate::scribe_sight::organizations::Organizations;

const GET: Method = Method::GET;
const POST: Method = Method::POST;

pub(super) fn routes(
    organizations: Organizations,
    admin: KeyAdmin,
) -> impl FnOnce(&mut ServiceConfig) {
    move |app: &mut ServiceConfig| {
        let at = |path, methods| endpoint(path, methods, to(method_not_allowed));
        let content = "/projects/{projectId}/content";
        let api = scope("/api/v1")
            .service(at("/org", vec![(GET, to(read_org))]))
            .service(at("/projects", vec![(GET, to(list_projects))]))
            .service(at(content, vec![(GET, to(list_content))]))
            .service(at(&format!("{content}/upload-url"), vec![(POST, to(create_upload))]))
            .service(at(&format!("{content}/{{contentId}}/analyze"), vec![(POST, to(analyze))]));
        app.app_data(State::new(organizations))
            // `/api/v1/api-keys`: keys manage keys, and give no more than they have. Before the
            // scope that begins alike.
            .service(mount(admin.path(), admin.clone()))
            .service(api)
            .default_service(to(not_found));
    }
}

/// For the organization as a whole: keys that are restricted to projects read it too.
#[scoped]
async fn read_org(key: RequireScope<"read">, organizations: State<Organizations>) -> Data {
    Data::ok(organizations.organization(key.workspace()))
}

#[scoped]
async fn list_projects(key: RequireScope<"read">, organizations: State<Organizations>) -> Data {
    Data::ok(organizations.projects(key.workspace(), key.resources()))
}

#[scoped]
async fn list_content(
    _: RequireScope<"read">,
    key: RequireResource<"projectId">,
    Ids([project]): Ids<1>,
    organizations: State<Organizations>,
) -> Result<Data> {
    Ok(Data::ok(organizations.content(key.workspace(), &project)?))
}

/// The one thing that publishable keys do: a browser then sends the file to the URL itself.
#[scoped]
async fn create_upload(
    _: RequireScope<"write | upload-initiate">,
    key: RequireResource<"projectId">,
    _: RequireLimit<"upload_initiation">,
    Ids([project]): Ids<1>,
    organizations: State<Organizations>,
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
    Ids([project, content]): Ids<2>,
    organizations: State<Organizations>,
) -> Result<Data> {
    Ok(Data::accepted(organizations.analyze(key.workspace(), &project, &content)?))
}

/// A publishable key does not learn which paths there are.
#[scoped]
async fn not_found(_: RequireScope<"read">) -> Result<Data> {
    Err(Error::no_endpoint().into())
}

/// As above.
#[scoped]
async fn method_not_allowed(_: RequireScope<"read">) -> Result<Data> {
    Err(Error::no_method().into())
}
