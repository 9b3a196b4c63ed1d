//! Services of tower inside actix-web.

mod ends;
mod messages;
mod uploads;

use std::time::Duration;

use actix_web::App;
use axum::Router;
use keyward::actix::mount;
use keyward_tests::Keys;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::auth;
use crate::server::Server;

const SIZE: usize = 50_000_000;
/// Longer than anything takes here.
const PATIENCE: Duration = Duration::from_mins(2);

/// Serves a router below `/tower`, for those with a key.
fn serve(keys: &Keys, router: Router) -> Server {
    let auth = auth(keys);
    Server::start_with(
        move || App::new().service(mount("/tower", router.clone())).wrap(auth.clone()),
        false,
    )
}

/// A client that has sent the head of a request with a body in chunks.
async fn begin(server: &Server, path: &str, key: &str) -> TcpStream {
    let mut connection = TcpStream::connect(server.address).await.unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: test\r\nauthorization: Bearer {key}\r\n\
         transfer-encoding: chunked\r\n\r\n"
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    connection
}

async fn read_until(connection: &mut TcpStream, end: &str) -> String {
    let mut text = String::new();
    while !text.ends_with(end) {
        text.push(timeout(PATIENCE, connection.read_u8()).await.unwrap().unwrap().into());
    }
    text
}
