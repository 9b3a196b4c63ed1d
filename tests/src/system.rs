//! A program of one of the four systems, with new keys, and what all of them answer alike.

use reqwest::Method;
use serde_json::Value;
use tempfile::TempDir;

use crate::answer::{Answer, Client};
use crate::program::Program;

/// A program in a folder of its own, asked below a path.
#[derive(Debug)]
pub struct System {
    /// The program.
    pub program: Program,
    /// Asks below the path.
    pub client: Client,
    /// Where the program's store is.
    pub folder: TempDir,
}

impl System {
    /// Starts a program on an empty store.
    pub async fn start(program: &str, path: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let program = Program::start(program, folder.path(), &[]).await;
        Self { client: program.client(path), program, folder }
    }

    /// A request with the key of a label.
    pub async fn ask(
        &self,
        label: &str,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Answer {
        let request = self.client.request(method, path).bearer_auth(self.program.key(label));
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        self.client.send(request).await
    }

    /// `GET` with the key of a label.
    pub async fn get(&self, label: &str, path: &str) -> Answer {
        self.ask(label, Method::GET, path, None).await
    }

    /// `POST` of JSON with the key of a label.
    pub async fn post(&self, label: &str, path: &str, body: &Value) -> Answer {
        self.ask(label, Method::POST, path, Some(body)).await
    }

    /// The first words of the lines that it printed, such as the labels after `key `.
    pub fn words_after(&self, start: &str) -> Vec<&str> {
        let lines = self.program.lines.iter().filter_map(|line| line.strip_prefix(start));
        lines.filter_map(|line| line.split(' ').next()).collect()
    }
}

/// Bodies that no endpoint can read are answered in the API's own words.
pub async fn assert_refuses_bad_bodies(system: &System, label: &str, path: &str) {
    let key = system.program.key(label);
    let deep = format!("{{\"name\":{}", "[".repeat(10_000));
    let huge = format!("{{\"name\":\"{}\"}}", "a".repeat(10_000_000));
    for (body, statuses) in [
        (&b"{"[..], &[400, 422][..]),
        (b"\xff\xfe", &[400, 422]),
        (b"{\"name\":\"\0\"}", &[400, 422]),
        (b"[1]", &[400, 422]),
        (b"null", &[400, 422]),
        (deep.as_bytes(), &[400, 422]),
        (huge.as_bytes(), &[413]),
    ] {
        let request = system.client.request(Method::POST, path).bearer_auth(key);
        let request = request.header("content-type", "application/json").body(body.to_vec());
        let answer = system.client.send(request).await;
        assert!(statuses.contains(&answer.status), "{} {}", answer.status, answer.body);
        assert_eq!(answer.header("content-type"), Some("application/json"));
        let body = answer.json();
        assert!(body.get("error").or(body.get("detail")).is_some(), "{}", answer.body);
    }
}

/// Unknown paths and methods are answered in the API's own words, and strangers learn nothing.
pub async fn assert_refuses_strange_requests(system: &System, label: &str, path: &str) {
    for (method, path, status) in
        [(Method::GET, "/nowhere", 404), (Method::GET, "/%FF", 404), (Method::TRACE, path, 405)]
    {
        let answer = system.ask(label, method.clone(), path, None).await;
        assert_eq!(answer.status, status, "{}", answer.body);
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert!(!answer.json()["error"]["code"].is_null(), "{}", answer.body);
        assert!(answer.header("x-request-id").is_some());
        let stranger = system.client.send(system.client.request(method, path)).await;
        assert_eq!((stranger.status, stranger.header("allow")), (401, None));
    }
}
