//! Notes, guarded by API keys, on hyper alone: HTTP/1 and HTTP/2 without a framework.
//!
//! ```text
//! cargo run --bin plain-hyper
//! ```
//!
//! The first start makes keys, shows each once, and prints `curl` lines to paste. The layers are in
//! `api.rs`; that is the part to copy.

mod api;
mod notes;

use std::net::SocketAddr;
use std::process::ExitCode;

use hyper::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use keyward::dialect::Dialect;
use keyward::key::Grant;
use keyward::manage::{KeyManager, NewKey};
use keyward_examples::{
    Failure, HEAD, Keys, Options, bind, demo, exit, log_to_stderr, say, serve_connections,
};
use tower::ServiceExt;

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::of("plain-hyper");
    log_to_stderr();
    exit(run(&options).await)
}

async fn run(options: &Options) -> Result<(), Failure> {
    // Before any key is made: a port that is taken must not cost the one look at the secrets.
    let listener = bind(&options.listen).await?;
    let keys = Keys::open(options, Dialect::standard()).await?;
    if keys.are_wanted().await? {
        make_keys(&keys.manager, listener.local_addr()?).await?;
    }
    let mut http = auto::Builder::new(TokioExecutor::new());
    http.http1().timer(TokioTimer::new()).header_read_timeout(HEAD);
    // A client that is gone without a word answers no ping.
    http.http2().timer(TokioTimer::new()).keep_alive_interval(HEAD);
    let service = api::service(keys.verifier.clone());
    serve_connections(listener, |stream, address| {
        // Keys may work from some networks alone.
        let service = service.clone().map_request(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(address);
            request
        });
        http.serve_connection(stream, TowerToHyperService::new(service)).into_owned()
    })
    .await?;
    keys.close().await;
    Ok(())
}

async fn make_keys(manager: &KeyManager, address: SocketAddr) -> Result<(), Failure> {
    let write = Grant::Only("notes:read notes:write".parse()?);
    let write = NewKey::new("acme", "Editor").with_grant(write);
    let write = demo::create(manager, "write", write).await?;
    let read = NewKey::new("acme", "Reader").with_grant(Grant::Only("notes:read".parse()?));
    let read = demo::create(manager, "read", read).await?;

    let [write, read] = [write, read].map(|key| demo::curl(address, "/notes", &key));
    say(&format!("{write} -d 'Call Ada.'"))?; // 201
    say(&format!("{read} --http2-prior-knowledge"))?; // 200
    say(&format!("{read} -d 'Call Bob.'")) // 403: this key may only read
}
