//! Five resources, six endpoints each: their answers, and which scope opens them.

use keyward_tests::System;
use keyward_tests::bigspin::{assert_is_request_id, assert_refused};
use keyward_tests::forms::{assert_form, assert_json};
use keyward_tests::systemprompt::{assert_lacks, assert_not_found};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{RESOURCES, operator, start};

/// An item as its API writes it, with the id and the instants that it has itself.
fn written(item: &Value, name: &str, description: &Value) -> String {
    let [id, created, updated] = ["id", "created_at", "updated_at"].map(|field| &item[field]);
    assert!(uuid::Uuid::parse_str(id.as_str().unwrap()).is_ok());
    assert_form(created, "0000-00-00T00:00:00Z");
    assert_form(updated, "0000-00-00T00:00:00Z");
    assert!(created.as_str() <= updated.as_str());
    format!(
        r#"{{"id":{id},"name":"{name}","description":{description},"created_at":{created},"updated_at":{updated}}}"#
    )
}

/// The path of a new item.
async fn create(system: &System, things: &str) -> String {
    let created = system.post("live", &format!("/{things}"), &json!({"name": "New"})).await;
    let created = assert_json(&created, 201);
    format!("/{things}/{}", created["id"].as_str().unwrap())
}

#[tokio::test]
async fn each_resource_is_created_read_listed_replaced_changed_and_deleted_in_one_shape() {
    let system = start().await;
    for things in RESOURCES {
        let list = format!("/{things}");
        let body = json!({"name": "First", "more": 1});
        let created = system.post("live", &list, &body).await;
        let item = assert_json(&created, 201);
        assert_eq!(created.body, written(&item, "First", &Value::Null));
        assert_eq!(item["created_at"], item["updated_at"]);

        let one = format!("{list}/{}", item["id"].as_str().unwrap());
        for label in ["live", "reader"] {
            let read = system.get(label, &one).await;
            assert_json(&read, 200);
            assert_eq!(read.body, created.body);
            let listed = system.get(label, &list).await;
            assert_json(&listed, 200);
            let page =
                format!(r#"{{"items":[{}],"total":1,"page":1,"per_page":20}}"#, created.body);
            assert_eq!(listed.body, page);
        }

        for (method, body, name, description) in [
            (Method::PUT, json!({"name": "Second", "description": "d"}), "Second", json!("d")),
            (Method::PATCH, json!({}), "Second", json!("d")),
            (Method::PATCH, json!({"name": "Third"}), "Third", json!("d")),
            (Method::PATCH, json!({"description": null}), "Third", Value::Null),
            (Method::PATCH, json!({"description": ""}), "Third", json!("")),
            (Method::PUT, json!({"name": "Fourth"}), "Fourth", Value::Null),
        ] {
            let changed = system.ask("live", method, &one, Some(&body)).await;
            let now = assert_json(&changed, 200);
            assert_eq!(changed.body, written(&now, name, &description));
            assert_eq!((&now["id"], &now["created_at"]), (&item["id"], &item["created_at"]));
            assert_eq!(system.get("reader", &one).await.body, changed.body);
        }

        let deleted = system.ask("live", Method::DELETE, &one, None).await;
        assert_eq!((deleted.status, &*deleted.body), (204, ""));
        assert_eq!(deleted.header_names(), ["x-request-id"]);
        assert_is_request_id(&deleted);
        let body = json!({"name": "Fifth"});
        for (method, body) in [
            (Method::GET, None),
            (Method::PUT, Some(&body)),
            (Method::PATCH, Some(&body)),
            (Method::DELETE, None),
        ] {
            assert_not_found(&system.ask("live", method, &one, body).await);
        }
        let empty = r#"{"items":[],"total":0,"page":1,"per_page":20}"#;
        assert_eq!(system.get("reader", &list).await.body, empty);
    }
}

#[tokio::test]
async fn each_scope_opens_its_half_of_its_resource_and_nothing_else() {
    let system = start().await;
    let operator = operator(&system);
    let body = json!({"name": "Written"});
    for scope in RESOURCES.map(|things| ["read", "write"].map(|half| format!("{things}:{half}"))) {
        for scope in &scope {
            let (_, key) = operator.create(&["--name", scope, "--scope", scope]).await;
            for things in RESOURCES {
                let list = format!("/{things}");
                let one = create(&system, things).await;
                for (method, path, body, half, status) in [
                    (Method::GET, &list, None, "read", 200),
                    (Method::GET, &one, None, "read", 200),
                    (Method::POST, &list, Some(&body), "write", 201),
                    (Method::PUT, &one, Some(&body), "write", 200),
                    (Method::PATCH, &one, Some(&body), "write", 200),
                    (Method::DELETE, &one, None, "write", 204),
                ] {
                    let request = system.client.request(method.clone(), path).bearer_auth(&key);
                    let request = match body {
                        Some(body) => request.json(body),
                        None => request,
                    };
                    let answer = system.client.send(request).await;
                    let needed = format!("{things}:{half}");
                    if needed == *scope {
                        assert_eq!(answer.status, status, "{method} {path}: {}", answer.body);
                    } else {
                        assert_lacks(&answer, &needed);
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn a_wrong_body_is_told_in_a_sentence() {
    let system = start().await;
    let one = create(&system, "mcp").await;
    let before = system.get("live", &one).await.body;
    let required = "The 'name' field is required.";
    let too_long = "The 'name' field must be a text of at most 255 characters.";
    let description = "The 'description' field must be a text of at most 10000 characters.";
    for (body, sentence, also_changes) in [
        (json!({}), required, false),
        (json!({"description": "d"}), required, false),
        (json!({"name": null}), required, true),
        (json!({"name": ""}), required, true),
        (json!({"name": " \t\n"}), required, true),
        (json!({"name": 7}), too_long, true),
        (json!({"name": ["a"]}), too_long, true),
        (json!({"name": "ü".repeat(256)}), too_long, true),
        (json!({"name": "a", "description": {}}), description, true),
        (json!({"name": "a", "description": "ü".repeat(10_001)}), description, true),
        (json!([{"name": "a"}]), "The body must be a JSON object", true),
        (json!("name"), "The body must be a JSON object", true),
        (json!(null), "The body must be a JSON object", true),
    ] {
        let expected = format!(
            r#"{{"error":{{"code":"validation_error","message":"{sentence}","status":422}}}}"#
        );
        for (method, path) in [(Method::POST, "/mcp"), (Method::PUT, &*one), (Method::PATCH, &*one)]
        {
            if method == Method::PATCH && !also_changes {
                continue;
            }
            let answer = system.ask("live", method, path, Some(&body)).await;
            assert_refused(&answer, 422, &expected, &[]);
        }
    }
    assert_eq!(system.get("live", &one).await.body, before, "nothing was changed");

    let longest = json!({"name": "ü".repeat(255), "description": "ü".repeat(10_000)});
    assert_json(&system.post("live", "/mcp", &longest).await, 201);
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_told_so() {
    let system = start().await;
    let key = system.program.key("live");
    let send = async |kind: Option<&str>, body: &[u8]| {
        let request = system.client.request(Method::POST, "/skills").bearer_auth(key);
        let request = match kind {
            Some(kind) => request.header("content-type", kind),
            None => request,
        };
        system.client.send(request.body(body.to_vec())).await
    };
    let json = Some("application/json");
    let good = br#"{"name":"First"}"#;
    assert_json(&send(Some("application/json; charset=utf-8"), good).await, 201);
    for (kind, body, sentence) in [
        (None, &good[..], "The body must come with `Content-Type: application/json`"),
        (Some("text/plain"), good, "The body must come with `Content-Type: application/json`"),
        (json, b"", "The body is not valid JSON"),
        (json, b"{", "The body is not valid JSON"),
        (json, b"{\"name\":\"\0\"}", "The body is not valid JSON"),
        (json, b"\xff\xfe", "The body is not valid JSON"),
        (json, b"{\"name\":\"\xff\"}", "The body is not valid JSON"),
        (json, br#"{"name":"a"} {}"#, "The body is not valid JSON"),
    ] {
        let expected = format!(
            r#"{{"error":{{"code":"invalid_request","message":"{sentence}","status":400}}}}"#
        );
        assert_refused(&send(kind, body).await, 400, &expected, &[]);
    }
}
