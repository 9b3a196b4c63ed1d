//! The program on hyper alone: the same layers without a framework, in HTTP/1 and HTTP/2.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use keyward_tests::{Answer, System};
use reqwest::{Client, ClientBuilder, Method, Version};
use rustix::process::Signal;

const PROGRAM: &str = env!("CARGO_BIN_EXE_plain-hyper-under-test");

type Speaks = fn(ClientBuilder) -> ClientBuilder;

const HTTP: [(Speaks, Version); 2] = [
    (ClientBuilder::http1_only, Version::HTTP_11),
    (ClientBuilder::http2_prior_knowledge, Version::HTTP_2),
];

/// A client of one version of HTTP, which the server has to speak.
struct Speaker<'s> {
    system: &'s System,
    client: Client,
    version: Version,
}

impl Speaker<'_> {
    async fn ask(&self, key: Option<&str>, method: Method, path: &str, body: &str) -> Answer {
        let url = format!("http://{}{path}", self.system.program.address);
        let mut request = self.client.request(method, url).body(body.to_owned());
        if let Some(key) = key {
            request = request.bearer_auth(key);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.version(), self.version);
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Answer { status, headers, body: response.text().await.unwrap() }
    }
}

/// A refusal in the words of the dialect.
#[track_caller]
fn assert_refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status, answer.json()["code"].as_str()), (status, Some(code)));
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    assert_eq!(answer.json()["request_id"], answer.header("x-request-id").unwrap());
    assert!(answer.header("www-authenticate").unwrap().starts_with("Bearer"));
}

#[tokio::test]
async fn both_versions_of_http_let_the_same_keys_in() {
    for (speaks, version) in HTTP {
        let system = System::start(PROGRAM, "").await;
        let client = speaks(Client::builder().no_proxy()).build().unwrap();
        let [read, write] = ["read", "write"].map(|label| Some(system.program.key(label)));
        let speaker = Speaker { system: &system, client, version };
        let ask = async |key, method, path, body| speaker.ask(key, method, path, body).await;

        let added = ask(write, Method::POST, "/notes", "Call Ada.").await;
        assert_eq!((added.status, &*added.body), (201, "Noted.\n"));
        assert_eq!(added.header("x-request-id").unwrap().len(), 36);
        let notes = ask(read, Method::GET, "/notes", "").await;
        assert_eq!((notes.status, &*notes.body), (200, "Call Ada.\n"), "one workspace");

        let lacks = ask(read, Method::POST, "/notes", "Call Bob.").await;
        assert_refused(&lacks, 403, "insufficient_scope");
        let challenge = lacks.header("www-authenticate").unwrap();
        assert!(challenge.ends_with(r#"scope="notes:write""#), "{challenge}");
        for path in ["/notes", "/nowhere"] {
            for method in [Method::GET, Method::POST, Method::OPTIONS] {
                let missing = ask(None, method.clone(), path, "").await;
                assert_refused(&missing, 401, "missing_key");
                let invalid = ask(Some("kw_live_guess"), method, path, "").await;
                assert_refused(&invalid, 401, "invalid_key");
            }
        }
        assert_eq!(ask(read, Method::GET, "/nowhere", "").await.status, 404);
        for (key, path, status, length) in [
            (read, "/notes", 200, Some("10")),
            (read, "/nowhere", 404, Some("28")),
            (None, "/notes", 401, None),
        ] {
            let head = ask(key, Method::HEAD, path, "").await;
            assert_eq!((head.status, &*head.body), (status, ""));
            assert!(length.is_none() || head.header("content-length") == length, "{head:?}");
        }
        let deleted = ask(read, Method::DELETE, "/notes", "").await;
        assert_eq!((deleted.status, deleted.header("allow")), (405, Some("GET,HEAD,POST")));
        let long = "a".repeat(10_001);
        assert_eq!(ask(write, Method::POST, "/notes", &long).await.status, 400);
        assert_eq!(ask(read, Method::GET, "/notes", "").await.body, "Call Ada.\n");
    }
}

#[tokio::test]
async fn the_program_keeps_the_contract_of_all_programs() {
    let system = System::start(PROGRAM, "").await;
    assert_eq!(system.words_after("key "), ["write", "read"]);
    assert_eq!(system.program.paste().await, [201, 200, 403]);
    assert!(system.folder.path().join("plain-hyper.db").exists(), "the default store");
    system.program.signal(Signal::TERM);
    let ended = system.program.end().await;
    assert_eq!((ended.code, &*ended.stdout), (Some(0), ""), "{ended:?}");
}
