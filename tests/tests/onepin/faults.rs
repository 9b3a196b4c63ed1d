//! What is wrong with a request, told all at once.

use keyward_tests::onepin::{assert_faults, assert_too_large};
use serde_json::json;

use crate::stage::Stage;

fn fault(location: &str, message: &str, code: &str) -> String {
    format!(r#"{{"loc":[{location}],"msg":"{message}","type":"{code}"}}"#)
}

/// A fault of a field of the body.
fn at(field: &str, message: &str, code: &str) -> String {
    fault(&format!(r#""body","{field}""#), message, code)
}

fn in_query(parameter: &str, message: &str, code: &str) -> String {
    fault(&format!(r#""query","{parameter}""#), message, code)
}

const SCOPES: &str = "Input should be 'workflows:read', 'workflows:run', 'workflows:write', 'voices:read', 'voices:write', 'dictionary:read', 'dictionary:write', 'uploads:write', 'workspace:read', 'templates:read' or 'catalog:read'";

/// What each field may not be, in a new key and in a change of one.
fn wrong_values() -> Vec<(&'static str, String, Vec<String>)> {
    let mut wrong = Vec::new();
    let mut add = |field: &'static str, value: &str, message: &str, code: &str| {
        wrong.push((field, value.to_owned(), vec![at(field, message, code)]));
    };
    let text = "Input should be a valid string";
    for value in ["null", "7", "true", "[]", "{}", r#"["A"]"#] {
        add("name", value, text, "string_type");
    }
    let short = "String should have at least 1 character";
    for value in [r#""""#, r#"" ""#, r#""\t\n""#] {
        add("name", value, short, "string_too_short");
    }
    let long = "String should have at most 120 characters";
    for value in ["a".repeat(121), "é".repeat(121), "🦀".repeat(121)] {
        add("name", &format!(r#""{value}""#), long, "string_too_long");
    }
    add(
        "name",
        r#""a\u0000b""#,
        "Value error, leave out control characters: only tabs and line breaks are text",
        "value_error",
    );

    for value in ["null", r#""workflows:read""#, "7", "{}", "true"] {
        add("scopes", value, "Input should be a valid list", "list_type");
    }

    let field = "rate_limit_per_min";
    for value in [r#""60""#, r#""""#, "true", "[60]", "{}"] {
        add(field, value, "Input should be a valid integer", "int_type");
    }
    for value in ["0", "-1", "-0.0", "-9223372036854775809", "-1e300"] {
        add(field, value, "Input should be greater than or equal to 1", "greater_than_equal");
    }
    let least = "Input should be less than or equal to 4294967295";
    for value in ["4294967296", "18446744073709551616", "1e300", &"9".repeat(300)] {
        add(field, value, least, "less_than_equal");
    }
    let fraction = "Input should be a valid integer, got a number with a fractional part";
    add(field, "1.5", fraction, "int_from_float");

    let item = |index: usize, message: &str, code: &str| {
        fault(&format!(r#""body","scopes",{index}"#), message, code)
    };
    wrong.push((
        "scopes",
        r#"["nope","workflows:read","WORKFLOWS:READ","workflows:read ",""]"#.to_owned(),
        [0, 2, 3, 4].map(|index| item(index, SCOPES, "enum")).to_vec(),
    ));
    wrong.push((
        "scopes",
        r#"[null,7,["workflows:read"]]"#.to_owned(),
        [0, 1, 2].map(|index| item(index, text, "string_type")).to_vec(),
    ));
    wrong
}

fn texts(faults: &[String]) -> Vec<&str> {
    faults.iter().map(String::as_str).collect()
}

#[tokio::test]
async fn every_field_of_a_new_key_is_checked() {
    let stage = Stage::start().await;
    let before = stage.list("?status=all").await;
    for (field, value, faults) in wrong_values() {
        let name = if field == "name" { "" } else { r#""name":"A","# };
        let body = format!(r#"{{{name}"{field}":{value}}}"#);
        assert_faults(&stage.manage("POST", "", &body).await, &texts(&faults));
    }
    for value in
        [r#""test""#, r#""public""#, r#""secret""#, r#""Live""#, r#""""#, "null", "7", "{}"]
    {
        let body = format!(r#"{{"name":"A","key_type":{value}}}"#);
        let fault = at("key_type", "Input should be 'live'", "enum");
        assert_faults(&stage.manage("POST", "", &body).await, &[&fault]);
    }
    assert_eq!(stage.list("?status=all").await, before, "nothing was made");
}

#[tokio::test]
async fn every_field_of_a_change_is_checked_before_any_is_changed() {
    let stage = Stage::start().await;
    let (record, key) = stage.create("A", &["workflows:read"]).await;
    let path = format!("/{}", record.id);
    for (field, value, faults) in wrong_values() {
        let body = format!(r#"{{"active":false,"{field}":{value}}}"#);
        assert_faults(&stage.manage("PATCH", &path, &body).await, &texts(&faults));
    }
    for value in ["null", r#""true""#, r#""""#, "0", "1", "[]", "{}"] {
        let body = format!(r#"{{"name":"B","active":{value}}}"#);
        let fault = at("active", "Input should be a valid boolean", "bool_type");
        assert_faults(&stage.manage("PATCH", &path, &body).await, &[&fault]);
    }
    let shown = stage.manage("GET", &path, "").await;
    assert_eq!(shown.json()["data"].to_string(), record.shown(), "nothing was changed");
    assert_eq!(stage.get(&key, "/workflows").await.status, 200);
}

#[tokio::test]
async fn all_faults_of_a_request_are_told_at_once() {
    let stage = Stage::start().await;
    let body = r#"{"key_type":"test","rate_limit_per_min":0,"scopes":["workflows:read",7,"x"],"name":null}"#;
    let faults = [
        at("name", "Input should be a valid string", "string_type"),
        fault(r#""body","scopes",1"#, "Input should be a valid string", "string_type"),
        fault(r#""body","scopes",2"#, SCOPES, "enum"),
        at(
            "rate_limit_per_min",
            "Input should be greater than or equal to 1",
            "greater_than_equal",
        ),
        at("key_type", "Input should be 'live'", "enum"),
    ];
    assert_faults(&stage.manage("POST", "", body).await, &texts(&faults));

    let faults = [
        at("name", "Field required", "missing"),
        at("scopes", "Input should be a valid list", "list_type"),
    ];
    assert_faults(&stage.manage("POST", "", r#"{"scopes":{}}"#).await, &texts(&faults));

    let faults = [
        in_query("limit", "Input should be less than or equal to 100", "less_than_equal"),
        in_query("offset", "Input should be greater than or equal to 0", "greater_than_equal"),
        in_query("status", "Input should be 'active', 'revoked' or 'all'", "enum"),
    ];
    let answer = stage.manage("GET", "?status=none&offset=-1&limit=101", "").await;
    assert_faults(&answer, &texts(&faults));
}

#[tokio::test]
async fn bounds_belong_to_what_is_allowed() {
    let stage = Stage::start().await;
    for (field, value) in [
        ("name", json!("a")),
        ("name", json!("é".repeat(120))),
        ("rate_limit_per_min", json!(1)),
        ("rate_limit_per_min", json!(u32::MAX)),
        ("rate_limit_per_min", json!(null)),
        ("key_type", json!("live")),
        ("scopes", json!([])),
    ] {
        let mut body = json!({"name": "A"});
        body[field] = value.clone();
        let answer = stage.manage("POST", "", &body.to_string()).await;
        assert_eq!(answer.status, 201, "{body} {}", answer.body);
        assert_eq!(answer.json()["data"][field], value);
    }
    // An integer is one however it is written.
    let answer = stage.manage("POST", "", r#"{"name":"A","rate_limit_per_min":6e1}"#).await;
    assert_eq!(answer.json()["data"]["rate_limit_per_min"], 60);
}

#[tokio::test]
async fn a_body_that_is_no_object_is_told_where_it_goes_wrong() {
    let stage = Stage::start().await;
    let (record, _) = stage.create("A", &[]).await;
    let one = format!("/{}", record.id);
    let object = "Input should be a valid dictionary or object to extract fields from";
    for (method, below) in [("POST", ""), ("PATCH", &*one)] {
        let missing = fault(r#""body""#, "Field required", "missing");
        assert_faults(&stage.manage(method, below, "").await, &[&missing]);
        for body in ["null", "7", "true", r#""{}""#, "[]", r#"[{"name":"A"}]"#] {
            let fault = fault(r#""body""#, object, "model_attributes_type");
            assert_faults(&stage.manage(method, below, body).await, &[&fault]);
        }
        for (body, place) in [("{", 1), (r#"{"name":}"#, 8), ("{}{}", 2), ("{\n'a':1}", 2)] {
            let location = format!(r#""body",{place}"#);
            let fault = fault(&location, "JSON decode error", "json_invalid");
            assert_faults(&stage.manage(method, below, body).await, &[&fault]);
        }
        let path = format!("/api-keys{below}");
        let request = stage.request(&stage.operator, method, &path);
        let answer = stage.send(request.body(r#"{"name":"A"}"#)).await;
        let fault = fault(r#""body""#, object, "model_attributes_type");
        assert_faults(&answer, &[&fault]);
    }
}

#[tokio::test]
async fn ten_megabytes_are_too_large() {
    let stage = Stage::start().await;
    let (record, _) = stage.create("A", &[]).await;
    let huge = format!(r#"{{"name":"{}"}}"#, "a".repeat(10_000_000));
    for (method, below) in [("POST", ""), ("PATCH", &*format!("/{}", record.id))] {
        assert_too_large(&stage.manage(method, below, &huge).await);
    }
    let shown = stage.manage("GET", &format!("/{}", record.id), "").await;
    assert_eq!(shown.json()["data"].to_string(), record.shown());
}
