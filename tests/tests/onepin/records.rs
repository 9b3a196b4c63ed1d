//! What each operation answers, byte for byte.

use keyward_tests::onepin::{Record, assert_data, assert_is_now, assert_page};

use crate::stage::Stage;

const SCOPES: [&str; 3] = ["workflows:read", "workflows:run", "voices:read"];

/// A key with everything that can be said of one.
async fn create(stage: &Stage) -> (Record, String) {
    let body = r#"{"name":"Production API Key","scopes":["voices:read","workflows:run","workflows:read","voices:read"],"rate_limit_per_min":1000,"key_type":"live"}"#;
    let answer = stage.manage("POST", "", body).await;
    let (mut record, key) = Record::created(&answer);
    record.scopes = SCOPES.to_vec();
    record.rate_limit_per_min = Some(1000);
    assert_data(&answer, 201, &record.shown_with(&key));
    assert_eq!(record.name, "Production API Key");
    (record, key)
}

/// Takes an instant that only the program knows: it is now.
fn now(instant: &serde_json::Value) -> String {
    let instant = instant.as_str().unwrap();
    assert_is_now(instant);
    instant.to_owned()
}

#[tokio::test]
async fn the_documented_request_makes_a_key() {
    let stage = Stage::start().await;
    let answer = stage.manage("POST", "", "{\n \"name\": \"Production API Key\"\n }").await;
    let (record, key) = Record::created(&answer);
    assert_eq!((&*record.name, &record.scopes[..]), ("Production API Key", &[][..]));
    assert_data(&answer, 201, &record.shown_with(&key));
}

#[tokio::test]
async fn a_key_is_made_with_all_that_it_can_have() {
    let stage = Stage::start().await;
    let (record, key) = create(&stage).await;
    assert_eq!(key[..16], format!("pk_live_{}", record.suffix));
    let answer = stage.get(&key, "/workflows").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[tokio::test]
async fn its_secret_shows_once() {
    let stage = Stage::start().await;
    let (record, _) = create(&stage).await;
    let answer = stage.manage("GET", &format!("/{}", record.id), "").await;
    assert_data(&answer, 200, &record.shown());
}

#[tokio::test]
async fn a_list_shows_records_and_where_there_are_more() {
    let stage = Stage::start().await;
    let (record, _) = create(&stage).await;
    let answer = stage.manage("GET", "?limit=1", "").await;
    let next = "/api/v1/api-keys?limit=1&offset=1";
    let pagination = format!(r#"{{"limit":1,"total":4,"next":"{next}","prev":null}}"#);
    assert_page(&answer, &[record.shown()], &pagination);

    let answer = stage.manage("GET", "?status=revoked", "").await;
    assert_page(&answer, &[], r#"{"limit":50,"total":0,"next":null,"prev":null}"#);
}

#[tokio::test]
async fn a_changed_key_is_shown_as_it_is_now() {
    let stage = Stage::start().await;
    let (mut record, _) = create(&stage).await;
    let body = r#"{"name":"Staging","scopes":["voices:read"],"rate_limit_per_min":null}"#;
    let answer = stage.manage("PATCH", &format!("/{}", record.id), body).await;
    record.name = "Staging".to_owned();
    record.scopes = vec!["voices:read"];
    record.rate_limit_per_min = None;
    record.updated_at = now(&answer.json()["data"]["updated_at"]);
    assert_data(&answer, 200, &record.shown());
}

#[tokio::test]
async fn a_deleted_key_is_shown_with_its_end() {
    let stage = Stage::start().await;
    let (mut record, _) = create(&stage).await;
    let answer = stage.manage("DELETE", &format!("/{}", record.id), "").await;
    let end = now(&answer.json()["data"]["revoked_at"]);
    (record.revoked_at, record.updated_at) = (Some(end.clone()), end);
    assert_data(&answer, 200, &record.shown());

    let again = stage.manage("DELETE", &format!("/{}", record.id), "").await;
    assert_data(&again, 200, &record.shown());
    let shown = stage.manage("GET", &format!("/{}", record.id), "").await;
    assert_data(&shown, 200, &record.shown());
}

#[tokio::test]
async fn a_rotation_shows_the_old_key_and_the_new_one() {
    let stage = Stage::start().await;
    let (mut old, old_key) = create(&stage).await;
    let answer = stage.manage("PATCH", &format!("/{}/rotate", old.id), "").await;
    let data = &answer.json()["data"];
    let end = now(&data["old_key"]["revoked_at"]);
    (old.revoked_at, old.updated_at) = (Some(end.clone()), end);
    let (mut new, new_key) = Record::issued(&data["new_key"]);
    new.name = "Production API Key".to_owned();
    new.scopes = SCOPES.to_vec();
    new.rate_limit_per_min = Some(1000);
    let (old_key_shown, new_key_shown) = (old.shown(), new.shown_with(&new_key));
    let rotated = format!(r#"{{"old_key":{old_key_shown},"new_key":{new_key_shown}}}"#);
    assert_data(&answer, 200, &rotated);
    assert!(old.id != new.id && old_key != new_key);

    for record in [old, new] {
        let shown = stage.manage("GET", &format!("/{}", record.id), "").await;
        assert_data(&shown, 200, &record.shown());
    }
}

#[tokio::test]
async fn texts_are_shown_as_they_were_sent() {
    let stage = Stage::start().await;
    for name in [r#"\"quoted\" \\ \n\t"#, "é日本🦀", "{{key}} %FF <b>", " blanks around "] {
        let answer = stage.manage("POST", "", &format!(r#"{{"name":"{name}"}}"#)).await;
        let (mut record, key) = Record::created(&answer);
        record.name = name.to_owned();
        assert_data(&answer, 201, &record.shown_with(&key));
    }
}
