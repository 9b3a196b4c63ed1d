//! Ten thousand requests that no honest client sends.

use keyward_tests::{Raw, Served};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use rustix::process::Signal;
use serde_json::json;

use crate::KEYWARD;

const REQUESTS: usize = 10_000;
const SEED: [u8; 32] = *b"the same requests in every run..";
/// More than the program needs, in KiB.
const MOST_MEMORY: u64 = 256 << 10;

/// Requests, with `KEY` and `OPERATOR` where a good one may stand.
fn requests() -> impl Strategy<Value = Vec<u8>> {
    let paths = vec![
        "/verify",
        "/introspect",
        "/auth",
        "/auth/nginx",
        "/auth/refusal",
        "/auth/envoy/a",
        "/api-keys",
        "/api-keys/a",
        "/api-keys/a/rotate",
        "/nowhere",
    ];
    let methods = vec!["GET", "POST", "PATCH", "DELETE", "PUT", "HEAD", "OPTIONS", "BREW"];
    let query = prop_oneof![
        3 => Just(String::new()),
        2 => "\\?(scopes|resource|x)=[!-~]{0,20}(&scopes=[a-z+%|]{0,9})?",
    ];
    let header = (
        select(vec![
            "x-keyward-scopes",
            "x-keyward-refusal",
            "x-original-uri",
            "x-workspace-id",
            "x-api-key",
            "content-type",
            "x-request-id",
        ]),
        prop_oneof![
            "[ -~]{0,30}",
            select(vec![
                "KEY",
                "kind=rate_limited&retry_after=99999999999&request_id=%0d%0a&ratelimit=%0d%0ax",
                "kind=scope&scope=a%22%0d%0ab",
                "application/json",
                "application/x-www-form-urlencoded",
            ])
            .prop_map(str::to_owned),
        ],
    );
    let credential = select(vec!["OPERATOR", "OPERATOR", "KEY", "KEY", "junk", ""]);
    (select(methods), select(paths), query, credential, vec(header, 0..4), body()).prop_map(
        |(method, path, query, credential, headers, body)| {
            let mut request = format!("{method} {path}{query} HTTP/1.1\r\nhost: test\r\n");
            if !credential.is_empty() {
                request.extend(["authorization: Bearer ", credential, "\r\n"]);
            }
            for (name, value) in headers {
                request.extend([name, ": ", &value, "\r\n"]);
            }
            request.extend(["content-length: ", &body.len().to_string(), "\r\n\r\n"]);
            [request.into_bytes(), body].concat()
        },
    )
}

/// Something like what is sent to such an address, or nothing like it.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        "[ -~]{0,12}",
        select(vec![
            "KEY",
            "OPERATOR",
            "{",
            "}",
            "[",
            "]",
            "\"key\":",
            "\"key\":\"KEY\"",
            "\"scopes\":",
            ",",
            "token=",
            "token=KEY",
            "&",
            "%00",
            "%",
            "+",
            "%ff",
            "\"name\":\"a\"",
            "null",
            "1e999",
            "\\u0000",
            "\\ud800",
            "\"workspace\":\"*\"",
            "\"expires_at\":\"9999-12-31T23:59:60Z\"",
            "-0",
            "|",
        ])
        .prop_map(str::to_owned),
    ];
    let text = vec(piece, 0..12).prop_map(|pieces| pieces.concat());
    let bytes = vec(any::<u8>(), 0..200);
    let nested = (1..3_000_usize).prop_map(|depth| format!("{{\"key\":{}", "[".repeat(depth)));
    let whole = select(vec![
        r#"{"key":"KEY"}"#,
        r#"{"key":"KEY","scopes":"a | b","resource":"\u0000"}"#,
        r#"[{"key":"KEY"},{"key":""}]"#,
        r#"{"name":"a","workspace":"acme"}"#,
        "token=KEY",
        "token=KEY&token=KEY",
    ]);
    prop_oneof![
        4 => text.clone().prop_map(String::into_bytes),
        3 => whole.prop_map(|body| body.as_bytes().to_vec()),
        2 => bytes,
        1 => nested.prop_map(String::into_bytes),
    ]
}

/// Puts real keys in their places; a body is then as long as it says no more, so it is cut.
fn with_keys(request: &[u8], key: &str, operator: &str) -> Vec<u8> {
    let text = String::from_utf8_lossy(request);
    let text = text.replace("OPERATOR", operator).replace("KEY", key);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return request.to_vec() };
    let lines = head.split("\r\n").filter(|line| !line.starts_with("content-length: "));
    let head = lines.collect::<Vec<_>>().join("\r\n");
    format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

#[tokio::test]
async fn ten_thousand_hostile_requests_are_answered_and_the_program_goes_on() {
    println!("seed: {}", String::from_utf8_lossy(&SEED));
    let served = Served::start(KEYWARD, &[]).await;
    let (_, key) = served.create(json!({"scopes": ["a"]})).await;
    let operator = served.operator().to_owned();
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &SEED);
    let mut runner = TestRunner::new_with_rng(ProptestConfig::default(), rng);
    let requests = requests();
    let mut connection = Raw::connect(served.program.address).await;
    let mut statuses = std::collections::BTreeMap::new();
    let mut sent = 0;
    while sent < REQUESTS {
        let request = requests.new_tree(&mut runner).unwrap().current();
        let request = with_keys(&request, &key, &operator);
        // A server may close a connection after any answer, or in place of one to what is no HTTP.
        let Some(answer) = connection.ask(&request).await else {
            connection = Raw::connect(served.program.address).await;
            continue;
        };
        sent += 1;
        *statuses.entry(answer.status).or_insert(0) += 1;
        let shown = String::from_utf8_lossy(&request);
        assert_ne!(answer.status, 500, "{shown}\n{}", answer.body);
        assert!(
            answer.status != 503 || shown.contains("/auth/refusal"),
            "{shown}\n{}",
            answer.body
        );
        assert!(!answer.body.contains(&key), "{shown}\n{}", answer.body);
        if answer.status == 400 && answer.headers.get("connection").is_some() {
            connection = Raw::connect(served.program.address).await;
        }
    }
    println!("{statuses:?}");
    assert!(statuses[&200] > 100 && statuses[&401] > 100 && statuses[&400] > 100, "{statuses:?}");
    assert_eq!(served.verify(&json!({"key": key})).await.json()["valid"], true);
    let memory = served.program.memory();
    assert!(memory < MOST_MEMORY, "{memory} KiB");
    served.program.signal(Signal::TERM);
    let ended = served.program.end().await;
    assert_eq!(ended.code, Some(0));
    assert!(!ended.stderr.contains("panic"), "{}", ended.stderr);
    assert!(!ended.stderr.contains(&key) && !ended.stderr.contains(&operator));
}
