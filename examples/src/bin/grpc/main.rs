//! A gRPC service guarded by API keys: which machines of a workspace are up.
//!
//! ```text
//! cargo run --bin grpc
//! ```
//!
//! The first start makes keys, shows each once, and prints two calls to paste. The service is in
//! `machines.rs`. It is gRPC's own health service, whose code comes ready: that of any `.proto` goes
//! in the same place.

mod machines;

use std::net::SocketAddr;
use std::process::ExitCode;

use keyward::dialect::Dialect;
use keyward::key::{Grant, PlainKey, Resources};
use keyward::manage::{KeyManager, NewKey};
use keyward::scope;
use keyward::tower::{ApiKeyAuth, RequireScopeLayer};
use keyward_examples::{
    DRAIN, Failure, Keys, Options, bind, clients, demo, exit, grpc, log_to_stderr, say, told_to_end,
};
use tokio::time::sleep;
use tonic::service::LayerExt;
use tonic_health::pb::health_server::HealthServer;

use crate::machines::Machines;

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::of("grpc");
    log_to_stderr();
    exit(run(&options).await)
}

async fn run(options: &Options) -> Result<(), Failure> {
    // Before any key is made: a port that is taken must not cost the one look at the secrets.
    let listener = bind(&options.listen).await?;
    let address = listener.local_addr()?;
    let keys = Keys::open(options, Dialect::standard()).await?;
    if keys.are_wanted().await? {
        make_keys(&keys.manager, address).await?;
    }

    // One layer around all services, and for each the scope that it asks for.
    let reads = RequireScopeLayer::<scope!("machines:read")>::new();
    let server = grpc::server()
        .layer(ApiKeyAuth::new(keys.verifier.clone()).grpc())
        .add_service(reads.named_layer(HealthServer::new(Machines)));

    let (end, cut_off) = (told_to_end()?, told_to_end()?);
    say(&format!("listening on http://{address}"))?;
    tokio::select! {
        ended = server.serve_with_incoming_shutdown(clients(listener), end) => ended?,
        () = async { cut_off.await; sleep(DRAIN).await } => {
            tracing::warn!("some requests took too long and were cut off");
        }
    }
    keys.close().await;
    Ok(())
}

async fn make_keys(manager: &KeyManager, address: SocketAddr) -> Result<(), Failure> {
    let read = || Ok::<_, Failure>(Grant::Only("machines:read".parse()?));
    let all = NewKey::new("acme", "All machines").with_grant(read()?);
    let all = demo::create(manager, "all", all).await?;
    let one = NewKey::new("acme", "One machine").with_grant(read()?);
    let one = one.with_resources(Resources::Only(vec!["billing".to_owned()]));
    demo::create(manager, "billing", one).await?;
    let none = NewKey::new("acme", "No scope").with_grant(Grant::Only("".parse()?));
    let none = demo::create(manager, "noscope", none).await?;
    let other = NewKey::new("globex", "Of another workspace").with_grant(read()?);
    demo::create(manager, "other", other).await?;

    say(&curl(address, &all))?; // grpc-status: 0
    say(&curl(address, &none)) // grpc-status: 7
}

/// A call to paste into a shell: the message is the name `billing`.
fn curl(address: SocketAddr, key: &PlainKey) -> String {
    let message = r"printf '\0\0\0\0\011\012\007billing'";
    let curl = demo::curl(address, "/grpc.health.v1.Health/Check", key);
    format!(
        "{message} | {curl} --http2-prior-knowledge -H 'Content-Type: application/grpc' \
         -H 'TE: trailers' --data-binary @- --output -"
    )
}
