use std::fmt::Debug;
use std::time::Duration;

use actix_http::Request;
use actix_service::IntoServiceFactory;
use actix_web::body::MessageBody;
use actix_web::dev::{AppConfig, Response, Service, ServiceFactory};
use actix_web::{Error, HttpServer};
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::failure::Failure;
use crate::server::{DRAIN, HEAD, told_to_end};
use crate::{say, server};

/// As [`serve`](server::serve), with what the factory makes for each worker.
///
/// # Errors
/// When signals or standard output do not work.
pub async fn serve<F, I, S, B>(listener: TcpListener, app: F) -> Result<(), Failure>
where
    F: Fn() -> I + Send + Clone + 'static,
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig> + 'static,
    S::Error: Into<Error> + 'static,
    S::InitError: Debug,
    S::Response: Into<Response<B>> + 'static,
    <S::Service as Service<Request>>::Future: 'static,
    S::Service: 'static,
    B: MessageBody + 'static,
{
    let end = told_to_end()?;
    say(&format!("listening on http://{}", listener.local_addr()?))?;
    let server = HttpServer::new(app)
        .disable_signals()
        .client_request_timeout(HEAD)
        .keep_alive(HEAD)
        // For so long it reads what a handler leaves of a body.
        .client_disconnect_timeout(Duration::from_secs(10))
        // A client that goes away ends its request.
        .h1_allow_half_closed(false)
        // Longer than is waited for here.
        .shutdown_timeout(2 * DRAIN.as_secs())
        .listen(listener.into_std()?)?
        .run();
    let handle = server.handle();
    let running = tokio::spawn(server);
    end.await;
    // The order goes out at once; what is returned only waits.
    drop(handle.stop(true));
    server::drained(timeout(DRAIN, running)).await;
    Ok(())
}
