use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use super::client::requests;
use super::server::{Auth, Framework, PATH, Server};
use super::throughput::{Contestant, compare};
use crate::failure::{Failure, Result};
use crate::steps::cargo;

/// What a gateway asks for each request.
const ADDRESS: &str = "/auth?scopes=projects-read";
/// How much of a bare route's throughput it must have at least.
const BAR: f64 = 0.8;
const KEYS: usize = 1_000;
/// The program ends when it is told to, the servers that it is compared with when their standard
/// input does.
const UNTIL_INPUT_ENDS: &str = r#""$@" & read -r word; kill $!; wait $!"#;

/// Compares what `keyward serve` answers to gateways with a route that asks for nothing.
pub(crate) fn run(servers: &Path, rounds: u32) -> Result<()> {
    let build = ["build", "--profile", "bench", "--package", "keyward-cli", "--bin", "keyward"];
    if !cargo(build).status()?.success() {
        return Err(Failure::new("keyward does not build"));
    }
    let bare = Server::start(Command::new(servers), Framework::Axum, Auth::Bare)?;
    let asked = requests(PATH, &bare.keys);
    let bare = Contestant::new("a bare route of axum", Some(BAR), bare, asked)?;

    let mut command = Command::new("sh");
    command.args(["-c", UNTIL_INPUT_ENDS, "sh"]).arg(servers.with_file_name("keyward"));
    command.args(["serve", "--store", "memory:", "--listen", "127.0.0.1:0"]);
    let serve = Server::run(command)?;
    let operator = serve.keys.iter().find_map(|line| line.strip_prefix("operator "));
    let operator = operator.ok_or_else(|| Failure::new("keyward printed no operator's key"))?;
    let keys = (0..KEYS).map(|_| make(&serve, operator)).collect::<Result<Vec<_>>>()?;
    let serve = Contestant::new("keyward serve, /auth", None, serve, requests(ADDRESS, &keys))?;
    compare("A gateway's question", vec![bare, serve], rounds)
}

/// A new key, by the management API.
fn make(server: &Server, operator: &str) -> Result<String> {
    let body = r#"{"name":"production-upload","workspace":"acme","scopes":["projects-read","projects-write"]}"#;
    let mut stream = TcpStream::connect(server.address)?;
    write!(
        stream,
        "POST /api-keys HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {operator}\r\n\
         content-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let key = answer.split_once("\"key\":\"").and_then(|(_, rest)| rest.split_once('"'));
    key.map(|(key, _)| key.to_owned()).ok_or(Failure::new(answer))
}
