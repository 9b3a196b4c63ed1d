use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::stream::{self, Stream};
use keyward::dialect::{Dialect, InFlight};
use keyward::key::Grant;
use keyward::manage::{Issued, KeyManager, NewKey, Reach};
use keyward::scope;
use keyward::store::MemoryStore;
use keyward::tower::{ApiKey, ApiKeyAuth, RequestId, RequireScopeLayer};
use keyward::verify::{RejectionKind, Verifier};
use keyward_tests::Outage;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Mutex, Notify};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tonic::body::Body;
use tonic::client;
use tonic::codegen::http;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::metadata::MetadataValue;
use tonic::server::{Grpc, NamedService};
use tonic::service::LayerExt;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Channel, Server};
use tonic::{Request, Response, Status, Streaming};
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::health_server::{Health, HealthServer};
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};
use tonic_prost::ProstCodec;
use tower::{Service, service_fn};

pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// The one message that all methods answer with.
pub(crate) const ANSWER: HealthCheckResponse = HealthCheckResponse { status: 1 };

/// gRPC's health service has a method for each of the two usual forms, and its code is ready. Here
/// the name of a service is what a test wants of it.
#[derive(Clone)]
struct Desk {
    begun: UnboundedSender<()>,
    goes_on: Arc<Notify>,
    messages: Arc<Mutex<UnboundedReceiver<HealthCheckResponse>>>,
}

#[tonic::async_trait]
impl Health for Desk {
    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        let key = ApiKey::of(request.extensions())?;
        match &*request.get_ref().service {
            "limited" => Err(key.refuse(RejectionKind::RateLimited))?,
            "elsewhere" => key.require_workspace("elsewhere")?,
            "writes" => key.require("50% | projects-write")?,
            "slow" => {
                self.begun.send(()).unwrap();
                self.goes_on.notified().await;
            }
            _ => {}
        }
        let mut response = Response::new(ANSWER);
        response.metadata_mut().insert("workspace", key.workspace().parse().unwrap());
        let id = RequestId::of(request.extensions()).unwrap().to_string();
        response.metadata_mut().insert("handler-saw", id.parse().unwrap());
        Ok(response)
    }

    type WatchStream = Pin<Box<dyn Stream<Item = Result<HealthCheckResponse, Status>> + Send>>;

    async fn watch(
        &self,
        _: Request<HealthCheckRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let messages = Arc::clone(&self.messages).lock_owned().await;
        Ok(Response::new(Box::pin(stream::unfold(messages, async |mut messages| {
            Some((Ok(messages.recv().await?), messages))
        }))))
    }
}

/// A second service, with one method that takes a stream.
#[derive(Clone)]
pub(crate) struct Uploads;

impl NamedService for Uploads {
    const NAME: &'static str = "test.Uploads";
}

impl Service<http::Request<Body>> for Uploads {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let put = service_fn(async |request: Request<Streaming<HealthCheckRequest>>| {
            let mut messages = request.into_inner();
            while messages.message().await?.is_some() {}
            Ok::<_, Status>(Response::new(ANSWER))
        });
        Box::pin(async move {
            let mut grpc = Grpc::new(ProstCodec::default());
            Ok(grpc.client_streaming(put, request).await)
        })
    }
}

/// A server with both services, and its keys.
pub(crate) struct Stage {
    pub(crate) address: SocketAddr,
    pub(crate) outage: Outage,
    pub(crate) manager: KeyManager,
    pub(crate) messages: UnboundedSender<HealthCheckResponse>,
    pub(crate) goes_on: Arc<Notify>,
    begun: UnboundedReceiver<()>,
    server: JoinHandle<()>,
}

impl Stage {
    pub(crate) async fn set() -> Self {
        Self::set_with(InFlight::Finish, ApiKeyAuth::grpc).await
    }

    pub(crate) async fn set_with(
        policy: InFlight,
        layer: impl FnOnce(ApiKeyAuth) -> ApiKeyAuth,
    ) -> Self {
        let dialect = Dialect::builder("grpc").like(&Dialect::bigspin()).in_flight(policy);
        let dialect = dialect.build().unwrap();
        let store = MemoryStore::new();
        let outage = Outage::before(store.clone());
        let manager = KeyManager::builder(dialect.clone(), store).open().await.unwrap();
        let verifier = Verifier::builder(dialect, outage.clone()).build().unwrap();

        let (sender, begun) = unbounded_channel();
        let (messages, receiver) = unbounded_channel();
        let goes_on = Arc::new(Notify::new());
        let desk = Desk {
            begun: sender,
            goes_on: Arc::clone(&goes_on),
            messages: Arc::new(Mutex::new(receiver)),
        };
        let reads = RequireScopeLayer::<scope!("projects-read")>::new();
        let writes = RequireScopeLayer::<scope!("projects-write")>::new();
        let server = Server::builder()
            .accept_http1(true)
            .layer(layer(ApiKeyAuth::new(verifier)))
            .add_service(reads.named_layer(HealthServer::new(desk)))
            .add_service(writes.named_layer(Uploads));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(async move {
            server.serve_with_incoming(TcpIncoming::from(listener)).await.unwrap();
        });
        Self { address, outage, manager, messages, goes_on, begun, server }
    }

    pub(crate) async fn key(&self, scopes: &str) -> Issued {
        let grant = Grant::Only(scopes.parse().unwrap());
        self.manager.create(NewKey::new("acme", "a test's key").with_grant(grant)).await.unwrap()
    }

    pub(crate) async fn revoke(&self, key: &Issued) {
        self.manager.revoke(&key.record.id, Reach::Key).await.unwrap();
    }

    /// The unary method.
    pub(crate) async fn check(
        &self,
        service: &str,
        keys: &[&str],
    ) -> Result<Response<HealthCheckResponse>, Status> {
        let service = service.to_owned();
        let request = with_keys(HealthCheckRequest { service }, keys);
        timeout(PATIENCE, HealthClient::new(connect(self.address).await).check(request))
            .await
            .unwrap()
    }

    /// The method that answers with a stream.
    pub(crate) async fn watch(
        &self,
        keys: &[&str],
    ) -> Result<Streaming<HealthCheckResponse>, Status> {
        let request = with_keys(HealthCheckRequest::default(), keys);
        let watch = async { HealthClient::new(connect(self.address).await).watch(request).await };
        timeout(PATIENCE, watch).await.unwrap().map(Response::into_inner)
    }

    /// The method that takes a stream.
    pub(crate) async fn upload(
        &self,
        messages: impl Stream<Item = HealthCheckRequest> + Send + 'static,
        keys: &[&str],
    ) -> Result<HealthCheckResponse, Status> {
        self.call("/test.Uploads/Put", messages, keys).await
    }

    /// Any method.
    pub(crate) async fn call(
        &self,
        path: &'static str,
        messages: impl Stream<Item = HealthCheckRequest> + Send + 'static,
        keys: &[&str],
    ) -> Result<HealthCheckResponse, Status> {
        let mut client = client::Grpc::new(connect(self.address).await);
        client.ready().await.unwrap();
        let path = PathAndQuery::from_static(path);
        let answer =
            client.client_streaming(with_keys(messages, keys), path, ProstCodec::default());
        timeout(PATIENCE, answer).await.unwrap().map(Response::into_inner)
    }

    /// Calls a slow handler, which has begun when this returns.
    pub(crate) async fn begin(
        &mut self,
        key: &Issued,
    ) -> JoinHandle<Result<HealthCheckResponse, Status>> {
        let slow = HealthCheckRequest { service: "slow".to_owned() };
        let request = with_keys(slow, &[key.key.expose()]);
        let mut client = HealthClient::new(connect(self.address).await);
        let answer =
            tokio::spawn(async move { client.check(request).await.map(Response::into_inner) });
        timeout(PATIENCE, self.begun.recv()).await.unwrap().unwrap();
        answer
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.server.abort();
    }
}

pub(crate) async fn connect(address: SocketAddr) -> Channel {
    Channel::from_shared(format!("http://{address}")).unwrap().connect().await.unwrap()
}

/// A request with all of these keys.
pub(crate) fn with_keys<T>(message: T, keys: &[&str]) -> Request<T> {
    let mut request = Request::new(message);
    for key in keys {
        let bearer = MetadataValue::try_from(format!("Bearer {key}")).unwrap();
        request.metadata_mut().append("authorization", bearer);
    }
    request
}

pub(crate) async fn next(
    stream: &mut Streaming<HealthCheckResponse>,
) -> Result<Option<HealthCheckResponse>, Status> {
    timeout(PATIENCE, stream.message()).await.unwrap()
}
