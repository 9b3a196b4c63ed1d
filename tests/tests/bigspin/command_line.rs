//! Keys from the command line, while the program runs on the same store.

use keyward_tests::bigspin::{assert_invalid, assert_lacks};
use keyward_tests::within;
use serde_json::json;

use super::{BOUND, operator, start};

#[tokio::test]
async fn a_key_is_revoked_reactivated_and_deleted_at_the_command_line_within_the_bound() {
    let system = start().await;
    let operator = operator(&system);
    let (id, key) = operator.create(&["--name", "production-transcript-upload"]).await;
    let ask = async || system.client.get("/projects", &key).await;
    assert_eq!(ask().await.status, 200, "it is let in at once");
    for _ in 0..2 {
        assert_eq!(operator.keys(&["revoke", &id]).await["status"], "revoked");
        assert_invalid(&within(BOUND, 401, ask).await);
        assert_invalid(&ask().await);
        assert_eq!(operator.keys(&["reactivate", &id]).await["status"], "active");
        within(BOUND, 200, ask).await;
    }
    assert_eq!(operator.keys(&["delete", &id, "--yes"]).await["deleted"], true);
    assert_invalid(&within(BOUND, 401, ask).await);
    // Deletion is final.
    assert_eq!(operator.run(&["reactivate", &id]).await.code, Some(1));
    assert_invalid(&ask().await);
}

#[tokio::test]
async fn a_legacy_key_is_revoked_reactivated_and_deleted_like_any_other() {
    let system = start().await;
    let operator = operator(&system);
    let id = operator.id("demo-legacy").await;
    let project = json!({"name": "Support"});
    let ask = async || system.post("legacy", "/projects", &project).await;
    assert_eq!(ask().await.status, 201);
    operator.keys(&["revoke", &id]).await;
    assert_invalid(&within(BOUND, 401, ask).await);
    operator.keys(&["reactivate", &id]).await;
    within(BOUND, 201, ask).await;
    operator.keys(&["delete", &id, "--yes"]).await;
    assert_invalid(&within(BOUND, 401, ask).await);
    assert_eq!(system.get("full", "/projects").await.status, 200, "the others stay good");
}

#[tokio::test]
async fn permissions_changed_at_the_command_line_count_within_the_bound() {
    let system = start().await;
    let operator = operator(&system);
    let (id, key) = operator.create(&["--name", "staging", "--scope", "projects-read"]).await;
    let read = async || system.client.get("/projects", &key).await;
    let project = json!({"name": "Support"});
    let write = async || system.client.post("/projects", &key, &project).await;
    assert_eq!(read().await.status, 200);
    assert_lacks(&write().await, "projects-write");

    operator.keys(&["update", &id, "--scope", "halfpipe-transcripts-write"]).await;
    assert_lacks(&within(BOUND, 403, read).await, "projects-read");
    assert_eq!(write().await.status, 201);
    operator.keys(&["update", &id, "--full-access"]).await;
    within(BOUND, 200, read).await;
    assert_eq!(write().await.status, 201);
}

#[tokio::test]
async fn a_key_rotated_at_the_command_line_ends_at_once() {
    let system = start().await;
    let operator = operator(&system);
    let (id, old) = operator.create(&["--name", "rotated"]).await;
    assert_eq!(system.client.get("/projects", &old).await.status, 200);
    let rotation = operator.keys(&["rotate", &id]).await;
    let new = rotation["key"].as_str().unwrap();
    assert!(new.starts_with("sk-bigspin-api03-"));
    assert_eq!(system.client.get("/projects", new).await.status, 200);
    let ask = async || system.client.get("/projects", &old).await;
    assert_invalid(&within(BOUND, 401, ask).await);
}
