//! Services of tower in applications of actix-web.

mod feed;
mod guard;
mod request;
mod response;

use std::convert::Infallible;
use std::error::Error;
use std::future::poll_fn;
use std::pin::pin;

use actix_web::error::ErrorBadRequest;
use actix_web::{HttpRequest, HttpResponse, Scope, web};
use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use tower::Service;

pub use feed::RequestBody;
use feed::{Feed, feed};
pub use guard::TowerGuard;
use response::ResponseBody;

/// Serves a path, and everything below it, with a service of tower: the management of keys by
/// `keyward::admin::KeyAdmin`, or a router of axum.
///
/// It goes into `App::service`, before any scope that begins alike, and inside
/// [`ApiKeyAuth`](crate::ApiKeyAuth): of the app, or wrapped around what this returns. The service
/// sees the request as it came, with its whole path, and finds in it what `keyward::tower` looks
/// for: the key or the other guard's principal, and the request's id.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use actix_web::App;
/// use actix_web::test::{TestRequest, call_service, init_service};
/// use keyward::actix::{ApiKeyAuth, mount};
/// use keyward::admin::{KeyAdmin, KeyGuard};
/// use keyward::dialect::Dialect;
/// use keyward::key::Grant;
/// use keyward::manage::{KeyManager, NewKey};
/// use keyward::store::MemoryStore;
/// use keyward::verify::Verifier;
///
/// let store = MemoryStore::new();
/// let manager = KeyManager::builder(Dialect::scribe_sight(), store.clone()).open().await?;
/// let verifier = Verifier::builder(Dialect::scribe_sight(), store).build()?;
/// let auth = ApiKeyAuth::new(verifier);
/// let admin = KeyAdmin::new(manager.clone(), KeyGuard)?;
/// // In a server: `HttpServer::new(move || App::new().service(mount(admin.path(), admin.clone()))…)`.
/// let app = init_service(App::new().service(mount(admin.path(), admin.clone())).wrap(auth)).await;
///
/// let writer = manager.create(NewKey::new("acme", "CI")).await?.key;
/// let reader = NewKey::new("acme", "reads").with_grant(Grant::Only("read".parse()?));
/// let reader = manager.create(reader).await?.key;
/// for (key, status) in [(writer, 201), (reader, 403)] {
///     let request = TestRequest::post()
///         .uri("/api/v1/api-keys")
///         .insert_header(("authorization", format!("Bearer {}", key.expose())))
///         .insert_header(("content-type", "application/json"))
///         .set_payload(r#"{"name":"Production API"}"#);
///     assert_eq!(call_service(&app, request.to_request()).await.status(), status);
/// }
/// # Ok(()) }
/// ```
///
/// Bodies are streamed both ways. The service's future is awaited where it was asked, and dropped
/// when the request is: with the connection, if the server says `h1_allow_half_closed(false)`. What
/// the service spawned finds an error in the request's body when its response is done. What it has
/// left of that body then is actix-http's to read, as
/// [`ApiKeyAuth`](crate::ApiKeyAuth#uploads) says; nobody is upgraded, and trailers are left out.
///
/// # Panics
/// Like [`web::scope`], on a path that is no pattern of actix-web.
pub fn mount<S, B>(path: &str, service: S) -> Scope
where
    S: Service<Request<RequestBody>, Response = Response<B>, Error = Infallible> + Clone + 'static,
    B: Body<Data = Bytes, Error: Into<Box<dyn Error>>> + 'static,
{
    let serve = move |request: HttpRequest, payload: web::Payload| {
        let (feed, body) = feed(&request, payload.into_inner());
        let request = request::translate(&request, body);
        let service = service.clone();
        async move {
            let request = request.map_err(ErrorBadRequest)?;
            answer(service, request, feed).await
        }
    };
    web::scope(path).default_service(web::to(serve))
}

/// The response, whose head may be there before the request's body is.
async fn answer<S, B>(
    mut service: S,
    request: Request<RequestBody>,
    mut feed: Feed,
) -> actix_web::Result<HttpResponse<ResponseBody<B>>>
where
    S: Service<Request<RequestBody>, Response = Response<B>, Error = Infallible>,
    B: Body<Data = Bytes>,
{
    let is_head = request.method() == http::Method::HEAD;
    let response = {
        let mut answered = pin!(async move {
            let Ok(()) = poll_fn(|cx| service.poll_ready(cx)).await;
            let Ok(response) = service.call(request).await;
            response
        });
        poll_fn(|cx| {
            feed.go_on(cx);
            answered.as_mut().poll(cx)
        })
        .await
    };
    response::translate(response, is_head, feed)
}
