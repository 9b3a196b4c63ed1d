use serde_json::{Value, json};

use crate::stage::{Sender, Stage};

fn ada() -> Sender {
    Sender::person("ada")
}

async fn create(stage: &Stage, body: &str) -> Value {
    let answer = stage.send("POST", "", &ada(), Some(body)).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.json()["data"].clone()
}

fn path(record: &Value) -> String {
    format!("/{}", record["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_key_lives_from_its_creation_to_its_rotation() {
    let stage = Stage::of_people().await;
    let body = r#"{"name":"Production API Key","scopes":["workflows:read"],"rate_limit_per_min":1000,"key_type":"live"}"#;
    let created = create(&stage, body).await;
    let fields: Vec<_> = created.as_object().unwrap().keys().collect();
    assert_eq!(
        fields,
        [
            "id",
            "workspace_id",
            "created_by",
            "name",
            "key_type",
            "key_prefix",
            "key_suffix",
            "scopes",
            "active",
            "last_used_at",
            "rate_limit_per_min",
            "revoked_at",
            "created_at",
            "updated_at",
            "api_key",
            "preview",
        ]
    );
    let key = created["api_key"].as_str().unwrap();
    assert_eq!((&created["workspace_id"], &created["created_by"]), (&json!("one"), &json!("ada")));
    assert_eq!(created["key_suffix"], key[8..16]);
    assert_eq!(created["preview"], key[..16]);

    let shown = stage.send("GET", &path(&created), &ada(), None).await;
    let meta = shown.json()["meta"].clone();
    assert_eq!(meta["request_id"], shown.header("x-request-id").unwrap());
    assert_eq!(meta["timestamp"].as_str().unwrap().len(), "2026-01-06T10:00:00Z".len());
    assert!(shown.json()["data"].get("api_key").is_none());

    let change = r#"{"name":"B","scopes":[],"rate_limit_per_min":null}"#;
    let changed = stage.send("PATCH", &path(&created), &ada(), Some(change)).await.json();
    assert_eq!(changed["data"]["name"], "B");
    assert_eq!(changed["data"]["scopes"], json!([]));
    assert_eq!(changed["data"]["rate_limit_per_min"], Value::Null);

    let rotated = stage.send("PATCH", &format!("{}/rotate", path(&created)), &ada(), None).await;
    let rotated = rotated.json()["data"].clone();
    assert_eq!(rotated["old_key"]["active"], false);
    assert!(rotated["old_key"].get("api_key").is_none());
    assert_ne!(rotated["new_key"]["api_key"], created["api_key"]);

    let ended = stage.send("DELETE", &path(&rotated["new_key"]), &ada(), None).await;
    assert_eq!(ended.status, 200);
    assert_eq!(ended.json()["data"]["active"], false);
    assert!(ended.json()["data"]["revoked_at"].is_string());
    let again = stage.send("PATCH", &format!("{}/rotate", path(&created)), &ada(), None).await;
    assert_eq!((again.status, &again.json()["error"]["code"]), (409, &json!("CONFLICT")));
}

#[tokio::test]
async fn a_key_is_switched_off_and_on() {
    let stage = Stage::of_people().await;
    let created = create(&stage, r#"{"name":"A"}"#).await;
    assert_eq!(created["scopes"], json!([]));
    for active in [false, true, true, false] {
        let body = format!(r#"{{"name":"{active}","active":{active}}}"#);
        let answer = stage.send("PATCH", &path(&created), &ada(), Some(&body)).await.json();
        assert_eq!(answer["data"]["active"], active);
        assert_eq!(answer["data"]["revoked_at"].is_null(), active);
        assert_eq!(answer["data"]["name"], active.to_string());
    }
}

#[tokio::test]
async fn pages_lead_to_the_next_and_the_one_before() {
    let stage = Stage::of_people().await;
    for number in 0..5 {
        create(&stage, &format!(r#"{{"name":"{number}"}}"#)).await;
    }
    let page = async |query: &str| stage.send("GET", query, &ada(), None).await.json();
    assert_eq!(
        page("").await["pagination"],
        json!({"limit": 50, "total": 5, "next": null, "prev": null})
    );
    let first = page("?limit=2&status=all&x=a%20b").await;
    let url = "/api/v1/api-keys?status=all&x=a+b&limit=2&offset=";
    assert_eq!(
        first["pagination"],
        json!({"limit": 2, "total": 5, "next": format!("{url}2"), "prev": null})
    );
    let second = page("?limit=2&offset=2&status=all&x=a%20b").await;
    assert_eq!(
        second["pagination"],
        json!({"limit": 2, "total": 5, "next": format!("{url}4"), "prev": format!("{url}0")})
    );
    let last = page("?offset=4&limit=2").await;
    assert_eq!(last["data"].as_array().unwrap().len(), 1);
    assert_eq!(last["pagination"]["next"], Value::Null);
    let beyond = page("?offset=18446744073709551615").await;
    assert_eq!((&beyond["data"], &beyond["pagination"]["total"]), (&json!([]), &json!(5)));
}

#[tokio::test]
async fn only_members_know_what_is_there() {
    let stage = Stage::of_people().await;
    let created = create(&stage, r#"{"name":"A"}"#).await;
    let in_two = || ada().with("x-workspace-id", "two");
    assert_eq!(stage.send("GET", "", &in_two(), None).await.json()["pagination"]["total"], 0);
    assert_eq!(stage.send("GET", &path(&created), &in_two(), None).await.status, 404);
    for stranger in [
        Sender::person("eve"),
        ada().with("x-workspace-id", "three"),
        in_two().with("x-workspace-id", "two"),
        ada().with("x-workspace-id", "é"),
    ] {
        let answer = stage.send("GET", "", &stranger, None).await;
        assert_eq!(answer.status, 404);
        assert_eq!(answer.json()["error"]["code"], "NOT_FOUND");
    }
    let unknown = stage.send("GET", "", &Sender::person("kim"), None).await;
    assert_eq!((unknown.status, unknown.header("retry-after")), (503, Some("1")));
}

#[tokio::test]
async fn an_api_key_is_no_person() {
    let stage = Stage::of_people().await;
    let created = create(&stage, r#"{"name":"A","scopes":["workflows:read"]}"#).await;
    let key = || Sender::key(created["api_key"].as_str().unwrap());
    for (method, sender) in [
        (http::Method::GET, key()),
        (http::Method::GET, Sender::nobody()),
        (http::Method::PUT, key()), // which methods there are is nothing for it either
    ] {
        let client = stage.server.client();
        let mut request = client.request(method, "/api/v1/api-keys");
        for (name, value) in &sender.0 {
            request = request.header(*name, value);
        }
        let answer = client.send(request).await;
        assert_eq!(answer.status, 401);
        assert_eq!(answer.json()["error"]["code"], "INVALID_API_KEY");
    }
}

#[tokio::test]
async fn faults_are_those_of_the_services_framework() {
    let stage = Stage::of_people().await;
    let created = create(&stage, r#"{"name":"A"}"#).await;
    let [long, padded] = ["é".repeat(121), format!("{}A", " ".repeat(120))]
        .map(|name| format!(r#"{{"name":"{name}"}}"#));
    let scopes = "Input should be 'workflows:read', 'workflows:run', 'workflows:write', 'voices:read', 'voices:write', 'dictionary:read', 'dictionary:write', 'uploads:write', 'workspace:read', 'templates:read' or 'catalog:read'";
    for (body, fault) in [
        ("{}", json!({"loc": ["body", "name"], "msg": "Field required", "type": "missing"})),
        ("", json!({"loc": ["body"], "msg": "Field required", "type": "missing"})),
        (
            r#"{"name" 1}"#,
            json!({"loc": ["body", 8], "msg": "JSON decode error", "type": "json_invalid"}),
        ),
        (
            r#"{"name":null}"#,
            json!({"loc": ["body", "name"], "msg": "Input should be a valid string", "type": "string_type"}),
        ),
        (
            r#"{"name":"  "}"#,
            json!({"loc": ["body", "name"], "msg": "String should have at least 1 character", "type": "string_too_short"}),
        ),
        (
            &*long,
            json!({"loc": ["body", "name"], "msg": "String should have at most 120 characters", "type": "string_too_long"}),
        ),
        (
            &*padded,
            json!({"loc": ["body", "name"], "msg": "String should have at most 120 characters", "type": "string_too_long"}),
        ),
        (
            r#"{"name":"A","scopes":["nope"]}"#,
            json!({"loc": ["body", "scopes", 0], "msg": scopes, "type": "enum"}),
        ),
        (
            r#"{"name":"A","key_type":"test"}"#,
            json!({"loc": ["body", "key_type"], "msg": "Input should be 'live'", "type": "enum"}),
        ),
        (
            r#"{"name":"A","rate_limit_per_min":0}"#,
            json!({"loc": ["body", "rate_limit_per_min"], "msg": "Input should be greater than or equal to 1", "type": "greater_than_equal"}),
        ),
        (
            r#"{"name":"A","rate_limit_per_min":1.5}"#,
            json!({"loc": ["body", "rate_limit_per_min"], "msg": "Input should be a valid integer, got a number with a fractional part", "type": "int_from_float"}),
        ),
        (
            r#"{"name":"A","rate_limit_per_min":"many"}"#,
            json!({"loc": ["body", "rate_limit_per_min"], "msg": "Input should be a valid integer", "type": "int_type"}),
        ),
    ] {
        let answer = stage.send("POST", "", &ada(), Some(body)).await;
        assert_eq!((answer.status, answer.json()), (422, json!({"detail": [fault]})), "{body}");
    }
    let answer = stage.send("PATCH", &path(&created), &ada(), Some(r#"{"active":"no"}"#)).await;
    assert_eq!(answer.json()["detail"][0]["type"], "bool_type");
    let answer = stage.send("GET", "?limit=x&offset=-1&status=some", &ada(), None).await;
    assert_eq!(
        (answer.status, answer.json()),
        (
            422,
            json!({"detail": [
                {"loc": ["query", "limit"], "msg": "Input should be a valid integer, unable to parse string as an integer", "type": "int_parsing"},
                {"loc": ["query", "offset"], "msg": "Input should be greater than or equal to 0", "type": "greater_than_equal"},
                {"loc": ["query", "status"], "msg": "Input should be 'active', 'revoked' or 'all'", "type": "enum"},
            ]})
        )
    );
}
