//! Requests that no honest client sends, and what every answer to them has in common.

use std::net::SocketAddr;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::TestRunner;
use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::answer::Answer;
use crate::bigspin::assert_is_request_id;
use crate::raw::Raw;
use crate::system::System;

/// An API to send such requests to.
#[derive(Debug, Clone)]
pub struct Target {
    /// Where it listens.
    pub address: SocketAddr,
    /// The header line with which requests are let in.
    pub credential: String,
    /// Ids of things that there are.
    pub ids: Vec<String>,
    /// Fields that its bodies have, each with a good value.
    pub fields: Vec<(&'static str, Value)>,
    /// Parameters that its queries have.
    pub parameters: &'static [&'static str],
}

/// One such request.
#[derive(Debug, Clone)]
struct Hostile {
    method: &'static str,
    target: String,
    content_type: Option<&'static str>,
    chunked: bool,
    body: Vec<u8>,
}

impl Target {
    /// Sends made-up requests to an endpoint, in whose path `{}` stands for an id, and has each
    /// answer checked: as one of the API's own, and as what every API owes.
    pub fn answers(
        &self,
        runtime: &Runtime,
        method: &'static str,
        path: &str,
        is_an_answer: impl Fn(&Answer),
    ) {
        let mut runner = TestRunner::new(ProptestConfig {
            cases: 32,
            failure_persistence: None,
            ..ProptestConfig::default()
        });
        let result = runner.run(&self.requests(method, path), |request| {
            let answer = runtime.block_on(self.send(&request));
            assert_is_owed(&answer);
            is_an_answer(&answer);
            Ok(())
        });
        result.unwrap_or_else(|error| panic!("{method} {path}: {error}"));
    }

    /// A JSON object with so long a name, sent to a path that there is.
    pub async fn send_large(
        &self,
        method: &'static str,
        path: &str,
        length: usize,
        chunked: bool,
    ) -> Answer {
        let body = format!("{{\"name\":\"{}\"}}", "a".repeat(length)).into_bytes();
        let content_type = Some("application/json");
        let answer = self
            .send(&Hostile { method, target: path.to_owned(), content_type, chunked, body })
            .await;
        assert_is_owed(&answer);
        answer
    }

    /// The head of a request with 10 MB, of which not one comes.
    pub async fn announce_large(&self, method: &str, path: &str) -> Answer {
        let mut connection = Raw::connect(self.address).await;
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: test\r\n{}\r\ncontent-type: application/json\r\n\
             content-length: 10000000\r\n\r\n",
            self.credential
        );
        connection.send(head.as_bytes()).await;
        let answer = connection.answer().await;
        assert_is_owed(&answer);
        answer
    }

    async fn send(&self, request: &Hostile) -> Answer {
        let Hostile { method, target, content_type, chunked, body } = request;
        let content_type = content_type.map(|of| format!("content-type: {of}\r\n"));
        let mut bytes = format!(
            "{method} {target} HTTP/1.1\r\nhost: test\r\n{}\r\n{}",
            self.credential,
            content_type.unwrap_or_default()
        )
        .into_bytes();
        if *chunked {
            bytes.extend_from_slice(b"transfer-encoding: chunked\r\n\r\n");
            for chunk in body.chunks(1_000_000) {
                bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                bytes.extend_from_slice(chunk);
                bytes.extend_from_slice(b"\r\n");
            }
            bytes.extend_from_slice(b"0\r\n\r\n");
        } else {
            let length = format!("content-length: {}\r\n\r\n", body.len());
            bytes.extend_from_slice(length.as_bytes());
            bytes.extend_from_slice(body);
        }
        let mut connection = Raw::connect(self.address).await;
        connection.send(&bytes).await;
        connection.answer().await
    }

    fn requests(&self, method: &'static str, path: &str) -> impl Strategy<Value = Hostile> + use<> {
        let path = path.to_owned();
        let id = prop_oneof![select(self.ids.clone()), garbage()];
        let value = prop_oneof![
            garbage(),
            "[0-9]{1,3}",
            any::<i64>().prop_map(|number| number.to_string()),
            "[0-9]{20,60}",
        ];
        let name = select(self.parameters).prop_map(str::to_owned);
        let parameter = (prop_oneof![4 => name, 1 => garbage()], value);
        let query = prop_oneof![
            Just(String::new()),
            garbage().prop_map(|query| format!("?{query}")),
            vec(parameter, 1..4).prop_map(|parameters| {
                let pairs = parameters.iter().map(|(name, value)| format!("{name}={value}"));
                format!("?{}", pairs.collect::<Vec<_>>().join("&"))
            }),
        ];
        let content_types = vec![
            Some("application/json"),
            Some("application/json;charset=latin1"),
            Some("application/vnd.api+json"),
            Some("text/plain"),
            Some("*/*"),
            Some(""),
            None,
        ];
        let content_type =
            prop_oneof![6 => Just(Some("application/json")), 1 => select(content_types)];
        (id, query, content_type, any::<bool>(), body(&self.fields)).prop_map(
            move |(id, query, content_type, chunked, body)| Hostile {
                method,
                target: path.replace("{}", &id) + &query,
                content_type,
                chunked,
                body,
            },
        )
    }
}

/// A program still answers after all that, and ends without ever having failed.
pub async fn assert_goes_on(system: System, label: &str, path: &str) {
    assert_eq!(system.get(label, path).await.status, 200);
    system.program.signal(Signal::TERM);
    let ended = system.program.end().await;
    assert_eq!(ended.code, Some(0));
    assert!(!ended.stderr.contains("panic"), "{}", ended.stderr);
}

/// No program fails, and every answer is JSON and says which request it is to.
#[track_caller]
fn assert_is_owed(answer: &Answer) {
    assert_ne!(answer.status, 500, "{}", answer.body);
    assert_is_request_id(answer);
    if answer.status == 204 {
        assert_eq!((&*answer.body, answer.header("content-type")), ("", None));
    } else {
        assert_eq!(answer.header("content-type"), Some("application/json"));
    }
}

/// What may stand in a URL: also escapes of anything, and of nothing.
fn garbage() -> impl Strategy<Value = String> + Clone {
    let piece = prop_oneof![
        "[a-zA-Z0-9._~!$'()*+,;:@/-]{1,8}",
        any::<u8>().prop_map(|byte| format!("%{byte:02X}")),
        select(vec!["%", "%zz", "%0", "..", "%2e%2e", "=", "&", "%00", "%ED%A0%80"])
            .prop_map(str::to_owned),
    ];
    vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn body(fields: &[(&'static str, Value)]) -> impl Strategy<Value = Vec<u8>> + use<> {
    let names: Vec<String> = fields.iter().map(|(name, _)| json!(name).to_string()).collect();
    let anything = anything(names.clone());
    let object = object(fields, &anything);
    let overwritten = (object.clone(), any::<Index>(), any::<u8>());
    let overwritten = overwritten.prop_map(|(text, at, byte)| {
        let mut bytes = text.into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        bytes
    });
    let nested = (0..2_000_usize, select(names), select(vec!["[", "{\"a\":"]));
    let nested = nested
        .prop_map(|(depth, name, opening)| format!("{{{name}:{}", opening.repeat(depth)).into());
    prop_oneof![
        6 => object.prop_map(String::into_bytes),
        2 => anything.prop_map(String::into_bytes),
        2 => overwritten,
        2 => vec(any::<u8>(), 0..300),
        1 => nested,
    ]
}

/// An object of the fields: good ones, wrong ones, some left out, and at times one too many.
fn object(
    fields: &[(&'static str, Value)],
    anything: &BoxedStrategy<String>,
) -> impl Strategy<Value = String> + Clone + use<> {
    let given = fields.iter().map(|(name, good)| {
        let (name, good) = (json!(name), good.to_string());
        let value = prop_oneof![
            6 => Just(Some(good)),
            2 => anything.clone().prop_map(Some),
            1 => Just(None),
        ];
        value.prop_map(move |value| value.map(|value| format!("{name}:{value}"))).boxed()
    });
    let more = prop_oneof![
        4 => Just(None),
        1 => anything.clone().prop_map(|value| Some(format!("\"more\":{value}"))),
    ];
    (given.collect::<Vec<_>>(), more).prop_map(|(mut members, more)| {
        members.push(more);
        format!("{{{}}}", members.into_iter().flatten().collect::<Vec<_>>().join(","))
    })
}

/// Any JSON, and what only looks like it.
fn anything(names: Vec<String>) -> BoxedStrategy<String> {
    let text = vec(any::<char>(), 0..20)
        .prop_map(|text| json!(text.into_iter().collect::<String>()).to_string());
    let leaf = prop_oneof![
        select(vec!["null", "true", "false", "-0", "1e400", "-1e-400", "1.5", "01", "NaN"])
            .prop_map(str::to_owned),
        any::<i64>().prop_map(|number| number.to_string()),
        any::<f64>().prop_map(|number| format!("{number:e}")),
        "[1-9][0-9]{20,400}",
        select(vec![r#""\u0000""#, r#""\ud800""#, "\"\u{7f}\""]).prop_map(str::to_owned),
        text.clone(),
    ];
    let name = prop_oneof![select(names), text];
    let json = leaf.prop_recursive(3, 16, 4, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            vec((name.clone(), inner), 0..4).prop_map(|members| {
                let members = members.iter().map(|(name, value)| format!("{name}:{value}"));
                format!("{{{}}}", members.collect::<Vec<_>>().join(","))
            }),
        ]
    });
    json.boxed()
}
