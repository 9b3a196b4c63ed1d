//! Requests whose key ends while their handler works.

use keyward_tests::forms::assert_json;
use keyward_tests::systemprompt::assert_invalid;
use keyward_tests::{Answer, Raw, System, within};
use serde_json::{Value, json};

use crate::{API, BOUND, operator, start};

/// A request whose handler waits for the rest of the body.
struct Held {
    connection: Raw,
    rest: String,
}

impl Held {
    /// Sends the head, and of a body in chunks also the first.
    async fn begin(
        system: &System,
        method: &str,
        path: &str,
        key: &str,
        body: &Value,
        chunked: bool,
    ) -> Self {
        let mut connection = Raw::connect(system.program.address).await;
        let mut rest = body.to_string();
        let length = if chunked {
            "transfer-encoding: chunked".to_owned()
        } else {
            format!("content-length: {}", rest.len())
        };
        let head = format!(
            "{method} {API}{path} HTTP/1.1\r\nhost: test\r\nauthorization: Bearer {key}\r\n\
             content-type: application/json\r\nexpect: 100-continue\r\n{length}\r\n\r\n"
        );
        connection.send(head.as_bytes()).await;
        // The handler asks for the body: it is at work.
        assert_eq!(connection.answer().await.status, 100);
        if chunked {
            let second = rest.split_off(rest.len() / 2);
            connection.send(chunk(&rest).as_bytes()).await;
            rest = chunk(&second) + &chunk("");
        }
        Self { connection, rest }
    }

    /// Lets the handler end.
    async fn end(mut self) -> Answer {
        self.connection.send(self.rest.as_bytes()).await;
        self.connection.answer().await
    }
}

fn chunk(text: &str) -> String {
    format!("{:x}\r\n{text}\r\n", text.len())
}

async fn create(system: &System, things: &str) -> String {
    let created = system.post("live", &format!("/{things}"), &json!({"name": "Before"})).await;
    let created = assert_json(&created, 201);
    format!("/{things}/{}", created["id"].as_str().unwrap())
}

#[tokio::test]
async fn who_loses_the_key_meanwhile_gets_p1_although_the_handler_ends_its_work() {
    let system = start().await;
    let operator = operator(&system);
    let scopes = "skills:read,skills:write,agents:write,mcp:write";
    for (act, chunked) in [
        (&["revoke"][..], false),
        (&["revoke"], true),
        (&["delete", "--yes"], false),
        (&["rotate"], true),
    ] {
        let (id, key) = operator.create(&["--name", "ends", "--scope", scopes]).await;
        let (agent, server) = (create(&system, "agents").await, create(&system, "mcp").await);
        let name = format!("After {act:?} {chunked}");
        let body = json!({"name": name});
        let begin =
            async |method, path, key| Held::begin(&system, method, path, key, &body, chunked).await;
        let refused = [
            begin("POST", "/skills", &*key).await,
            begin("PUT", &*agent, &*key).await,
            begin("PATCH", &*server, &*key).await,
        ];
        let kept = begin("POST", "/plugins", system.program.key("live")).await;

        operator.keys(&[act, &[&id]].concat()).await;
        let ask = async || system.client.get("/skills", &key).await;
        assert_invalid(&within(BOUND, 401, ask).await);
        for held in refused {
            assert_invalid(&held.end().await);
        }
        assert_eq!(kept.end().await.status, 201, "another key's request goes on");

        let skills = system.get("live", "/skills?per_page=100").await.json();
        let last = skills["items"].as_array().unwrap().last().unwrap().clone();
        for item in [
            last,
            system.get("live", &agent).await.json(),
            system.get("live", &server).await.json(),
        ] {
            assert_eq!(item["name"], name, "it was done");
        }
    }
}

#[tokio::test]
async fn a_response_whose_head_has_left_stands() {
    let system = start().await;
    let operator = operator(&system);
    let (id, key) = operator.create(&["--name", "ends", "--scope", "content:read"]).await;
    // More than connections buffer, so that the body is still on its way.
    let long = json!({"name": "Long", "description": "\u{10348}".repeat(10_000)});
    for _ in 0..100 {
        assert_json(&system.post("live", "/content", &long).await, 201);
    }
    let list = "/content?per_page=100";
    let whole = system.get("live", list).await.body;
    assert!(whole.len() > 4_000_000);

    let streaming = system.client.request(reqwest::Method::GET, list).bearer_auth(&key);
    let streaming = streaming.send().await.unwrap();
    assert_eq!(streaming.status(), 200);
    operator.keys(&["revoke", &id]).await;
    let ask = async || system.client.get("/content", &key).await;
    assert_invalid(&within(BOUND, 401, ask).await);
    assert_eq!(streaming.text().await.unwrap(), whole);
}
