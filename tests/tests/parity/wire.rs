//! Asks a server: over a socket with the bytes of HTTP/1, and with a client of HTTP/2.

use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use keyward_tests::{Answer, Client, Raw};

use crate::stage::{Listening, Stage};
use crate::table::Row;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    Http1,
    Http2,
}

impl Version {
    /// Those in which a row can be said.
    pub(crate) fn of(row: &Row) -> &'static [Self] {
        if row.is_of_every_version() { &[Self::Http1, Self::Http2] } else { &[Self::Http1] }
    }
}

/// The answers of a server, one for each request of a row. `None` when one of them does not come,
/// of which there is a panic to read.
pub(crate) async fn ask(
    server: &Listening,
    version: Version,
    row: &Row,
    stage: &Stage,
) -> Option<Vec<Answer>> {
    let asked = async {
        match version {
            Version::Http1 => ask_over_http1(server.address, row, stage).await,
            Version::Http2 => ask_over_http2(&server.http2, row, stage).await,
        }
    };
    AssertUnwindSafe(asked).catch_unwind().await.ok()
}

async fn ask_over_http1(address: SocketAddr, row: &Row, stage: &Stage) -> Vec<Answer> {
    let mut connection = Raw::connect(address).await;
    let mut answers = Vec::new();
    // Whether a body that nobody wants ends the connection is the server's to say, so that what
    // comes after it may be on a new one, as with every client.
    let mut may_be_closed = false;
    for step in &row.steps {
        let (bytes, rest) = step.request.bytes(stage).expect("keys that the stage has");
        let mut answer = connection.ask(&bytes).await;
        if answer.is_none() && may_be_closed {
            connection = Raw::connect(address).await;
            answer = connection.ask(&bytes).await;
        }
        let mut answer = answer.expect("a connection that goes on");
        // Whether to ask for a body that will not be read is the server's to say.
        if answer.status == 100 {
            connection.send(rest.as_bytes()).await;
            answer = connection.answer().await;
        }
        answers.push(answer);
        may_be_closed = step.request.has_body();
    }
    answers
}

async fn ask_over_http2(client: &Client, row: &Row, stage: &Stage) -> Vec<Answer> {
    let mut answers = Vec::new();
    for step in &row.steps {
        let request = step.request.build(client, stage).expect("keys that the stage has");
        answers.push(client.send(request).await);
    }
    answers
}
