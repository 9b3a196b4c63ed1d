//! The routes, and who may call them.

use std::convert::Infallible;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::header::{ALLOW, CONTENT_LENGTH, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use keyward::scope;
use keyward::tower::{ApiKey, ApiKeyAuth, DrainBody, DrainLayer, Refused, RequireScopeLayer};
use keyward::verify::Verifier;
use tokio::time::timeout;
use tower::util::BoxCloneService;
use tower::{Layer, ServiceExt, service_fn};

use crate::notes::Notes;

type Answer = Response<Full<Bytes>>;
type Body = DrainBody<Incoming>;
type Service<B> = BoxCloneService<Request<B>, Answer, Infallible>;

/// In bytes.
const LONGEST: usize = 10_000;
/// How long a client may take to send a note.
const PATIENCE: Duration = Duration::from_secs(30);

/// One layer around everything, and one around each route that asks for a scope.
pub(crate) fn service(verifier: Verifier) -> Service<Incoming> {
    let notes = Notes::default();
    let list = RequireScopeLayer::<scope!("notes:read")>::new().layer(handler(&notes, list));
    let add = RequireScopeLayer::<scope!("notes:write")>::new().layer(handler(&notes, add));
    let routes = service_fn(move |request: Request<Body>| {
        let (list, add) = (list.clone(), add.clone());
        let is_head = request.method() == Method::HEAD;
        async move {
            let answered = match (request.method(), request.uri().path()) {
                (&Method::GET | &Method::HEAD, "/notes") => list.oneshot(request).await,
                (&Method::POST, "/notes") => add.oneshot(request).await,
                (_, "/notes") => Ok(no_method()),
                _ => Ok(answer(StatusCode::NOT_FOUND, "There is nothing but /notes\n")),
            };
            if is_head { answered.map(without_body) } else { answered }
        }
    });
    let guarded = ApiKeyAuth::new(verifier).layer(routes);
    // A client that is refused in the midst of a note sees it.
    BoxCloneService::new(DrainLayer::new().layer(guarded))
}

async fn list(notes: Notes, request: Request<Body>) -> Result<Answer, Refused> {
    let key = ApiKey::of(request.extensions())?;
    Ok(answer(StatusCode::OK, notes.of(key.workspace())))
}

async fn add(notes: Notes, request: Request<Body>) -> Result<Answer, Refused> {
    let key = ApiKey::of(request.extensions())?;
    let body = timeout(PATIENCE, Limited::new(request.into_body(), LONGEST).collect()).await;
    let body = body.ok().and_then(Result::ok);
    let note = body.and_then(|body| String::from_utf8(body.to_bytes().into()).ok());
    Ok(match note {
        Some(note) => {
            notes.add(key.workspace(), note);
            answer(StatusCode::CREATED, "Noted.\n")
        }
        None => answer(StatusCode::BAD_REQUEST, "Send a note of text, 10,000 bytes at most\n"),
    })
}

/// A function of a request that may refuse, as a service.
fn handler<F>(notes: &Notes, handle: fn(Notes, Request<Body>) -> F) -> Service<Body>
where
    F: Future<Output = Result<Answer, Refused>> + Send + 'static,
{
    let notes = notes.clone();
    BoxCloneService::new(service_fn(move |request| {
        let answer = handle(notes.clone(), request);
        async { Ok(answer.await.unwrap_or_else(Refused::into_response)) }
    }))
}

fn no_method() -> Answer {
    let mut answer = answer(StatusCode::METHOD_NOT_ALLOWED, "GET, HEAD or POST\n");
    answer.headers_mut().insert(ALLOW, HeaderValue::from_static("GET,HEAD,POST"));
    answer
}

/// What a router does: hyper leaves the body away in HTTP/1 alone.
fn without_body(answer: Answer) -> Answer {
    let (mut head, body) = answer.into_parts();
    // That of a refusal is away already.
    if let Some(length) = body.size_hint().exact().filter(|length| *length > 0) {
        head.headers.insert(CONTENT_LENGTH, length.into());
    }
    Response::from_parts(head, Full::default())
}

fn answer(status: StatusCode, text: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(text.into()));
    *answer.status_mut() = status;
    answer
}
