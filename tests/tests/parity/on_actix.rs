//! The application on actix-web.

use actix_web::dev::Service;
use actix_web::http::header::ALLOW;
use actix_web::web::{self, Bytes, Data, Path, ServiceConfig};
use actix_web::{App, HttpMessage, HttpResponse, Resource};
use keyward::actix::{
    ApiKey, ApiKeyAuth, Caller, Environments, MaybeApiKey, PerEnvironment, Refused, RequestId,
    RequireLimit, RequireResource, RequireScope,
};
use keyward::scoped;
use keyward::verify::{self, RejectionKind, Verifier};

use crate::api::Api;
use crate::application::{
    Asks, ITS_OWN_ID, LIVE, NO_METHOD, NO_PATH, OK, PATHS, SANDBOX, STRANGER, Setup,
};
use crate::server::Server;
use crate::sessions::Sessions;

pub(crate) fn serve<A: Api>(verifier: Verifier, setup: Setup) -> Server {
    let auth = ApiKeyAuth::new(verifier);
    let auth = match setup {
        Setup::Plain | Setup::Down | Setup::GivesRequestIds | Setup::Wary => auth,
        Setup::BehindProxy | Setup::BehindProxies => auth.trusted_proxies(setup.proxies()),
        Setup::Optional => auth.optional(),
        Setup::AllowsPreflight => auth.allow_preflight(),
        Setup::AcceptsRequestIds => auth.accept_request_id(),
        Setup::Guarded => auth.or(Sessions),
    };
    Server::start(move || {
        App::new().configure(routes::<A>).wrap(auth.clone()).wrap_fn(move |request, service| {
            if setup == Setup::GivesRequestIds {
                let given = verify::RequestId::from_application(ITS_OWN_ID);
                request.extensions_mut().insert(given);
            }
            service.call(request)
        })
    })
}

fn routes<A: Api>(config: &mut ServiceConfig) {
    config.app_data(Data::new(Environments::new(LIVE, SANDBOX)));
    for (path, asks) in PATHS {
        config.service(resource::<A>(path, asks));
    }
    config.default_service(web::to(async || text(HttpResponse::NotFound(), NO_PATH)));
}

fn resource<A: Api>(path: &str, asks: Asks) -> Resource {
    let resource = match asks {
        Asks::Key => get(path, async |key: ApiKey| key.workspace().to_owned()),
        Asks::Read => get(path, async |_: RequireScope<A::Read>| OK),
        Asks::Both => get(path, async |_: RequireScope<A::Both>| OK),
        Asks::Either => get(path, async |_: RequireScope<A::Either>| OK),
        Asks::Project => get(path, project),
        Asks::Workspace => get(path, workspace),
        Asks::Environment => get(path, async |data: PerEnvironment<&'static str>| *data),
        Asks::Limit => get(path, limit),
        Asks::Analysis => get(path, analyze),
        Asks::Upload => web::resource(path).route(web::post().to(upload::<A>)),
        Asks::Nothing => get(path, anybody),
        Asks::RequestId => get(path, async |id: RequestId| id.to_string()),
        Asks::Caller => get(path, caller),
    };
    resource.default_service(web::to(move || async move {
        let mut builder = HttpResponse::MethodNotAllowed();
        builder.insert_header((ALLOW, asks.allow()));
        text(builder, NO_METHOD)
    }))
}

/// Also `HEAD`, which actix-web does not count among them.
fn get<F, Args>(path: &str, handler: F) -> Resource
where
    F: actix_web::Handler<Args> + Clone,
    Args: actix_web::FromRequest + 'static,
    F::Output: actix_web::Responder + 'static,
{
    let (get, head) = (web::get().to(handler.clone()), web::head().to(handler));
    web::resource(path).route(get).route(head)
}

fn text(mut builder: actix_web::HttpResponseBuilder, text: &'static str) -> HttpResponse {
    builder.content_type("text/plain; charset=utf-8").body(text)
}

#[scoped]
async fn analyze(_: RequireLimit<"analysis_trigger">) -> &'static str {
    OK
}

#[scoped]
async fn project(key: RequireResource<"project">) -> String {
    key.workspace().to_owned()
}

async fn workspace(key: ApiKey, workspace: Path<String>) -> Result<String, Refused> {
    key.require_workspace(&workspace)?;
    Ok(key.workspace().to_owned())
}

async fn limit(key: ApiKey) -> Result<String, Refused> {
    Err(key.refuse(RejectionKind::RateLimited))
}

async fn upload<A: Api>(_: RequireScope<A::Write>, body: Bytes) -> String {
    body.len().to_string()
}

async fn caller(caller: Caller<String>) -> String {
    match caller {
        Caller::Key(key) => key.workspace().to_owned(),
        Caller::Guard(person) => person,
    }
}

async fn anybody(MaybeApiKey(key): MaybeApiKey) -> String {
    key.map_or_else(|| STRANGER.to_owned(), |key| key.workspace().to_owned())
}
