//! Whatever is sent, the API answers in its own words and goes on.

use std::fmt::Write;

use keyward_tests::scribe_sight::request_id;
use keyward_tests::{Answer, Raw, System};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;

use super::service::{BASE, start_in_memory, text};

/// Asks the program about every value that a strategy makes.
fn for_all<S: Strategy>(cases: u32, strategy: &S, property: &impl AsyncFn(&System, S::Value)) {
    let runtime = Runtime::new().unwrap();
    let system = runtime.block_on(start_in_memory());
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let held = TestRunner::new(config).run(strategy, |value| {
        runtime.block_on(property(&system, value));
        Ok(())
    });
    assert!(held.is_ok(), "{}", held.unwrap_err());
    for (label, status) in [("secret", 200), ("publishable", 403)] {
        let answer = runtime.block_on(system.get(label, "/org"));
        assert_eq!(answer.status, status, "it goes on");
    }
}

/// Something that would be text, with what the parsers of others stumble over.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => ".{0,40}",
        2 => "[a-z_]{0,12}",
        1 => select(vec!["\0", "__proto__", "read", "write", "proj_interviews", "null"])
            .prop_map(str::to_owned),
        1 => (200_usize..2_000).prop_map(|length| "é".repeat(length)),
    ]
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any_text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            btree_map(any_text(), inner, 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// An object with the fields that the API knows, of the right shape more often than not.
fn any_fields() -> impl Strategy<Value = Map<String, Value>> {
    let name = prop_oneof![2 => any_text().prop_map(Value::from), 1 => any_json()];
    let scopes = select(vec!["read", "write", "read", "write", "upload-initiate", "all", "Read"]);
    let scopes = prop_oneof![
        3 => vec(scopes, 0..4).prop_map(Value::from),
        1 => any_json(),
    ];
    let project = prop_oneof![
        3 => Just("proj_interviews".to_owned()),
        1 => Just("proj_support".to_owned()),
        1 => any_text(),
    ];
    let projects = prop_oneof![
        3 => vec(project, 0..4).prop_map(Value::from),
        1 => any_json(),
    ];
    let more = btree_map(any_text(), any_json(), 0..3);
    (name.clone(), option::of(scopes), option::of(projects), option::of(name), more).prop_map(
        |(name, scopes, projects, filename, more)| {
            let mut fields: Map<String, Value> = more.into_iter().collect();
            fields.insert("name".to_owned(), name);
            let rest = [("scopes", scopes), ("project_ids", projects), ("filename", filename)];
            for (field, value) in rest {
                fields.extend(value.map(|value| (field.to_owned(), value)));
            }
            fields
        },
    )
}

fn any_body() -> impl Strategy<Value = Vec<u8>> {
    let json = || any_fields().prop_map(|fields| Value::Object(fields).to_string());
    prop_oneof![
        4 => json().prop_map(String::into_bytes),
        2 => any_json().prop_map(|value| value.to_string().into_bytes()),
        2 => vec(any::<u8>(), 0..600),
        1 => (json(), 0.0..1.0).prop_map(|(json, part)| {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a part of a length")]
            let cut = (json.len() as f64 * part) as usize;
            json.into_bytes()[..cut].to_vec()
        }),
        1 => (0_usize..40_000, select(vec!["[", "{\"name\":"])).prop_map(|(depth, open)| {
            format!("{{\"name\":{}", open.repeat(depth)).into_bytes()
        }),
        1 => (select(vec!["1e", "-", "0.", ""]), "[0-9]{1,400}").prop_map(|(sign, digits)| {
            format!("{{\"name\":{sign}{digits}}}").into_bytes()
        }),
        1 => json().prop_map(|json| [b"\xef\xbb\xbf", json.as_bytes()].concat()),
        1 => json().prop_map(|json| json.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        1 => (60_000_usize..70_000).prop_map(|length| {
            format!("{{\"name\":\"CI\"{}}}", " ".repeat(length)).into_bytes()
        }),
    ]
}

fn percent_encoded(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "%{byte:02x}").unwrap();
        text
    })
}

/// A segment of a path, as it may stand in a request line.
fn any_segment() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => select(vec!["proj_interviews", "proj_support", "proj_research", "key_nobody", "api-keys"])
            .prop_map(str::to_owned),
        2 => vec(any::<u8>(), 0..40).prop_map(|bytes| percent_encoded(&bytes)),
        2 => "[A-Za-z0-9._~!$&'()*+,;=:@-]{0,80}",
        1 => select(vec!["..", ".", "%2e%2e%2f", "%00", "%", "%f", "%zz", "{id}", "*"])
            .prop_map(str::to_owned),
        1 => (100_usize..5_000).prop_map(|length| "a".repeat(length)),
    ]
}

/// A path below the API's, of an endpoint or near to one.
fn any_path() -> impl Strategy<Value = String> {
    let id = any_segment;
    prop_oneof![
        3 => Just("/api-keys".to_owned()),
        3 => id().prop_map(|key| format!("/api-keys/{key}")),
        1 => (id(), id()).prop_map(|(key, more)| format!("/api-keys/{key}/{more}")),
        1 => select(vec!["/org", "/projects", "/", "", "/nowhere"]).prop_map(str::to_owned),
        2 => id().prop_map(|project| format!("/projects/{project}/content")),
        2 => id().prop_map(|project| format!("/projects/{project}/content/upload-url")),
        2 => (id(), id())
            .prop_map(|(project, content)| format!("/projects/{project}/content/{content}/analyze")),
    ]
}

fn any_query() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        select(vec!["limit", "cursor", "workspace", "status", "offset", "page"])
            .prop_map(str::to_owned),
        vec(any::<u8>(), 0..8).prop_map(|bytes| percent_encoded(&bytes)),
    ];
    let value = prop_oneof![
        "[0-9]{1,3}",
        "-?[0-9]{0,60}",
        "[0-9a-f]{0,18}[.][a-z0-9_]{0,20}",
        vec(any::<u8>(), 0..40).prop_map(|bytes| percent_encoded(&bytes)),
        "[A-Za-z0-9._~!$'()*+,;=:@/?-]{0,80}",
    ];
    vec((name, value), 0..4).prop_map(|pairs| {
        let pairs: Vec<String> =
            pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
    })
}

/// A request, ready to be sent but for the key.
fn any_request() -> impl Strategy<Value = (String, Option<&'static str>, Vec<u8>)> {
    let method = select(vec!["GET", "POST", "POST", "DELETE", "PUT", "PATCH", "TRACE", "KEYS"]);
    let label = select(vec!["secret", "secret", "read", "project", "publishable", "other"]);
    let json = prop_oneof![3 => Just("application/json"), 1 => select(vec!["", "text/plain", "*"])];
    let parts = (method, any_path(), any_query(), option::of(json), any_body());
    (parts, option::weighted(0.9, label)).prop_map(|((method, path, query, json, body), label)| {
        let mut head = format!("{method} {BASE}{path}{query} HTTP/1.1\r\nhost: test\r\n");
        head += &json.map(|json| format!("content-type: {json}\r\n")).unwrap_or_default();
        (head, label, body)
    })
}

async fn send(system: &System, head: &str, body: &[u8]) -> Answer {
    let mut connection = Raw::connect(system.program.address).await;
    let length = format!("content-length: {}\r\n\r\n", body.len());
    connection.send(&[head.as_bytes(), length.as_bytes(), body].concat()).await;
    connection.answer().await
}

/// One of the API's envelopes, with a status that goes with it.
fn assert_envelope(answer: &Answer, request: &str) {
    let id = request_id(answer);
    if answer.status == 204 {
        assert_eq!(answer.body, "");
        return;
    }
    assert_eq!(answer.header("content-type"), Some("application/json"), "{request}");
    let body = answer.json();
    let fields: Vec<&str> = body.as_object().unwrap().keys().map(String::as_str).collect();
    if answer.status < 300 {
        assert!(matches!(answer.status, 200..=202), "{request}");
        assert!(
            matches!(&*fields, ["data"] | ["data", "meta"] | ["data", "pagination", "meta"]),
            "{request}: {fields:?}"
        );
        return;
    }
    assert_eq!(fields, ["error", "meta"], "{request}");
    assert_eq!(body["meta"], json!({"request_id": id}));
    let code = text(&body["error"]["code"]);
    let status = match code {
        "invalid_request" => 400,
        "authentication_required" => 401,
        "insufficient_permissions" => 403,
        "not_found" => 404,
        "method_not_allowed" => 405,
        "conflict" => 409,
        "payload_too_large" => 413,
        _ => 0,
    };
    assert_eq!(answer.status, status, "{request}: `{code}`");
    assert!(!text(&body["error"]["message"]).is_empty());
}

#[test]
fn whatever_is_sent_is_answered_in_the_apis_own_words() {
    for_all(600, &any_request(), &async |system, (head, label, body)| {
        let key = label.map(|label| system.program.key(label));
        let key = key.map(|key| format!("authorization: Bearer {key}\r\n")).unwrap_or_default();
        let answer = send(system, &(head.clone() + &key), &body).await;
        assert_envelope(&answer, &head);
        assert_eq!(answer.status == 401, label.is_none(), "{head}");
    });
}

#[test]
fn whatever_stands_in_authorization_is_answered_in_the_apis_own_words() {
    let bytes = || vec(prop_oneof![3 => b' '..=b'~', 1 => 0x80_u8..=0xff], 0..300);
    let value = prop_oneof![
        bytes(),
        bytes().prop_map(|bytes| [b"Bearer ", &*bytes].concat()),
        bytes().prop_map(|bytes| [b"Bearer sk_live_", &*bytes].concat()),
        "Bearer pk_live_[A-Za-z0-9]{0,140}".prop_map(String::into_bytes),
    ];
    for_all(300, &value, &async |system, value| {
        let mut connection = Raw::connect(system.program.address).await;
        let head = format!("GET {BASE}/org HTTP/1.1\r\nhost: test\r\nauthorization: ");
        connection.send(&[head.as_bytes(), &value, b"\r\n\r\n"].concat()).await;
        let answer = connection.answer().await;
        assert_envelope(&answer, &String::from_utf8_lossy(&value));
        assert_eq!(answer.status, 401);
    });
}

#[test]
fn whatever_is_said_of_a_new_key_it_has_no_more_than_its_maker() {
    let labels = select(vec!["project", "secret"]);
    for_all(300, &(any_fields(), labels), &async |system, (fields, label)| {
        let body = Value::Object(fields);
        let answer = system.post(label, "/api-keys", &body).await;
        assert_envelope(&answer, &body.to_string());
        if answer.status != 201 {
            assert!(matches!(answer.status, 400 | 403 | 413), "{}", answer.body);
            return;
        }
        let made = answer.json()["data"].clone();
        assert_eq!(made["name"], body["name"]);
        let is_own = |scope: &Value| scope == "read" || scope == "write";
        assert!(made["scopes"].as_array().unwrap().iter().all(is_own), "{made}");
        let projects = made["project_ids"].as_array();
        if label == "project" {
            assert!(projects.unwrap().iter().all(|id| id == "proj_interviews"), "{made}");
        } else {
            assert_eq!(projects, body["project_ids"].as_array());
        }
    });
}
