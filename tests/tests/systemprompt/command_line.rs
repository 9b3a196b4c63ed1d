//! Keys from the command line, while the program runs on the same store.

use keyward_tests::systemprompt::{assert_expired, assert_invalid, assert_lacks};
use keyward_tests::within;

use crate::{BOUND, operator, start};

#[tokio::test]
async fn a_key_revoked_at_the_command_line_is_p1_within_the_bound_and_for_good() {
    let system = start().await;
    let operator = operator(&system);
    for kind in ["live", "test"] {
        let new = ["--name", "CI Pipeline", "--kind", kind, "--scope", "skills:read"];
        let (id, key) = operator.create(&new).await;
        let ask = async || system.client.get("/skills", &key).await;
        assert_eq!(ask().await.status, 200, "it is let in at once");

        assert_eq!(operator.keys(&["revoke", &id]).await["status"], "revoked");
        assert_invalid(&within(BOUND, 401, ask).await);
        let ended = operator.run(&["reactivate", &id]).await;
        assert_eq!(ended.code, Some(1), "{}", ended.stderr);
        assert!(ended.stderr.contains("cannot be reactivated"), "{}", ended.stderr);
        assert_invalid(&ask().await);
    }
    assert_eq!(system.get("live", "/skills").await.status, 200, "the others stay good");
}

#[tokio::test]
async fn a_key_deleted_at_the_command_line_is_p1_within_the_bound() {
    let system = start().await;
    let operator = operator(&system);
    for name in ["Reader", "Development"] {
        let label = if name == "Reader" { "reader" } else { "test" };
        assert_eq!(system.get(label, "/skills").await.status, 200);
        let id = operator.id(name).await;
        assert_eq!(operator.keys(&["delete", &id, "--yes"]).await["deleted"], true);
        let ask = async || system.get(label, "/skills").await;
        assert_invalid(&within(BOUND, 401, ask).await);
        assert_eq!(operator.run(&["show", &id]).await.code, Some(1));
    }
    let left = operator.keys(&["list"]).await;
    let names: Vec<_> = left.as_array().unwrap().iter().map(|key| &key["name"]).collect();
    assert_eq!(names, ["Expired", "No scope", "Production"], "the newest first");
}

#[tokio::test]
async fn a_key_changed_at_the_command_line_is_another_within_the_bound() {
    let system = start().await;
    let operator = operator(&system);
    let new = ["--name", "Backend", "--scope", "skills:read", "--scope", "mcp:read"];
    let (id, key) = operator.create(&new).await;
    let skills = async || system.client.get("/skills", &key).await;
    assert_eq!(skills().await.status, 200);
    operator.keys(&["update", &id, "--scope", "mcp:read"]).await;
    assert_lacks(&within(BOUND, 403, skills).await, "skills:read");
    operator.keys(&["update", &id, "--scope", "skills:read"]).await;
    within(BOUND, 200, skills).await;

    let soon = std::time::Duration::from_millis(1_500);
    let in_time = format!("{}ms", soon.as_millis());
    assert!(
        operator.keys(&["update", &id, "--expires-in", &in_time]).await["expires_at"].is_string()
    );
    // From its end on no request is let in; and nobody has to hear of that.
    assert_expired(&within(BOUND + soon, 401, skills).await);
    operator.keys(&["update", &id, "--no-expiry"]).await;
    within(BOUND, 200, skills).await;
}

#[tokio::test]
async fn a_key_rotated_at_the_command_line_ends_at_once_or_after_its_grace() {
    let system = start().await;
    let operator = operator(&system);
    let (id, first) = operator.create(&["--name", "Backend", "--scope", "skills:read"]).await;
    let status = async |key: &str| system.client.get("/skills", key).await.status;

    let rotation = operator.keys(&["rotate", &id, "--grace", "1h"]).await;
    let second = rotation["key"].as_str().unwrap();
    assert_eq!((status(&first).await, status(second).await), (200, 200));
    let rotation = operator.keys(&["rotate", rotation["new"]["id"].as_str().unwrap()]).await;
    let third = rotation["key"].as_str().unwrap();
    let ask = async || system.client.get("/skills", second).await;
    assert_invalid(&within(BOUND, 401, ask).await);
    assert_eq!((status(&first).await, status(third).await), (200, 200));

    // A grace ends when somebody revokes what is left of it.
    operator.keys(&["revoke", &id]).await;
    let ask = async || system.client.get("/skills", &first).await;
    assert_invalid(&within(BOUND, 401, ask).await);
}
