//! Many at once.

use std::collections::HashSet;

use futures_util::future::join_all;
use keyward_tests::onepin::{assert_conflict, assert_invalid};

use crate::stage::Stage;

const AT_ONCE: usize = 100;

#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_rotations_of_a_key_one_wins() {
    let stage = Stage::start().await;
    let (record, key) = stage.create("A", &["workflows:read"]).await;
    let before = stage.list("?status=all").await["pagination"]["total"].as_u64().unwrap();
    let path = format!("/{}/rotate", record.id);
    let answers = join_all((0..AT_ONCE).map(|_| stage.manage("PATCH", &path, ""))).await;

    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!((won.len(), lost.len()), (1, AT_ONCE - 1));
    let won = &won[0].json()["data"];
    let (new_id, new_key) =
        (won["new_key"]["id"].as_str().unwrap(), won["new_key"]["api_key"].as_str().unwrap());
    for answer in lost {
        let sentence = format!("the key was rotated already: `{new_id}` is in its place");
        assert_conflict(answer, &sentence);
    }
    let ids: HashSet<_> = answers.iter().map(|answer| answer.header("x-request-id")).collect();
    assert_eq!(ids.len(), AT_ONCE, "each request has an id of its own");

    assert_invalid(&stage.get(&key, "/workflows").await);
    assert_eq!(stage.get(new_key, "/workflows").await.status, 200);
    let after = stage.list("?status=all").await;
    assert_eq!(after["pagination"]["total"], before + 1);
    let named = after["data"].as_array().unwrap().iter().filter(|shown| shown["name"] == "A");
    let mut named: Vec<_> = named.map(|shown| (shown["id"].as_str(), &shown["active"])).collect();
    named.sort_unstable_by_key(|(id, _)| *id != Some(new_id));
    let (new, old) = (serde_json::json!(true), serde_json::json!(false));
    assert_eq!(named, [(Some(new_id), &new), (Some(&*record.id), &old)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_keys_are_made_at_once() {
    let stage = Stage::start().await;
    let before = stage.list("").await["pagination"]["total"].as_u64().unwrap();
    let made = join_all((0..AT_ONCE).map(|_| stage.create("A", &["workflows:read"]))).await;
    let ids: HashSet<_> = made.iter().map(|(record, _)| &record.id).collect();
    let keys: HashSet<_> = made.iter().map(|(_, key)| key).collect();
    assert_eq!((ids.len(), keys.len()), (AT_ONCE, AT_ONCE));
    assert_eq!(stage.list("").await["pagination"]["total"], before + AT_ONCE as u64);
    let uses = join_all(made.iter().map(|(_, key)| stage.get(key, "/workflows"))).await;
    assert!(uses.iter().all(|answer| answer.status == 200));
}
