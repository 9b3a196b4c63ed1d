//! Who may manage keys: members of the workspace, and nobody else is told anything.

use keyward_tests::Answer;
use keyward_tests::onepin::{
    ACME, GLOBEX, assert_data, assert_error, assert_is_for_people, assert_missing, assert_not_found,
};

use crate::stage::{NOBODY, ON_A_KEY, Stage};

/// Every operation on this key, and those on all.
async fn every_operation(stage: &Stage, id: &str, headers: &[(&str, &str)]) -> Vec<Answer> {
    let mut answers = Vec::new();
    let on_all = [("GET", "", ""), ("POST", "", r#"{"name":"Mine"}"#)];
    let on_all = on_all.map(|(method, below, body)| (method, below.to_owned(), body));
    let on_one = ON_A_KEY.map(|(method, suffix, body)| (method, format!("/{id}{suffix}"), body));
    for (method, below, body) in on_all.into_iter().chain(on_one) {
        let method = method.parse().unwrap();
        let mut request = stage.system.client.request(method, &format!("/api-keys{below}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !body.is_empty() {
            request = request.header("content-type", "application/json").body(body);
        }
        answers.push(stage.send(request).await);
    }
    answers
}

#[tokio::test]
async fn an_api_key_manages_no_keys() {
    let stage = Stage::start().await;
    let every = [
        "workflows:read",
        "workflows:run",
        "workflows:write",
        "voices:read",
        "voices:write",
        "dictionary:read",
        "dictionary:write",
        "uploads:write",
        "workspace:read",
        "templates:read",
        "catalog:read",
    ];
    let (record, key) = stage.create("Everything", &every).await;
    let before = stage.list("?status=all").await;
    let bearer = format!("Bearer {key}");
    for id in [&*record.id, NOBODY] {
        for headers in [
            &[("authorization", &*bearer)][..],
            &[("authorization", &bearer), ("x-workspace-id", ACME)],
        ] {
            for answer in every_operation(&stage, id, headers).await {
                assert_is_for_people(&answer);
            }
        }
        for answer in every_operation(&stage, id, &[]).await {
            assert_missing(&answer);
        }
    }
    assert_eq!(stage.list("?status=all").await, before);
}

#[tokio::test]
async fn a_stranger_is_not_told_what_exists() {
    let stage = Stage::start().await;
    let (record, _) = stage.create("A", &[]).await;
    let before = stage.list("?status=all").await;
    let bearer = format!("Bearer {}", stage.stranger);
    for id in [&*record.id, NOBODY, "nope"] {
        for workspace in [None, Some(ACME), Some(GLOBEX), Some(NOBODY), Some("")] {
            let mut headers = vec![("authorization", &*bearer)];
            headers.extend(workspace.map(|workspace| ("x-workspace-id", workspace)));
            for answer in every_operation(&stage, id, &headers).await {
                assert_not_found(&answer);
            }
        }
    }
    for body in ["", "{", r#"{"name":7}"#] {
        assert_not_found(&stage.ask(&stage.stranger, "POST", "/api-keys", body).await);
    }
    assert_not_found(&stage.get(&stage.stranger, "/api-keys?limit=0").await);
    assert_eq!(stage.list("?status=all").await, before);
}

#[tokio::test]
async fn a_member_is_not_told_what_other_workspaces_have() {
    let stage = Stage::start().await;
    let other = stage.get(stage.key("other"), "/auth/whoami").await.json();
    assert_eq!(other["data"]["workspace_id"], GLOBEX);
    let other = other["data"]["api_key_id"].as_str().unwrap();
    for id in [other, NOBODY] {
        for (method, suffix, body) in ON_A_KEY {
            assert_not_found(&stage.manage(method, &format!("/{id}{suffix}"), body).await);
        }
    }
    assert_eq!(stage.get(stage.key("other"), "/workflows").await.status, 200, "it is untouched");
}

#[tokio::test]
async fn a_member_manages_the_workspace_that_they_name() {
    let stage = Stage::start().await;
    let (record, _) = stage.create("A", &[]).await;
    let bearer = format!("Bearer {}", stage.operator);
    let path = format!("/api-keys/{}", record.id);
    let own = stage.request(&stage.operator, "GET", &path).header("x-workspace-id", ACME);
    assert_data(&stage.send(own).await, 200, &record.shown());

    let before = stage.list("?status=all").await;
    let upper = ACME.to_uppercase();
    for workspaces in [
        &[GLOBEX][..],
        &[NOBODY],
        &["nope"],
        &[""],
        &[&upper],
        &[ACME, ACME],
        &[ACME, GLOBEX],
        &[GLOBEX, ACME],
    ] {
        let mut headers = vec![("authorization", &*bearer)];
        headers.extend(workspaces.iter().map(|workspace| ("x-workspace-id", *workspace)));
        for id in [&*record.id, NOBODY] {
            for answer in every_operation(&stage, id, &headers).await {
                assert_not_found(&answer);
            }
        }
        let mut whoami = stage.request(&stage.operator, "GET", "/auth/whoami");
        for workspace in workspaces {
            whoami = whoami.header("x-workspace-id", *workspace);
        }
        let answer = stage.send(whoami).await;
        assert_error(&answer, 404, "NOT_FOUND", "Workspace not found.", &[]);
    }
    assert_eq!(stage.list("?status=all").await, before);
}

#[tokio::test]
async fn people_do_not_use_what_is_for_keys() {
    let stage = Stage::start().await;
    for path in ["/workflows", "/voices", "/usage/summary"] {
        assert_missing(&stage.get(&stage.operator, path).await);
    }
}
