//! The service, and what of it a key may see.

use std::pin::Pin;

use futures_util::StreamExt;
use futures_util::stream::{self, Stream};
use keyward::tower::ApiKey;
use tonic::{Extensions, Request, Response, Status};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_server::Health;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};

/// Every machine there is: of which workspace, its name, and how it is.
const MACHINES: [(&str, &str, ServingStatus); 3] = [
    ("acme", "billing", ServingStatus::Serving),
    ("acme", "search", ServingStatus::NotServing),
    ("globex", "billing", ServingStatus::NotServing),
];

pub(crate) struct Machines;

#[tonic::async_trait]
impl Health for Machines {
    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        let status = status(request.extensions(), &request.get_ref().service)?;
        Ok(Response::new(status))
    }

    type WatchStream = Pin<Box<dyn Stream<Item = Result<HealthCheckResponse, Status>> + Send>>;

    async fn watch(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let status = status(request.extensions(), &request.get_ref().service)?;
        // How it is now, and whenever that changes: here it never does.
        let changes = stream::pending();
        Ok(Response::new(Box::pin(stream::iter([Ok(status)]).chain(changes))))
    }
}

/// The layer has left the key in the request's extensions, and `?` refuses as it does.
fn status(extensions: &Extensions, machine: &str) -> Result<HealthCheckResponse, Status> {
    let key = ApiKey::of(extensions)?;
    key.require_resource(machine)?;
    let of_workspace = MACHINES.iter().filter(|(workspace, ..)| *workspace == key.workspace());
    let mut known = of_workspace.filter(|(_, name, _)| *name == machine);
    match known.next() {
        Some((.., status)) => Ok(HealthCheckResponse { status: (*status).into() }),
        None => Err(Status::not_found("There is no such machine.")),
    }
}
