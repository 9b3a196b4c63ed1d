use std::net::SocketAddr;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::answer::Answer;

/// Longer than any answer takes here.
const PATIENCE: Duration = Duration::from_secs(10);

/// A connection that sends bytes as they are.
#[derive(Debug)]
pub struct Raw(TcpStream);

impl Raw {
    /// Connects.
    pub async fn connect(address: SocketAddr) -> Self {
        Self(TcpStream::connect(address).await.expect("a connection"))
    }

    /// Sends these bytes now.
    pub async fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.expect("sent");
    }

    /// The next answer, whose body is as long as its `content-length` says.
    pub async fn answer(&mut self) -> Answer {
        self.next(true).await.expect("a whole head")
    }

    /// Sends a request and reads its answer, without a body where the request is a `HEAD`. `None`
    /// when the server has closed the connection instead.
    pub async fn ask(&mut self, request: &[u8]) -> Option<Answer> {
        self.0.write_all(request).await.ok()?;
        self.next(!request.starts_with(b"HEAD ")).await
    }

    /// Whether the server closes the connection without a word more.
    pub async fn is_closed(&mut self) -> bool {
        timeout(PATIENCE, self.0.read_u8()).await.expect("closed in time").is_err()
    }

    async fn next(&mut self, has_body: bool) -> Option<Answer> {
        timeout(PATIENCE, self.read_answer(has_body)).await.expect("an answer in time")
    }

    async fn read_answer(&mut self, has_body: bool) -> Option<Answer> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            match self.0.read_u8().await {
                Ok(byte) => head.push(byte),
                Err(_) if head.is_empty() => return None,
                Err(error) => panic!("half a head: {error}"),
            }
        }
        let head = String::from_utf8(head).expect("a head of text");
        let mut lines = head.trim_end().split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).expect("a status line");
        let headers: HeaderMap = lines
            .map(|line| {
                let (name, value) = line.split_once(": ").expect("a header");
                let name = HeaderName::from_bytes(name.as_bytes()).expect("a name");
                (name, HeaderValue::from_str(value).expect("a value"))
            })
            .collect();
        let length = headers.get("content-length").filter(|_| has_body);
        let length = length.map_or("0", |length| length.to_str().expect("text"));
        let mut body = vec![0; length.parse().expect("a number")];
        self.0.read_exact(&mut body).await.expect("a whole body");
        let body = String::from_utf8(body).expect("a body of text");
        Some(Answer { status: status.parse().expect("a number"), headers, body })
    }
}

/// `GET` of a path with these header lines, as bytes, each without its line end.
pub async fn raw(address: SocketAddr, path: &str, headers: &[&[u8]]) -> Answer {
    let mut connection = Raw::connect(address).await;
    let mut request = format!("GET {path} HTTP/1.1\r\nhost: test\r\n").into_bytes();
    for header in headers {
        request.extend_from_slice(header);
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    connection.send(&request).await;
    connection.answer().await
}
