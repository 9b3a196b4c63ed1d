//! Requests as the table writes them: texts in which `{name}` stands for a key of the stage.

use keyward_tests::Client;
use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{Method, RequestBuilder};

use crate::stage::Stage;

#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    lines: Vec<&'static str>,
    body: Body,
    old: bool,
}

#[derive(Debug, Clone, Copy)]
enum Body {
    None,
    /// With its length.
    Whole(&'static str),
    /// As chunks.
    Chunks(&'static [&'static str]),
    /// A chunk, and the half of another: the client sends no more.
    Unfinished,
    /// With its length, when the server says that it wants it.
    Awaited(&'static str),
}

pub(crate) fn request(method: &'static str, path: &'static str) -> Request {
    Request { method, path, lines: Vec::new(), body: Body::None, old: false }
}

pub(crate) fn get(path: &'static str) -> Request {
    request("GET", path)
}

pub(crate) fn head(path: &'static str) -> Request {
    request("HEAD", path)
}

pub(crate) fn post(path: &'static str) -> Request {
    request("POST", path)
}

impl Request {
    /// Adds a header line.
    pub(crate) fn with(mut self, line: &'static str) -> Self {
        self.lines.push(line);
        self
    }

    pub(crate) fn body(self, text: &'static str) -> Self {
        Self { body: Body::Whole(text), ..self }
    }

    pub(crate) fn chunks(self, chunks: &'static [&'static str]) -> Self {
        Self { body: Body::Chunks(chunks), ..self }
    }

    /// A body in chunks whose end does not come.
    pub(crate) fn unfinished(self) -> Self {
        Self { body: Body::Unfinished, ..self }
    }

    /// A body that is sent after `100 Continue`.
    pub(crate) fn awaited(self, text: &'static str) -> Self {
        Self { body: Body::Awaited(text), ..self }
    }

    /// In HTTP/1.0.
    pub(crate) fn old(self) -> Self {
        Self { old: true, ..self }
    }

    pub(crate) fn has_body(&self) -> bool {
        !matches!(self.body, Body::None)
    }

    /// Whether it can be said in HTTP/2 as well.
    pub(crate) fn is_of_every_version(&self) -> bool {
        !self.old && matches!(self.body, Body::None | Body::Whole(_))
    }

    /// `None` where the API has no such key.
    pub(crate) fn lines(&self, stage: &Stage) -> Option<Vec<Vec<u8>>> {
        self.lines.iter().map(|line| fill(line, stage)).collect()
    }

    /// As HTTP/1 writes it: what is sent at once, and what is sent when the server asks for it.
    pub(crate) fn bytes(&self, stage: &Stage) -> Option<(Vec<u8>, &'static str)> {
        let version = if self.old { "1.0" } else { "1.1" };
        let first = format!("{} {} HTTP/{version}", self.method, self.path);
        let mut bytes = fill(&first, stage)?;
        bytes.extend_from_slice(b"\r\nhost: test\r\n");
        for line in self.lines(stage)? {
            bytes.extend_from_slice(&line);
            bytes.extend_from_slice(b"\r\n");
        }
        let mut rest = "";
        let more = match self.body {
            Body::None => "\r\n".to_owned(),
            Body::Whole(text) => format!("content-length: {}\r\n\r\n{text}", text.len()),
            Body::Chunks(chunks) => {
                let sized = chunks.iter().map(|chunk| format!("{:x}\r\n{chunk}\r\n", chunk.len()));
                let chunks = sized.collect::<String>();
                format!("transfer-encoding: chunked\r\n\r\n{chunks}0\r\n\r\n")
            }
            Body::Unfinished => {
                "transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n5\r\nwo".to_owned()
            }
            Body::Awaited(text) => {
                rest = text;
                format!("content-length: {}\r\nexpect: 100-continue\r\n\r\n", text.len())
            }
        };
        bytes.extend_from_slice(more.as_bytes());
        Some((bytes, rest))
    }

    /// For a client that writes it.
    pub(crate) fn build(&self, client: &Client, stage: &Stage) -> Option<RequestBuilder> {
        let path = String::from_utf8(fill(self.path, stage)?).unwrap();
        let method = Method::from_bytes(self.method.as_bytes()).unwrap();
        let mut request = client.request(method, &path);
        for line in self.lines(stage)? {
            let colon = line.iter().position(|byte| *byte == b':').unwrap();
            let name = HeaderName::from_bytes(&line[..colon]).unwrap();
            let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).unwrap();
            request = request.header(name, value);
        }
        match self.body {
            Body::Whole(text) => Some(request.body(text)),
            _ => Some(request),
        }
    }
}

/// Puts keys in the place of their names.
fn fill(text: &str, stage: &Stage) -> Option<Vec<u8>> {
    let mut filled = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap();
        filled.extend_from_slice(before.as_bytes());
        filled.extend_from_slice(stage.text(name)?);
        rest = after;
    }
    filled.extend_from_slice(rest.as_bytes());
    Some(filled)
}
