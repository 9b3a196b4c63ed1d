//! The programs of the four systems: what they print, and whom each endpoint lets in.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;

use keyward_tests::system::{assert_refuses_bad_bodies, assert_refuses_strange_requests};
use keyward_tests::{Answer, Program, System};
use reqwest::Method;
use rustix::process::Signal;
use serde_json::json;

const BIGSPIN: &str = env!("CARGO_BIN_EXE_bigspin-under-test");
const BIGSPIN_ACTIX: &str = env!("CARGO_BIN_EXE_bigspin-actix-under-test");
const SCRIBE_SIGHT: &str = env!("CARGO_BIN_EXE_scribe-sight-under-test");
const SCRIBE_SIGHT_ACTIX: &str = env!("CARGO_BIN_EXE_scribe-sight-actix-under-test");
const ONEPIN: &str = env!("CARGO_BIN_EXE_onepin-under-test");
const SYSTEMPROMPT: &str = env!("CARGO_BIN_EXE_systemprompt-under-test");

fn files_in(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder).unwrap();
    files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
}

#[tokio::test]
async fn each_program_prints_its_keys_and_requests_that_work_when_pasted() {
    let bigspin = ["full", "read", "write", "legacy", "other"];
    let scribe_sight = ["secret", "read", "publishable", "project", "other"];
    for (program, name, labels, statuses) in [
        (BIGSPIN, "bigspin", &bigspin[..], &[201, 200, 403][..]),
        (BIGSPIN_ACTIX, "bigspin-actix", &bigspin, &[201, 200, 403]),
        (SCRIBE_SIGHT, "scribe-sight", &scribe_sight, &[200, 403]),
        (SCRIBE_SIGHT_ACTIX, "scribe-sight-actix", &scribe_sight, &[200, 403]),
        (ONEPIN, "onepin", &["reader", "runner", "slow", "other"], &[200, 403]),
        (
            SYSTEMPROMPT,
            "systemprompt",
            &["live", "test", "reader", "noscope", "expired"],
            &[200, 403],
        ),
    ] {
        let system = System::start(program, "").await;
        assert_eq!(system.words_after("key "), labels);
        assert_eq!(system.program.paste().await, statuses, "{name}");
        let store = format!("{name}.db");
        assert!(files_in(system.folder.path()).contains(&store), "the default store");
    }
}

const C2: &str = "Key lacks required scope";
const C3: &str = "Key cannot access this project";

#[track_caller]
fn assert_answers(answer: &Answer, status: u16, message: &str) {
    assert_eq!(answer.status, status, "{}", answer.body);
    let body = answer.json();
    assert_eq!(body["error"]["message"], message);
    assert_eq!(body["meta"], json!({"request_id": answer.header("x-request-id").unwrap()}));
}

#[tokio::test]
async fn scribe_sight_keeps_organizations_and_projects_apart() {
    for program in [SCRIBE_SIGHT, SCRIBE_SIGHT_ACTIX] {
        keeps_projects_apart(System::start(program, "/api/v1").await).await;
    }
}

async fn keeps_projects_apart(system: System) {
    let own = system.words_after("project ")[0];

    let org = system.get("project", "/org").await;
    assert_eq!((org.status, &org.json()["data"]["id"]), (200, &json!("org_acme")));
    let meta = &org.json()["meta"];
    assert_eq!(meta["request_id"], org.header("x-request-id").unwrap());
    assert!(meta["timestamp"].as_str().unwrap().ends_with('Z'));

    let projects = async |label| system.get(label, "/projects").await.json()["data"].clone();
    let all = projects("read").await;
    assert_eq!(all.as_array().unwrap().len(), 2);
    assert_eq!(projects("project").await, json!([{"id": own, "name": "Interviews"}]));
    let theirs = projects("other").await[0]["id"].as_str().unwrap().to_owned();
    let second = all[1]["id"].as_str().unwrap();

    for project in [second, &theirs, "proj_nowhere", "%FF"] {
        let path = format!("/projects/{project}/content");
        assert_answers(&system.get("project", &path).await, 403, C3);
    }
    for project in [&theirs, "proj_nowhere"] {
        let path = format!("/projects/{project}/content");
        assert_answers(&system.get("read", &path).await, 404, "Project not found");
    }

    let content = format!("/projects/{own}/content");
    let body = json!({"filename": "call.mp3"});
    let upload = system.post("project", &format!("{content}/upload-url"), &body).await;
    assert_eq!(upload.status, 201, "{}", upload.body);
    let id = upload.json()["data"]["content_id"].as_str().unwrap().to_owned();
    let analyze = format!("{content}/{id}/analyze");
    let analyzed = system.post("secret", &analyze, &json!({})).await;
    assert_eq!((analyzed.status, &analyzed.json()["data"]["status"]), (202, &json!("analyzing")));
    assert_eq!(system.get("read", &content).await.json()["data"], json!([analyzed.json()["data"]]));
    assert_answers(&system.post("read", &analyze, &json!({})).await, 403, C2);
    let nothing = system.post("secret", &format!("{content}/content_x/analyze"), &json!({})).await;
    assert_answers(&nothing, 404, "Content not found");
    assert_refuses_strange_requests(&system, "secret", "/org").await;
}

#[tokio::test]
async fn scribe_sight_publishable_keys_begin_uploads_from_browsers_and_nothing_else() {
    for program in [SCRIBE_SIGHT, SCRIBE_SIGHT_ACTIX] {
        begins_uploads_alone(System::start(program, "/api/v1").await).await;
    }
}

async fn begins_uploads_alone(system: System) {
    let upload = "/projects/proj_interviews/content/upload-url";
    let body = json!({"filename": "call.mp3"});
    assert_eq!(system.post("publishable", upload, &body).await.status, 201);
    assert_answers(&system.post("read", upload, &body).await, 403, C2);
    for (method, path) in [
        (Method::GET, "/org"),
        (Method::GET, "/projects"),
        (Method::GET, "/projects/proj_interviews/content"),
        (Method::GET, "/projects/proj_nowhere/content"),
        (Method::POST, "/projects/proj_interviews/content/x/analyze"),
        (Method::GET, upload),
        (Method::GET, "/nowhere"),
    ] {
        assert_answers(&system.ask("publishable", method, path, None).await, 403, C2);
    }
    let wrong = system.post("publishable", upload, &json!({"filename": 7})).await;
    assert_answers(&wrong, 400, "Validation failed");
    assert_eq!(wrong.json()["error"]["details"]["field"], "filename");
    assert_refuses_bad_bodies(&system, "publishable", upload).await;

    let preflight = system.client.request(Method::OPTIONS, upload);
    let preflight = preflight
        .header("origin", "https://page.example")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type");
    let preflight = system.client.send(preflight).await;
    assert_eq!(preflight.status, 200);
    assert_eq!(preflight.header("access-control-allow-origin"), Some("*"));
    let allowed = preflight.header("access-control-allow-headers").unwrap();
    assert_eq!(allowed, "authorization,content-type");
    for key in [system.program.key("publishable"), "not a key"] {
        let request = system.client.request(Method::POST, upload).bearer_auth(key).json(&body);
        let answer = system.client.send(request.header("origin", "https://page.example")).await;
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        let exposed = answer.header("access-control-expose-headers").unwrap();
        for name in ["x-request-id", "retry-after", "x-ratelimit-remaining"] {
            assert!(exposed.contains(name), "{exposed}");
        }
    }
}

#[tokio::test]
async fn onepin_runs_the_workflows_of_a_workspace() {
    let system = System::start(ONEPIN, "/api/v1").await;
    let workflows = system.get("reader", "/workflows?limit=1").await.json();
    let names: Vec<_> = workflows.as_object().unwrap().keys().collect();
    assert_eq!(names, ["data", "pagination", "meta"]);
    assert_eq!(
        workflows["pagination"],
        json!({"limit": 1, "total": 2, "next": "/api/v1/workflows?offset=1&limit=1", "prev": null})
    );
    let id = workflows["data"][0]["id"].as_str().unwrap();
    let runs = format!("/workflows/{id}/runs");

    let run = system.post("runner", &runs, &json!({"inputs": {"name": "Ada"}})).await;
    assert_eq!((run.status, &run.json()["data"]["inputs"]), (201, &json!({"name": "Ada"})));
    let without_body = system.ask("slow", Method::POST, &runs, None).await;
    assert_eq!(without_body.status, 201, "{}", without_body.body);
    let usage = async |label| system.get(label, "/usage/summary").await.json()["data"].clone();
    assert_eq!(usage("reader").await["workflow_runs"], 2);
    assert_eq!(usage("other").await["workflow_runs"], 0);

    let lacks = system.post("reader", &runs, &json!({})).await;
    assert_eq!((lacks.status, &lacks.json()["error"]["code"]), (403, &json!("FORBIDDEN")));
    for (label, path) in [("other", &*runs), ("runner", "/workflows/%FF/runs")] {
        let answer = system.post(label, path, &json!({})).await;
        let error = json!({"code": "NOT_FOUND", "message": "Workflow not found.", "details": null});
        assert_eq!((answer.status, &answer.json()["error"]), (404, &error));
        assert_eq!(answer.json()["meta"]["request_id"], answer.header("x-request-id").unwrap());
    }
    let wrong = system.post("runner", &runs, &json!({"inputs": []})).await;
    assert_eq!(
        (wrong.status, &wrong.json()["detail"][0]["loc"]),
        (422, &json!(["body", "inputs"]))
    );
    let wrong = system.get("reader", "/voices?limit=0").await;
    assert_eq!(
        (wrong.status, &wrong.json()["detail"][0]["loc"]),
        (422, &json!(["query", "limit"]))
    );
    assert_refuses_bad_bodies(&system, "runner", &runs).await;
    assert_refuses_strange_requests(&system, "reader", "/voices").await;
}

#[tokio::test]
async fn onepin_says_who_is_asking_and_refuses_another_workspace() {
    let system = System::start(ONEPIN, "/api/v1").await;
    let whoami = system.get("reader", "/auth/whoami").await.json()["data"].clone();
    let names: Vec<_> = whoami.as_object().unwrap().keys().collect();
    assert_eq!(names, ["auth_kind", "user_id", "scopes", "workspace_id", "api_key_id"]);
    assert_eq!(whoami["auth_kind"], "api_key");
    assert_eq!(whoami["scopes"], json!(["voices:read", "workflows:read", "workspace:read"]));

    let own = whoami["workspace_id"].as_str().unwrap();
    let other = system.get("other", "/auth/whoami").await.json()["data"]["workspace_id"].clone();
    let key = system.program.key("reader");
    for (workspaces, status) in
        [(&[own][..], 200), (&[other.as_str().unwrap()], 403), (&[""], 403), (&[own, own], 403)]
    {
        let mut request = system.client.request(Method::GET, "/voices").bearer_auth(key);
        for workspace in workspaces {
            request = request.header("x-workspace-id", *workspace);
        }
        let answer = system.client.send(request).await;
        assert_eq!(answer.status, status, "{workspaces:?}");
    }
}

#[tokio::test]
async fn onepin_knows_people_by_a_jwt_also_after_a_restart() {
    let system = System::start(ONEPIN, "/api/v1").await;
    let [operator, stranger] =
        ["operator ", "stranger "].map(|label| system.words_after(label)[0].to_owned());
    let own = system.get("reader", "/auth/whoami").await.json()["data"].clone();

    let whoami = system.client.get("/auth/whoami", &operator).await;
    let expected = json!({
        "auth_kind": "jwt",
        "user_id": own["user_id"],
        "scopes": [],
        "workspace_id": own["workspace_id"],
        "api_key_id": null,
    });
    assert_eq!((whoami.status, &whoami.json()["data"]), (200, &expected));
    assert_eq!(system.client.get("/auth/whoami", &stranger).await.status, 404);
    let elsewhere = system.client.request(Method::GET, "/auth/whoami").bearer_auth(&operator);
    let elsewhere = system.client.send(elsewhere.header("x-workspace-id", "elsewhere")).await;
    assert_eq!((elsewhere.status, &elsewhere.json()["error"]["code"]), (404, &json!("NOT_FOUND")));

    let forged = format!("{}x", &operator[..operator.len() - 1]);
    for (path, token) in [("/auth/whoami", &forged), ("/voices", &operator)] {
        let refused = system.client.get(path, token).await;
        assert_eq!(refused.status, 401);
        assert_eq!(refused.json()["error"]["code"], "INVALID_API_KEY");
    }

    let System { program, folder, .. } = system;
    program.signal(Signal::TERM);
    assert_eq!(program.end().await.code, Some(0));
    let again = Program::start(ONEPIN, folder.path(), &[]).await;
    assert_eq!(again.lines, [""; 0], "neither keys nor tokens");
    let whoami = again.client("/api/v1").get("/auth/whoami", &operator).await;
    assert_eq!((whoami.status, &whoami.json()["data"]), (200, &expected));
}
