//! Each attempt, over a socket.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use keyward_tests::Answer;
use keyward_tests::scribe_sight::{
    AMBIGUOUS, LACKS, NO_KEY, NO_METHOD, OUT_OF_REACH, OWN_KEY, UNAUTHENTICATED, assert_refused,
};
use serde_json::Value;

use crate::attempts::{Attempt, End, all};
use crate::stage::Stage;

const NO_ENDPOINT: &str = r#"{"error":{"code":"not_found","message":"There is no such endpoint"},"meta":{"request_id":"{{request_id}}"}}"#;

fn assert_end(attempt: &Attempt, answer: &Answer) {
    match attempt.end {
        End::Unauthenticated => assert_refused(answer, 401, UNAUTHENTICATED),
        End::Lacks => assert_refused(answer, 403, LACKS),
        End::OutOfReach => assert_refused(answer, 403, OUT_OF_REACH),
        End::Ambiguous => assert_refused(answer, 400, AMBIGUOUS),
        End::NoKey => assert_refused(answer, 404, NO_KEY),
        End::NoEndpoint => assert_refused(answer, 404, NO_ENDPOINT),
        End::NoMethod => assert_refused(answer, 405, NO_METHOD),
        End::OwnKey => assert_refused(answer, 409, OWN_KEY),
        End::Invalid(field) => {
            assert_eq!(answer.status, 400, "{}", answer.body);
            let error = &answer.json()["error"];
            assert_eq!(
                (&error["code"], &error["details"]["field"]),
                (&Value::from("invalid_request"), &Value::from(field))
            );
        }
        End::Harmless => assert!(matches!(answer.status, 200 | 201), "{}", answer.body),
    }
}

/// The records that a key sees, by their ids.
async fn records(stage: &Stage, label: &str) -> BTreeMap<String, Value> {
    let list = stage.list(label).await;
    let records = list["data"].as_array().unwrap().iter();
    records.map(|record| (record["id"].as_str().unwrap().to_owned(), record.clone())).collect()
}

#[tokio::test]
async fn nobody_gets_more_than_they_have() {
    let stage = Stage::start().await;
    let theirs = records(&stage, "other").await;
    let mut abilities: HashMap<&str, BTreeSet<String>> = HashMap::new();
    let mut before = records(&stage, "secret").await;
    let attempts = all();
    let sentences: BTreeSet<&str> = attempts.iter().map(|attempt| attempt.sentence).collect();
    assert_eq!(sentences.len(), attempts.len(), "each is another one");

    for attempt in &attempts {
        // Shown by the test runner where something fails.
        println!("{}", attempt.sentence);
        let own = format!("authorization: Bearer {}", stage.key(attempt.by));
        let lines = [&[&*own, "host: test"], &*attempt.headers].concat().join("\r\n");
        let head = stage.fill(&format!("{} HTTP/1.1\r\n{lines}\r\n", attempt.target));
        let body = match std::str::from_utf8(&attempt.body) {
            Ok(text) => stage.fill(text).into_bytes(),
            Err(_) => attempt.body.clone(),
        };
        let answer = stage.send(&head, &body).await;
        assert_end(attempt, &answer);
        for id in theirs.keys() {
            assert!(!answer.body.contains(id), "another organization's");
        }
        assert_eq!(records(&stage, "other").await, theirs, "theirs are as they were");

        let after = records(&stage, "secret").await;
        for (id, record) in &before {
            assert_eq!(after.get(id), Some(record), "it is as it was");
        }
        let new: Vec<&String> = after.keys().filter(|id| !before.contains_key(*id)).collect();
        if answer.status == 201 {
            let made = answer.json()["data"].clone();
            assert_eq!(new, [made["id"].as_str().unwrap()]);
            assert_eq!(after[new[0]]["key_type"], "secret");
            if !abilities.contains_key(attempt.by) {
                let own = stage.abilities(stage.key(attempt.by)).await;
                assert!(own.len() > 3, "what it can do is seen: {own:?}");
                abilities.insert(attempt.by, own);
            }
            let can = stage.abilities(made["key"].as_str().unwrap()).await;
            let more: Vec<&String> = can.difference(&abilities[attempt.by]).collect();
            assert!(more.is_empty(), "{more:?}");
        } else {
            assert_eq!(new, [""; 0], "no key came of it");
        }
        before = after;
    }
}
