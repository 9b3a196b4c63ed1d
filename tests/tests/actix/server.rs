use std::fmt::Debug;
use std::net::SocketAddr;
use std::time::Duration;

use actix_http::Request;
use actix_service::IntoServiceFactory;
use actix_web::body::MessageBody;
use actix_web::dev::{AppConfig, Response, ServerHandle, Service, ServiceFactory};
use actix_web::{Error, HttpServer};
use keyward_tests::Client;

/// An application on a socket, with one worker. It ends when this is dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    handle: ServerHandle,
}

impl Server {
    /// Serves what the factory makes, on a free port.
    pub(crate) fn start<F, I, S, B>(factory: F) -> Self
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
        Self::start_with(factory, true)
    }

    /// The same, which serves clients that have closed their half of the connection, or does not.
    pub(crate) fn start_with<F, I, S, B>(factory: F, half_closed: bool) -> Self
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
        let server = HttpServer::new(factory)
            .workers(1)
            .disable_signals()
            .shutdown_timeout(0)
            // Longer than anybody here takes to send a body, on whatever machine.
            .client_disconnect_timeout(Duration::from_mins(1))
            .h1_allow_half_closed(half_closed)
            .bind_auto_h2c("127.0.0.1:0")
            .unwrap();
        let address = server.addrs()[0];
        let server = server.run();
        let handle = server.handle();
        tokio::spawn(server);
        Self { address, handle }
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(format!("http://{}", self.address))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The order goes out at once; what is returned only waits.
        drop(self.handle.stop(false));
    }
}
