//! The API around the keys: shapes of answers, pages of lists, and what is said of a wrong request.

use keyward_tests::bigspin::assert_is_request_id;
use keyward_tests::forms::{assert_form, assert_json, fields};
use keyward_tests::{Answer, Client, Program, Raw};
use reqwest::Method;
use serde_json::{Value, json};

use super::API;
use crate::PROGRAM;

/// A service without projects yet, and a key for all of it.
struct Service {
    program: Program,
    client: Client,
    key: String,
}

impl Service {
    async fn start() -> Self {
        let folder = std::env::temp_dir();
        let program = Program::start(PROGRAM, &folder, &["--store", "memory:"]).await;
        let (client, key) = (program.client(API), program.key("full").to_owned());
        Self { program, client, key }
    }

    async fn get(&self, path: &str) -> Answer {
        self.client.get(path, &self.key).await
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        self.client.post(path, &self.key, body).await
    }

    async fn project(&self) -> String {
        id(&self.post("/projects", &json!({"name": "Support"})).await)
    }
}

fn id(created: &Answer) -> String {
    assert_eq!(created.status, 201, "{}", created.body);
    created.json()["data"]["id"].as_str().unwrap().to_owned()
}

const PROJECT: [&str; 6] =
    ["id", "name", "transcript_count", "latest_transcript_at", "created_at", "updated_at"];
const TRANSCRIPT: [&str; 9] = [
    "id",
    "project_id",
    "name",
    "external_id",
    "model_name",
    "turn_count",
    "created_at",
    "updated_at",
    "turns",
];

fn upload() -> Value {
    json!({
        "name": "Call 7",
        "modelName": "model-1",
        "externalId": "crm-7",
        "turns": [
            {"role": "user", "content": "Hello", "at": 3},
            {"role": "human_agent", "content": ""},
        ],
    })
}

#[track_caller]
fn assert_wrong(answer: &Answer, status: u16, param: Option<&str>) {
    let body = assert_json(answer, status);
    assert_eq!(fields(&body), ["error"]);
    let error = &body["error"];
    let mut names = vec!["message", "type", "code"];
    names.extend(param.map(|_| "param"));
    assert_eq!(fields(error), names);
    assert_eq!(error["type"], "invalid_request_error");
    assert_eq!(error["code"], status);
    assert_eq!(error["param"].as_str(), param);
    assert!(error["message"].as_str().unwrap().len() > 10);
}

#[track_caller]
fn assert_instant(value: &Value) {
    assert_form(value, "0000-00-00T00:00:00.000Z");
}

#[tokio::test]
async fn a_project_is_created_read_and_listed_in_one_shape() {
    let service = Service::start().await;
    for path in ["/projects", "/halfpipe/sessions"] {
        let created = service.post(path, &json!({"name": "Süpport", "more": 1})).await;
        let body = assert_json(&created, 201);
        assert_eq!(fields(&body), ["data", "processing_time_ms"]);
        assert!(body["processing_time_ms"].is_u64());
        let project = &body["data"];
        assert_eq!(fields(project), PROJECT);
        let id = project["id"].as_str().unwrap();
        assert!(uuid::Uuid::parse_str(id.strip_prefix("hp-").unwrap()).is_ok());
        assert_eq!(project["name"], "Süpport");
        assert_eq!(project["transcript_count"], 0);
        assert_eq!(project["latest_transcript_at"], Value::Null);
        assert_instant(&project["created_at"]);
        assert_eq!(project["created_at"], project["updated_at"]);

        let read = assert_json(&service.get(&format!("/projects/{id}")).await, 200);
        assert_eq!(fields(&read), ["data", "processing_time_ms"]);
        assert_eq!(read["data"], *project);
        let list = assert_json(&service.get("/projects").await, 200);
        assert_eq!(fields(&list), ["data", "pagination", "processing_time_ms"]);
        assert_eq!(fields(&list["pagination"]), ["page", "limit", "total"]);
        assert_eq!(list["data"][0], *project, "the newest first");
    }
}

#[tokio::test]
async fn a_transcript_is_uploaded_read_and_listed_in_one_shape() {
    let service = Service::start().await;
    let project = service.project().await;
    let path = format!("/projects/{project}/transcripts");
    let mut legacy = upload();
    legacy["projectId"] = json!(project);
    for (path, body) in [(&*path, &upload()), ("/halfpipe/transcripts", &legacy)] {
        let created = assert_json(&service.post(path, body).await, 201);
        assert_eq!(fields(&created), ["data", "processing_time_ms"]);
        let transcript = &created["data"];
        assert_eq!(fields(transcript), TRANSCRIPT[..8]);
        assert_eq!(transcript["project_id"], *project);
        assert_eq!(transcript["external_id"], "crm-7");
        assert_eq!(transcript["model_name"], "model-1");
        assert_eq!(transcript["turn_count"], 2);
        assert_instant(&transcript["created_at"]);

        let id = transcript["id"].as_str().unwrap();
        let read = assert_json(&service.get(&format!("/transcripts/{id}")).await, 200);
        assert_eq!(fields(&read["data"]), TRANSCRIPT);
        assert_eq!(read["data"]["turns"], upload()["turns"], "as it was sent");
    }
    let list = assert_json(&service.get(&path).await, 200);
    assert_eq!(fields(&list), ["data", "pagination", "processing_time_ms"]);
    assert_eq!(list["pagination"], json!({"page": 1, "limit": 20, "total": 2}));
    assert_eq!(fields(&list["data"][1]), TRANSCRIPT[..8]);

    let project = service.get(&format!("/projects/{project}")).await.json();
    assert_eq!(project["data"]["transcript_count"], 2);
    assert_eq!(project["data"]["latest_transcript_at"], list["data"][0]["created_at"]);
}

#[tokio::test]
async fn what_may_be_left_out_is_null() {
    let service = Service::start().await;
    let path = format!("/projects/{}/transcripts", service.project().await);
    let turns = json!([{"role": "tool", "content": "{}"}]);
    for body in [
        json!({"name": "Call", "turns": turns}),
        json!({"name": "Call", "turns": turns, "modelName": null, "externalId": null}),
    ] {
        let created = assert_json(&service.post(&path, &body).await, 201);
        assert_eq!(created["data"]["model_name"], Value::Null);
        assert_eq!(created["data"]["external_id"], Value::Null);
    }
}

#[tokio::test]
async fn lists_come_in_pages() {
    let service = Service::start().await;
    for number in 0..23 {
        service.post("/projects", &json!({"name": format!("{number}")})).await;
    }
    for (query, page, limit, names) in [
        ("", 1, 20, (3..23).rev().collect()),
        ("?page=2", 2, 20, (0..3).rev().collect()),
        ("?limit=5&page=3", 3, 5, (8..13).rev().collect()),
        ("?limit=100", 1, 100, (0..23).rev().collect()),
        ("?page=3&ignored=1", 3, 20, vec![]),
        ("?page=18446744073709551615&limit=100", usize::MAX, 100, vec![]),
    ] {
        let list = assert_json(&service.get(&format!("/projects{query}")).await, 200);
        let pagination = json!({"page": page, "limit": limit, "total": 23});
        assert_eq!(list["pagination"], pagination, "{query}");
        let names: Vec<String> = names.iter().map(i32::to_string).collect();
        let seen: Vec<&str> = list["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|project| project["name"].as_str().unwrap())
            .collect();
        assert_eq!(seen, names, "{query}");
    }
}

#[tokio::test]
async fn a_page_that_cannot_be_names_its_parameter() {
    let service = Service::start().await;
    let transcripts = format!("/projects/{}/transcripts", service.project().await);
    for path in ["/projects", &transcripts] {
        for page in ["0", "-1", "x", "", "1.5", "99999999999999999999999"] {
            let answer = service.get(&format!("{path}?page={page}")).await;
            assert_wrong(&answer, 400, Some("page"));
        }
        for limit in ["0", "101", "-5", "all", "%FF"] {
            let answer = service.get(&format!("{path}?limit={limit}")).await;
            assert_wrong(&answer, 400, Some("limit"));
        }
    }
}

#[tokio::test]
async fn a_project_without_a_proper_name_is_wrong() {
    let service = Service::start().await;
    let longest = "ü".repeat(500);
    assert_json(&service.post("/projects", &json!({"name": longest})).await, 201);
    for body in [
        json!({}),
        json!({"name": ""}),
        json!({"name": null}),
        json!({"name": 7}),
        json!({"name": ["Support"]}),
        json!({"name": "ü".repeat(501)}),
    ] {
        for path in ["/projects", "/halfpipe/sessions"] {
            assert_wrong(&service.post(path, &body).await, 400, Some("name"));
        }
    }
}

#[tokio::test]
async fn a_transcript_names_the_field_that_is_wrong() {
    let service = Service::start().await;
    let path = format!("/projects/{}/transcripts", service.project().await);
    let turn = json!({"role": "user", "content": "Hello"});
    for (field, value, param) in [
        ("name", json!(""), "name"),
        ("modelName", json!("m".repeat(101)), "modelName"),
        ("modelName", json!(1), "modelName"),
        ("externalId", json!({}), "externalId"),
        ("turns", Value::Null, "turns"),
        ("turns", json!([]), "turns"),
        ("turns", json!({}), "turns"),
        ("turns", Value::Array(vec![turn.clone(); 1001]), "turns"),
        ("turns", json!([turn, "Hello"]), "turns[1].role"),
        ("turns", json!([{"content": "Hello"}]), "turns[0].role"),
        ("turns", json!([{"role": "robot", "content": "Hello"}]), "turns[0].role"),
        ("turns", json!([{"role": "user"}]), "turns[0].content"),
        ("turns", json!([{"role": "user", "content": 7}]), "turns[0].content"),
        ("turns", json!([{"role": "user", "content": "a".repeat(1_000_001)}]), "turns[0].content"),
    ] {
        let mut body = upload();
        body[field] = value;
        assert_wrong(&service.post(&path, &body).await, 400, Some(param));
    }
    assert_wrong(&service.post("/halfpipe/transcripts", &upload()).await, 400, Some("projectId"));

    let mut most = upload();
    most["turns"] = Value::Array(vec![turn; 1000]);
    most["turns"][0]["content"] = json!("a".repeat(1_000_000));
    most["modelName"] = json!("m".repeat(100));
    assert_json(&service.post(&path, &most).await, 201);
}

#[tokio::test]
async fn a_body_that_is_not_a_json_object_is_wrong() {
    let service = Service::start().await;
    let (client, key) = (&service.client, &service.key);
    let send = |kind: &'static str, body: &'static str| async move {
        let request = client.request(Method::POST, "/projects").bearer_auth(key);
        client.send(request.header("content-type", kind).body(body)).await
    };
    let good = r#"{"name":"Support"}"#;
    assert_json(&send("application/json; charset=utf-8", good).await, 201);
    for (kind, body) in [
        ("text/plain", good),
        ("application/x-www-form-urlencoded", "name=Support"),
        ("application/json", ""),
        ("application/json", "{"),
        ("application/json", r#"{"name":"Support"} {}"#),
        ("application/json", r#"["Support"]"#),
        ("application/json", "null"),
        ("application/json", "\"\\ud800\""),
    ] {
        assert_wrong(&send(kind, body).await, 400, Some("body"));
    }
    let without_type = client.request(Method::POST, "/projects").bearer_auth(key).body(good);
    assert_wrong(&client.send(without_type).await, 400, Some("body"));
    let not_text = client.request(Method::POST, "/projects").bearer_auth(key);
    let not_text = not_text.header("content-type", "application/json").body(vec![0xff, 0xfe]);
    assert_wrong(&client.send(not_text).await, 400, Some("body"));
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_by_its_announced_length() {
    let service = Service::start().await;
    let mut connection = Raw::connect(service.program.address).await;
    let head = format!(
        "POST /public/api/v1/projects HTTP/1.1\r\nhost: test\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ncontent-length: 50000000\r\n\r\n",
        service.key
    );
    connection.send(head.as_bytes()).await;
    let answer = connection.answer().await;
    assert_eq!(answer.status, 413);
    assert_eq!(answer.json()["error"]["code"], 413);
    assert_is_request_id(&answer);
}

#[tokio::test]
async fn an_id_that_is_not_text_is_wrong() {
    let service = Service::start().await;
    assert_wrong(&service.get("/projects/%FF").await, 400, Some("id"));
}
