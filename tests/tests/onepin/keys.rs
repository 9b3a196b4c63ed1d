//! What keys are told about themselves, the workspace that they may name, and those of old.

use std::sync::Arc;

use keyward::clock::SystemClock;
use keyward::key::{Creator, Grant, PlainKey};
use keyward::manage::NewKey;
use keyward_tests::Answer;
use keyward_tests::onepin::{
    ACME, GLOBEX, OPERATOR, Record, assert_answers, assert_data, assert_invalid,
    assert_of_another_workspace, meta,
};
use serde_json::json;

use crate::stage::Stage;

#[track_caller]
fn assert_is(answer: &Answer, whoami: &str) {
    assert_answers(answer, 200, &format!(r#"{{"data":{whoami},"meta":{}}}"#, meta(answer)), &[]);
}

#[tokio::test]
async fn a_key_is_told_what_it_is() {
    let stage = Stage::start().await;
    let scopes = ["workflows:read", "workflows:run", "voices:read"];
    let (record, key) = stage.create("A", &scopes).await;
    let whoami = |scopes: &str| {
        let id = &record.id;
        format!(
            r#"{{"auth_kind":"api_key","user_id":"{OPERATOR}","scopes":[{scopes}],"workspace_id":"{ACME}","api_key_id":"{id}"}}"#
        )
    };
    let sorted = r#""voices:read","workflows:read","workflows:run""#;
    assert_is(&stage.get(&key, "/auth/whoami").await, &whoami(sorted));

    stage.manage("PATCH", &format!("/{}", record.id), r#"{"scopes":[]}"#).await;
    assert_is(&stage.get(&key, "/auth/whoami").await, &whoami(""));
}

#[tokio::test]
async fn a_person_is_told_who_they_are() {
    let stage = Stage::start().await;
    let whoami = format!(
        r#"{{"auth_kind":"jwt","user_id":"{OPERATOR}","scopes":[],"workspace_id":"{ACME}","api_key_id":null}}"#
    );
    assert_is(&stage.get(&stage.operator, "/auth/whoami").await, &whoami);
}

#[tokio::test]
async fn a_key_may_name_its_own_workspace_alone() {
    let stage = Stage::start().await;
    let (reader, other) = (stage.key("reader"), stage.key("other"));
    let upper = ACME.to_uppercase();
    for (key, workspaces, fits) in [
        (reader, &[ACME][..], true),
        (other, &[GLOBEX], true),
        (reader, &[GLOBEX], false),
        (other, &[ACME], false),
        (reader, &["elsewhere"], false),
        (reader, &[&upper], false),
        (reader, &[""], false),
        (reader, &[ACME, ACME], false),
        (reader, &[ACME, GLOBEX], false),
        (reader, &[ACME, ""], false),
    ] {
        for path in ["/workflows", "/voices", "/usage/summary", "/auth/whoami", "/nowhere"] {
            let mut request = stage.request(key, "GET", path);
            for workspace in workspaces {
                request = request.header("x-workspace-id", *workspace);
            }
            let answer = stage.send(request).await;
            if fits {
                let status = if path == "/nowhere" { 404 } else { 200 };
                assert_eq!(answer.status, status, "{}", answer.body);
            } else {
                assert_of_another_workspace(&answer);
            }
        }
    }
    let bad = stage.request("pk_live_9f8e7d6c3b2a1d0e", "GET", "/voices");
    assert_invalid(&stage.send(bad.header("x-workspace-id", ACME)).await);
}

#[tokio::test]
async fn keys_see_what_their_workspace_has() {
    let stage = Stage::start().await;
    for (label, workflows) in [("reader", 2), ("other", 1)] {
        let list = stage.get(stage.key(label), "/workflows").await.json();
        assert_eq!(list["data"].as_array().unwrap().len(), workflows);
        let usage = stage.get(stage.key(label), "/usage/summary").await.json();
        assert_eq!(usage["data"]["workflow_runs"], 0);
    }
}

#[tokio::test]
async fn a_key_of_old_is_let_in_and_replaced_by_a_new_one() {
    let stage = Stage::start().await;
    let manager = stage.elsewhere(Arc::new(SystemClock::new())).await;
    let manager = manager.acting_as(Creator::Person(OPERATOR.to_owned()));
    for secret in ["9f8e7d6c3b2a1d0e", "Abcdefghij0123456789ABCDEFGHIJkl"] {
        let key = PlainKey::new(format!("op_live_{secret}"));
        let grant = Grant::Only("workflows:read".parse().unwrap());
        let kept =
            manager.adopt(&key, NewKey::new(ACME, "Of old").with_grant(grant)).await.unwrap();
        assert_eq!(stage.get(key.expose(), "/workflows").await.status, 200);
        assert_invalid(&stage.get(&format!("pk_live_{secret}"), "/workflows").await);

        let record = Record {
            id: kept.id.to_string(),
            name: "Of old".to_owned(),
            prefix: "op_live_",
            suffix: secret[..8].to_owned(),
            scopes: vec!["workflows:read"],
            rate_limit_per_min: None,
            last_used_at: None,
            revoked_at: None,
            created_at: kept.created_at.to_rfc3339(),
            updated_at: kept.updated_at.to_rfc3339(),
        };
        let path = format!("/{}", record.id);
        let shown = stage.manage("GET", &path, "").await;
        let record = record.used_as(&shown.json()["data"]);
        assert_data(&shown, 200, &record.shown());

        let rotated = stage.manage("PATCH", &format!("{path}/rotate"), "").await.json();
        let (new, new_key) = Record::issued(&rotated["data"]["new_key"]);
        assert_eq!(rotated["data"]["new_key"]["key_prefix"], json!(new.prefix));
        assert_invalid(&stage.get(key.expose(), "/workflows").await);
        assert_eq!(stage.get(&new_key, "/workflows").await.status, 200);
    }
}
