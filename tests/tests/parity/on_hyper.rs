//! The application on plain tower, served by hyper: no extractors, and no router.

use std::convert::Infallible;

use axum::Extension;
use axum::body::Bytes;
use axum::http::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use keyward::key::Literal;
use keyward::tower::{
    ApiKey, Caller, DrainBody, DrainLayer, Environments, MaybeApiKey, PeerAddr, Refused, RequestId,
};
use keyward::verify::{RejectionKind, Verifier};
use percent_encoding::percent_decode_str;
use tokio::net::TcpListener;
use tower::{Layer, ServiceBuilder, service_fn};

use crate::api::Api;
use crate::application::{
    ANALYSIS, Asks, ITS_OWN_ID, LIVE, NO_METHOD, NO_PATH, OK, PATHS, SANDBOX, STRANGER, Setup,
};
use crate::on_axum::layer;

type Answer = Response<Full<Bytes>>;

/// Serves on a listener for as long as the future is polled.
pub(crate) async fn serve<A: Api>(listener: TcpListener, verifier: Verifier, setup: Setup) {
    let service = ServiceBuilder::new()
        .map_request(move |mut request: Request<Incoming>| {
            if setup == Setup::GivesRequestIds {
                let given = HeaderValue::from_static(ITS_OWN_ID);
                request.extensions_mut().insert(tower_http::request_id::RequestId::new(given));
            }
            request
        })
        .layer(DrainLayer::new())
        .layer(layer(verifier, setup))
        .service(service_fn(async |request: Request<DrainBody<Incoming>>| {
            let head_only = request.method() == Method::HEAD;
            let answer = answer::<A>(request).await;
            Ok::<_, Infallible>(if head_only { without_body(answer) } else { answer })
        }));
    loop {
        let (stream, address) = listener.accept().await.unwrap();
        let service = TowerToHyperService::new(Extension(PeerAddr(address)).layer(service.clone()));
        tokio::spawn(async move {
            let http = Builder::new(TokioExecutor::new());
            // A client that hangs up is an error here.
            http.serve_connection(TokioIo::new(stream), service).await.ok()
        });
    }
}

async fn answer<A: Api>(request: Request<DrainBody<Incoming>>) -> Answer {
    let found = PATHS.iter().find_map(|(path, asks)| {
        let parameter = match path.split_once('{') {
            None => (request.uri().path() == *path).then_some("")?,
            Some((before, _)) => {
                let rest = request.uri().path().strip_prefix(before)?;
                (!rest.is_empty() && !rest.contains('/')).then_some(rest)?
            }
        };
        Some((*asks, parameter.to_owned()))
    });
    let Some((asks, parameter)) = found else { return text(StatusCode::NOT_FOUND, NO_PATH) };
    let posts = matches!(asks, Asks::Upload);
    let allowed = if posts { [Method::POST, Method::POST] } else { [Method::GET, Method::HEAD] };
    if !allowed.contains(request.method()) {
        let mut answer = text(StatusCode::METHOD_NOT_ALLOWED, NO_METHOD);
        answer.headers_mut().insert(ALLOW, HeaderValue::from_static(asks.allow()));
        return answer;
    }
    match say::<A>(asks, &parameter, request).await {
        Ok(said) => text(StatusCode::OK, said),
        Err(refused) => refused.into_response(),
    }
}

async fn say<A: Api>(
    asks: Asks,
    parameter: &str,
    request: Request<DrainBody<Incoming>>,
) -> Result<String, Refused> {
    let (head, body) = request.into_parts();
    let key = ApiKey::of(&head.extensions);
    match asks {
        Asks::Key => Ok(key?.workspace().to_owned()),
        Asks::Read => key?.require(A::Read::NAME).map(|()| OK.to_owned()),
        Asks::Both => key?.require(A::Both::NAME).map(|()| OK.to_owned()),
        Asks::Either => key?.require(A::Either::NAME).map(|()| OK.to_owned()),
        Asks::Project => {
            let key = key?;
            let project = percent_decode_str(parameter).decode_utf8();
            key.require_resource(&project.map_err(|_| key.refuse(RejectionKind::Resource))?)?;
            Ok(key.workspace().to_owned())
        }
        Asks::Workspace => {
            let key = key?;
            key.require_workspace(parameter)?;
            Ok(key.workspace().to_owned())
        }
        Asks::Environment => Ok((*Environments::new(LIVE, SANDBOX).of(&*key?)).to_owned()),
        Asks::Limit => Err(key?.refuse(RejectionKind::RateLimited)),
        Asks::Analysis => key?.require_limit(ANALYSIS).await.map(|()| OK.to_owned()),
        Asks::Upload => {
            key?.require(A::Write::NAME)?;
            Ok(body.collect().await.unwrap().to_bytes().len().to_string())
        }
        Asks::Nothing => {
            let MaybeApiKey(key) = MaybeApiKey::of(&head.extensions)?;
            Ok(key.map_or_else(|| STRANGER.to_owned(), |key| key.workspace().to_owned()))
        }
        Asks::Caller => Ok(match Caller::<String>::of(&head.extensions)? {
            Caller::Key(key) => key.workspace().to_owned(),
            Caller::Guard(person) => person,
        }),
        Asks::RequestId => Ok(RequestId::of(&head.extensions).unwrap().to_string()),
    }
}

/// What a router does: hyper leaves the body away in HTTP/1 alone.
fn without_body(answer: Answer) -> Answer {
    let (mut head, body) = answer.into_parts();
    if let Some(length) = body.size_hint().exact().filter(|length| *length > 0) {
        head.headers.insert(CONTENT_LENGTH, length.into());
    }
    Response::from_parts(head, Full::default())
}

fn text(status: StatusCode, text: impl Into<String>) -> Answer {
    let mut answer = Response::new(Full::from(text.into()));
    *answer.status_mut() = status;
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    answer.headers_mut().insert(CONTENT_TYPE, plain);
    answer
}
