//! Where a secret shows, and where it must not. Alone in its process, because it reads all logs.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fmt::Debug;
use std::fs;
use std::path::Path;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::routing::get;
use keyward::audit::AuditQuery;
use keyward::axum::{ApiKey, ApiKeyAuth, RequestId};
use keyward::dialect::Dialect;
use keyward::key::{KeyDigest, KeyId, PlainKey};
use keyward::manage::{KeyManager, ListKeys, NewKey, Reach, Rotate};
use keyward::store::SqliteStore;
use keyward::verify::{RejectionKind, Verifier};
use keyward_tests::{Logs, Server, raw};

/// Everything that was said, shown or written.
#[derive(Default)]
struct Traces(Vec<(String, Vec<u8>)>);

impl Traces {
    fn keep(&mut self, place: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.0.push((place.into(), bytes.into()));
    }

    fn keep_debug(&mut self, place: &str, value: &impl Debug) {
        self.keep(place, format!("{value:?} {value:#?}"));
    }

    /// Sends a request with these header lines and keeps the whole answer.
    async fn ask(&mut self, server: &Server, path: &str, headers: &[String], status: u16) {
        let lines: Vec<&[u8]> = headers.iter().map(String::as_bytes).collect();
        let answer = raw(server.address, path, &lines).await;
        assert_eq!(answer.status, status, "{}", answer.body);
        self.keep(format!("an answer {status}"), format!("{:?}", answer.headers) + &answer.body);
    }

    fn keep_files(&mut self, folder: &Path) -> usize {
        let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
        files.map(|path| self.keep(path.display().to_string(), fs::read(path).unwrap())).count()
    }

    /// The logs hold a digest in none of the forms in which one can be written.
    fn assert_logs_are_free_of_digest(&self, digest: &KeyDigest) {
        let (_, logs) = self.0.iter().find(|(place, _)| place == "the logs").unwrap();
        let logs = String::from_utf8_lossy(logs).to_lowercase();
        let bytes = digest.as_bytes();
        let hex = hex::encode(bytes);
        let list = format!("{bytes:?}");
        for form in [&hex, list.trim_matches(['[', ']'])] {
            assert!(!logs.contains(form), "{form}");
        }
    }

    /// The part of a key that no mask shows is nowhere.
    fn assert_free_of(&self, key: &PlainKey) {
        let body = key.expose().strip_prefix("kw_live_").unwrap();
        let hidden = &body.as_bytes()[4..body.len() - 4];
        for (place, bytes) in &self.0 {
            let found = bytes.windows(hidden.len()).any(|window| window == hidden);
            assert!(!found, "{place}: {}", String::from_utf8_lossy(bytes));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn secret_appears_in_exactly_two_responses() {
    let logs = Logs::of_process();
    let mut traces = Traces::default();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db");
    let store = SqliteStore::open(path.to_str().unwrap()).await.unwrap();
    let dialect = Dialect::standard();
    let manager = KeyManager::builder(dialect.clone(), store.clone()).open().await.unwrap();
    let verifier = Verifier::builder(dialect, store.clone())
        .with_lookup_timeout(Duration::from_millis(500))
        .build()
        .unwrap();

    // One: create. Two: rotate.
    let issued = manager.create(NewKey::new("acme", "first")).await.unwrap();
    let rotate = Rotate::now().with_grace(Duration::from_hours(1)).with_retry_token("retry");
    let rotation = manager.rotate(&issued.record.id, rotate.clone()).await.unwrap();
    traces.keep_debug("Issued", &issued);
    traces.keep_debug("Rotation", &rotation);
    let old = issued.key;
    let new = rotation.key.as_ref().unwrap();
    assert_ne!(old.expose(), new.expose());
    let secrets = [&old, new];

    // Every other answer of the manager.
    let again = manager.rotate(&issued.record.id, rotate).await.unwrap();
    assert!(again.key.is_none());
    traces.keep_debug("a rotation tried again", &again);
    traces.keep_debug("get", &manager.get(&rotation.new.id).await.unwrap());
    traces.keep_debug("list", &manager.list(&ListKeys::new()).await.unwrap());
    let trail = manager.audit(&AuditQuery::new()).await.unwrap();
    assert_eq!(trail.entries.len(), 3, "created, rotated, created");
    traces.keep_debug("the audit trail", &trail);
    let conflict = manager.rotate(&issued.record.id, Rotate::now()).await.unwrap_err();
    traces.keep_debug("a conflict", &conflict);
    let twice = manager.adopt(new, NewKey::new("acme", "a second time")).await.unwrap_err();
    traces.keep_debug("an adoption of a key that is kept", &twice);
    traces.keep("its sentence", twice.to_string());
    let almost = PlainKey::new(format!("{}!", old.expose()));
    let malformed = manager.adopt(&almost, NewKey::new("acme", "malformed")).await.unwrap_err();
    traces.keep_debug("an adoption of no key", &malformed);
    traces.keep("its sentence", malformed.to_string());

    // Whatever a handler may print.
    let show = |id: RequestId, key: ApiKey, request: Request| async move {
        let refused = key.refuse(RejectionKind::Scope);
        format!("{key:?} {id:?} {request:?} {refused:?} {refused}")
    };
    let auth = ApiKeyAuth::new(verifier.clone());
    for (place, value) in [
        ("ApiKeyAuth", &auth as &dyn Debug),
        ("Verifier", &verifier),
        ("KeyManager", &manager),
        ("SqliteStore", &store),
        ("PlainKey", &old),
    ] {
        traces.keep(place, format!("{value:?}"));
    }
    let refuse = |key: ApiKey| async move { key.require("b").map(|()| StatusCode::OK) };
    let router = Router::new().route("/", get(show)).route("/scope", get(refuse)).layer(auth);
    let server = Server::start(router).await;
    let bearer = |key: &str| [format!("authorization: Bearer {key}")];
    for key in secrets.map(PlainKey::expose) {
        // Of the store, then of the cache; in another header; without the scope.
        traces.ask(&server, "/", &bearer(key), 200).await;
        traces.ask(&server, "/", &bearer(key), 200).await;
        traces.ask(&server, "/", &[format!("x-api-key: {key}")], 200).await;
        traces.ask(&server, "/scope", &bearer(key), 403).await;
        // Almost a key, or at the wrong place.
        traces.ask(&server, "/", &bearer(&format!("{key}0")), 401).await;
        traces.ask(&server, "/", &bearer(&format!("{key} {key}")), 401).await;
        traces.ask(&server, "/", &[format!("authorization: Basic {key}")], 401).await;
        traces.ask(&server, "/", &[format!("x-key: {key}")], 401).await;
        let [authorization] = bearer(key);
        let two = [authorization, format!("x-api-key: {key}")];
        traces.ask(&server, "/", &two, 400).await;
    }
    // Text of a client's own, wherever it can put some.
    for (path, header) in [
        ("/said-by-a-client", "authorization: Bearer said-by-a-client"),
        ("/?key=said-by-a-client", "x-request-id: said-by-a-client"),
        ("/", "authorization: said-by-a-client and more"),
        ("/", "user-agent: said-by-a-client"),
    ] {
        traces.ask(&server, path, &[header.to_owned()], 401).await;
    }
    manager.revoke(&issued.record.id, Reach::Key).await.unwrap();
    traces.ask(&server, "/", &bearer(old.expose()), 401).await;
    assert_eq!(traces.keep_files(folder.path()), 3, "the database, its log, its shared memory");
    // Nothing is left in the cache that counts, and the store is gone.
    manager.delete(&rotation.new.id).await.unwrap();
    store.close().await;
    traces.ask(&server, "/", &bearer(new.expose()), 503).await;
    let failed = manager.adopt(new, NewKey::new("acme", "no store")).await.unwrap_err();
    traces.keep_debug("a failed adoption", &failed);
    verifier.shutdown().await;
    traces.keep_files(folder.path());

    let logs = logs.text();
    assert_names_what_it_is_about(&logs, &issued.record.id);
    traces.keep("the logs", logs);
    for secret in secrets {
        traces.assert_free_of(secret);
        let digest = KeyDigest::sha256(secret.expose().as_bytes());
        traces.assert_logs_are_free_of_digest(&digest);
    }
}

/// The lines are those of these requests, name the key and its workspace, and nothing that a client
/// has sent.
#[track_caller]
fn assert_names_what_it_is_about(logs: &str, id: &KeyId) {
    let own: Vec<&str> = logs.lines().filter(|line| line.contains(" keyward: ")).collect();
    let said = |words: &[&str]| own.iter().any(|line| words.iter().all(|word| line.contains(word)));
    let key = format!("key=\"{id}\"");
    for words in [
        &["INFO", "key managed act=\"created\"", &key, "workspace=\"acme\""][..],
        &["INFO", "key managed act=\"rotated\"", &key],
        &["INFO", "key managed act=\"revoked\"", &key],
        &["DEBUG", "request let in", &key, "workspace=\"acme\"", "request_id="],
        &["DEBUG", "request refused", "kind=\"scope\"", &key, "workspace=\"acme\"", "request_id="],
        &["DEBUG", "request refused", "kind=\"revoked\"", &key, "workspace=\"acme\""],
        &["DEBUG", "request refused", "kind=\"malformed\" request_id="],
        &["DEBUG", "request refused", "kind=\"unavailable\""],
        &["DEBUG", "lookup{keys=1}", "store asked", "took=", "failed=false"],
        &["WARN", "lookup{keys=1}", "lookup failed"],
        &["WARN", "lookup failed", "error="],
    ] {
        assert!(said(words), "{words:?}");
    }
    let repeated: Vec<&&str> =
        own.iter().filter(|line| line.contains("said-by-a-client")).collect();
    assert!(repeated.is_empty(), "{repeated:#?}");
}
