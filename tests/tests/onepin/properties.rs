//! Whatever is sent: an answer in the API's words, and never the API's own mistake.

use keyward_tests::Answer;
use proptest::collection::{hash_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::stage::Stage;

const CASES: u32 = 200;
const WORKFLOW: &str = "0b9a6c1e-3f52-4d7b-8a41-6c2e9d5f7081";

/// A request, as a strategy makes it up; `{key}` in its path is a key's id.
#[derive(Debug, Clone)]
struct Sent {
    who: Who,
    method: &'static str,
    path: String,
    body: Option<Vec<u8>>,
}

#[derive(Debug, Clone, Copy)]
enum Who {
    Operator,
    Stranger,
    Key,
    Nobody,
}

/// Sends what the strategy makes up to one program, which still answers as ever in the end.
fn check(sent: impl Strategy<Value = Sent>) {
    let runtime = Runtime::new().unwrap();
    let stage = runtime.block_on(Stage::start());
    let key = runtime.block_on(stage.create("Everything", &SCOPES)).1;
    let other = runtime.block_on(stage.create("Managed", &SCOPES)).0.id;
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(CASES) };
    let result = TestRunner::new(config).run(&sent, |sent| {
        let Sent { who, method, path, body } = sent;
        let mut request =
            stage.system.client.request(method.parse().unwrap(), &path.replace("{key}", &other));
        request = match who {
            Who::Operator => request.bearer_auth(&stage.operator),
            Who::Stranger => request.bearer_auth(&stage.stranger),
            Who::Key => request.bearer_auth(&key),
            Who::Nobody => request,
        };
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body);
        }
        is_an_answer(&runtime.block_on(stage.send(request)))
    });
    result.unwrap();
    let (record, _) = runtime.block_on(stage.create("Afterwards", &[]));
    let shown = runtime.block_on(stage.manage("GET", &format!("/{}", record.id), ""));
    assert_eq!(shown.json()["data"].to_string(), record.shown());
    assert_eq!(runtime.block_on(stage.get(&key, "/workflows")).status, 200);
}

fn is_an_answer(answer: &Answer) -> Result<(), TestCaseError> {
    let body = &*answer.body;
    prop_assert!((200..500).contains(&answer.status), "{} {body}", answer.status);
    prop_assert_eq!(answer.header("content-type"), Some("application/json"));
    prop_assert!(answer.header("x-request-id").is_some_and(|id| id.len() == 36));
    let json: Value = serde_json::from_str(body)
        .map_err(|error| TestCaseError::fail(format!("{error}: {body}")))?;
    let names = |value: &Value| {
        let members = value.as_object().into_iter().flatten();
        members.map(|(name, _)| name.clone()).collect::<Vec<_>>()
    };
    match (answer.status, &*names(&json)) {
        (422, [detail]) if detail == "detail" => {
            let faults = json["detail"].as_array().map(Vec::as_slice).unwrap_or_default();
            prop_assert!((1..=50).contains(&faults.len()), "{body}");
            for fault in faults {
                prop_assert_eq!(names(fault), ["loc", "msg", "type"]);
            }
        }
        (400.., [error, meta]) if error == "error" && meta == "meta" => {
            prop_assert_eq!(names(&json["error"]), ["code", "message", "details"]);
            prop_assert_eq!(names(&json["meta"]), ["request_id", "timestamp"]);
        }
        (..400, [data, .., meta]) if data == "data" && meta == "meta" => {
            prop_assert_eq!(names(&json["meta"]), ["request_id", "timestamp"]);
        }
        _ => prop_assert!(false, "no envelope: {} {body}", answer.status),
    }
    if let Some(id) = json.pointer("/meta/request_id") {
        prop_assert_eq!(id.as_str(), answer.header("x-request-id"));
    }
    Ok(())
}

const SCOPES: [&str; 4] = ["workflows:read", "workflows:run", "voices:read", "workspace:read"];

fn who() -> impl Strategy<Value = Who> {
    prop_oneof![
        6 => Just(Who::Operator),
        1 => Just(Who::Stranger),
        4 => Just(Who::Key),
        1 => Just(Who::Nobody),
    ]
}

/// Every endpoint, with a hole where an id is.
fn endpoints() -> impl Strategy<Value = (&'static str, &'static str)> {
    select(vec![
        ("GET", "/api-keys"),
        ("POST", "/api-keys"),
        ("GET", "/api-keys/{}"),
        ("PATCH", "/api-keys/{}"),
        ("DELETE", "/api-keys/{}"),
        ("PATCH", "/api-keys/{}/rotate"),
        ("GET", "/workflows"),
        ("POST", "/workflows/{}/runs"),
        ("GET", "/voices"),
        ("GET", "/usage/summary"),
        ("GET", "/auth/whoami"),
    ])
}

/// Bytes as they may stand in a path, percent-encoded or not.
fn ids() -> impl Strategy<Value = String> {
    let encoded = vec(any::<u8>(), 0..24).prop_map(|bytes| {
        bytes.iter().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat()
    });
    prop_oneof![
        3 => encoded,
        2 => "[!-~]{0,40}".prop_map(|text: String| text.replace(['?', '#'], "/")),
        1 => select(vec!["..", "%2e%2e", ".", "%2F", "%00", "%", "%zz", "%C0%80", "%ED%A0%80"])
            .prop_map(str::to_owned),
        1 => ".{0,12}".prop_map(|text: String| text.replace(['?', '#'], "/")),
        1 => Just(WORKFLOW.to_owned()),
    ]
}

fn numbers() -> impl Strategy<Value = String> {
    prop_oneof![
        "-?[1-9][0-9]{0,60}",
        "-?[0-9]{1,3}\\.[0-9]{1,30}",
        "-?[1-9]e-?[0-9]{1,4}",
        Just("0".to_owned()),
    ]
}

/// JSON as text, since not every text of JSON is a [`Value`].
fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        select(vec!["null", "true", "false", "\"\\u0000\"", "\"live\"", "\"workflows:run\""])
            .prop_map(str::to_owned),
        numbers(),
        ".{0,12}".prop_map(|text: String| json!(text).to_string()),
        "[a-z]{100,300}".prop_map(|text: String| json!(text).to_string()),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        let list = vec(inner.clone(), 0..6).prop_map(|items| format!("[{}]", items.join(",")));
        let object = hash_map(".{0,6}", inner, 0..4).prop_map(object);
        prop_oneof![list, object]
    })
}

fn object<K: AsRef<str>>(members: impl IntoIterator<Item = (K, String)>) -> String {
    let members =
        members.into_iter().map(|(name, value)| format!("{}:{value}", json!(name.as_ref())));
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

fn fields() -> impl Strategy<Value = String> {
    let names =
        select(vec!["name", "scopes", "rate_limit_per_min", "key_type", "active", "inputs", "x"]);
    hash_map(names, json(), 0..6).prop_map(object)
}

fn bodies() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => fields().prop_map(String::into_bytes),
        1 => json().prop_map(String::into_bytes),
        2 => vec(any::<u8>(), 0..200),
        1 => (fields(), any::<u8>()).prop_map(|(text, byte)| [text.as_bytes(), &[byte]].concat()),
        1 => (1..60_000usize, select(vec!["[", "{\"name\":", "[{\"a\":"]))
            .prop_map(|(depth, open)| open.repeat(depth / open.len()).into_bytes()),
        1 => (1..20_000usize).prop_map(|count| {
            format!(r#"{{"name":"A","scopes":[1{}]}}"#, ",1".repeat(count)).into_bytes()
        }),
    ]
}

fn queries() -> impl Strategy<Value = String> {
    let names = select(vec!["limit", "offset", "status", "%00", "x"]);
    let values = prop_oneof![
        numbers(),
        "[0-9]{1,3}",
        select(vec!["active", "revoked", "all", "%FF", "%", "+", ""]).prop_map(str::to_owned),
        "[!-~]{0,12}".prop_map(|text: String| text.replace('#', "")),
    ];
    vec((names, values), 0..5).prop_map(|pairs| {
        let pairs = pairs.into_iter().map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("&")
    })
}

#[test]
fn any_body_is_answered_in_the_apis_words() {
    let ids = select(vec!["{key}", WORKFLOW]);
    check((who(), endpoints(), ids, bodies()).prop_map(|(who, (method, path), id, body)| Sent {
        who,
        method,
        path: path.replace("{}", id),
        body: Some(body),
    }));
}

#[test]
fn any_id_is_answered_in_the_apis_words() {
    check((who(), endpoints(), ids()).prop_map(|(who, (method, path), id)| Sent {
        who,
        method,
        path: path.replace("{}", &id),
        body: Some(b"{}".to_vec()),
    }));
}

#[test]
fn any_parameters_are_answered_in_the_apis_words() {
    let lists = select(vec!["/api-keys", "/workflows", "/voices", "/auth/whoami"]);
    check((who(), lists, queries()).prop_map(|(who, path, query)| Sent {
        who,
        method: "GET",
        path: format!("{path}?{query}"),
        body: None,
    }));
}
