use keyward::dialect::{Dialect, InFlight};
use serde_json::{Value, json};

use crate::stage::{Sender, Stage};

const PATH: &str = "/api-keys";

async fn stage() -> (Stage, Sender) {
    let stage = Stage::of_keys(Dialect::standard(), PATH).await;
    let admin = stage.issue("admin", "keys:read keys:write projects-read").await;
    let admin = Sender::of(&admin);
    (stage, admin)
}

async fn create(stage: &Stage, admin: &Sender, body: &Value) -> Value {
    let answer = stage.send("POST", "", admin, Some(&body.to_string())).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.json()
}

fn id(record: &Value) -> String {
    format!("/{}", record["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_key_lives_from_its_creation_to_its_deletion() {
    let (stage, admin) = stage().await;
    let created = create(&stage, &admin, &json!({"name": "CI", "scopes": ["projects-read"]})).await;
    assert!(created["key"].as_str().unwrap().starts_with("kw_live_"));
    let path = id(&created);

    let shown = stage.send("GET", &path, &admin, None).await;
    assert_eq!((shown.status, shown.header("content-type")), (200, Some("application/json")));
    let shown = shown.json();
    assert!(shown.get("key").is_none());
    assert_eq!(shown["status"], "active");
    assert_eq!(shown["scopes"], json!(["projects-read"]));

    let change = r#"{"name":"CI 2","description":"builds","expires_at":"2999-01-01T01:00:00+01:00","rate_limit_per_min":60}"#;
    let changed = stage.send("PATCH", &path, &admin, Some(change)).await.json();
    assert_eq!(changed["name"], "CI 2");
    assert_eq!(changed["description"], "builds");
    assert_eq!(changed["expires_at"], "2999-01-01T00:00:00.000Z");
    assert_eq!(changed["rate_limit_per_min"], 60);
    let cleared = r#"{"description":null,"expires_at":null,"rate_limit_per_min":null}"#;
    let cleared = stage.send("PATCH", &path, &admin, Some(cleared)).await.json();
    for field in ["description", "expires_at", "rate_limit_per_min"] {
        assert_eq!(cleared[field], Value::Null, "{field}");
    }
    assert_eq!(cleared["name"], "CI 2", "what is not named stays");

    let rotated = stage.send("POST", &format!("{path}/rotate"), &admin, None).await.json();
    assert_eq!(rotated["old"]["status"], "revoked");
    assert!(rotated["new"]["key"].as_str().unwrap().starts_with("kw_live_"));
    let path = id(&rotated["new"]);

    let revoked = stage.send("POST", &format!("{path}/revoke"), &admin, None).await.json();
    assert_eq!(revoked["status"], "revoked");
    let again = stage.send("POST", &format!("{path}/rotate"), &admin, None).await;
    assert_eq!((again.status, &again.json()["code"]), (409, &json!("conflict")));
    assert_eq!(again.header("content-type"), Some("application/problem+json"));

    let deleted = stage.send("DELETE", &path, &admin, None).await;
    assert_eq!((deleted.status, &*deleted.body), (204, ""));
    let gone = stage.send("GET", &path, &admin, None).await;
    assert_eq!((gone.status, &gone.json()["code"]), (404, &json!("not_found")));
}

#[tokio::test]
async fn all_keys_are_seen_once_by_following_the_cursor() {
    let (stage, admin) = stage().await;
    for number in 0..6 {
        create(&stage, &admin, &json!({"name": format!("key {number}"), "scopes": []})).await;
    }
    let (mut names, mut query) = (Vec::new(), "?limit=3".to_owned());
    loop {
        let page = stage.send("GET", &query, &admin, None).await.json();
        let data = page["data"].as_array().unwrap();
        assert!(data.len() <= 3);
        names.extend(data.iter().map(|key| key["name"].as_str().unwrap().to_owned()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        query = format!("?limit=3&cursor={cursor}");
    }
    names.sort_unstable();
    assert_eq!(names, ["admin", "key 0", "key 1", "key 2", "key 3", "key 4", "key 5"]);
}

#[tokio::test]
async fn a_list_shows_the_status_that_is_asked_for() {
    let (stage, admin) = stage().await;
    let ended = create(&stage, &admin, &json!({"name": "ended", "scopes": []})).await;
    stage.send("POST", &format!("{}/revoke", id(&ended)), &admin, None).await;
    for (query, names) in [
        ("", vec!["admin"]),
        ("?status=active", vec!["admin"]),
        ("?status=revoked", vec!["ended"]),
        ("?status=all", vec!["ended", "admin"]),
        ("?status=revoked&status=active", vec!["admin"]),
        ("?workspace=globex", vec![]),
    ] {
        let page = stage.send("GET", query, &admin, None).await.json();
        let data = page["data"].as_array().unwrap();
        let found: Vec<_> = data.iter().map(|key| key["name"].as_str().unwrap()).collect();
        assert_eq!(found, names, "{query}");
    }
}

#[tokio::test]
async fn every_fault_of_a_request_is_told_at_once() {
    let (stage, admin) = stage().await;
    let body = r#"{"scopes":["projects-read",7],"expires_at":"2001-01-01T00:00:00Z","expire_at":1,"rate_limit_per_min":0}"#;
    let answer = stage.send("POST", "", &admin, Some(body)).await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    assert_eq!(
        answer.json()["errors"],
        json!([
            {"field": "name", "code": "missing", "detail": "Field required"},
            {"field": "scopes.1", "code": "string_type", "detail": "Input should be a valid string"},
            {"field": "rate_limit_per_min", "code": "greater_than_equal", "detail": "Input should be greater than or equal to 1"},
            {"field": "expires_at", "code": "datetime_future", "detail": "Input should be in the future"},
            {"field": "expire_at", "code": "extra_forbidden", "detail": "Extra inputs are not permitted"},
        ])
    );
    let beyond = r#"{"name":"a","expires_at":"9999-12-31T23:59:59-01:00"}"#;
    let answer = stage.send("POST", "", &admin, Some(beyond)).await.json();
    assert_eq!(answer["errors"][0]["code"], "datetime_parsing");
    let answer = stage.send("GET", "?limit=0&cursor=x&status=y", &admin, None).await.json();
    let codes: Vec<_> = answer["errors"].as_array().unwrap().iter().map(|e| &e["code"]).collect();
    assert_eq!(codes, ["greater_than_equal", "value_error", "enum"]);
}

#[tokio::test]
async fn a_key_without_the_scope_manages_nothing() {
    let (stage, admin) = stage().await;
    let created = create(&stage, &admin, &json!({"name": "CI", "scopes": ["keys:read"]})).await;
    let reader = Sender::key(created["key"].as_str().unwrap());
    assert_eq!(stage.send("GET", "", &reader, None).await.status, 200);
    let refused = stage.send("POST", "", &reader, Some(r#"{"name":"x"}"#)).await;
    assert_eq!((refused.status, &refused.json()["code"]), (403, &json!("insufficient_scope")));
    let challenge = refused.header("www-authenticate").unwrap();
    assert!(challenge.ends_with(r#"error="insufficient_scope", scope="keys:write""#));
    assert_eq!(stage.server.client().get_without_key(PATH).await.status, 401);
}

#[tokio::test]
async fn a_key_gives_no_more_than_it_has() {
    let (stage, admin) = stage().await;
    for body in [r#"{"name":"x","scopes":["billing"]}"#, r#"{"name":"x","scopes":"all"}"#] {
        let refused = stage.send("POST", "", &admin, Some(body)).await;
        assert_eq!((refused.status, &refused.json()["code"]), (403, &json!("insufficient_scope")));
    }
    let elsewhere = r#"{"name":"x","workspace":"globex"}"#;
    let refused = stage.send("POST", "", &admin, Some(elsewhere)).await;
    assert_eq!((refused.status, &refused.json()["code"]), (403, &json!("forbidden_resource")));
}

#[tokio::test]
async fn keys_of_other_workspaces_do_not_exist() {
    let (stage, admin) = stage().await;
    let new = keyward::manage::NewKey::new("globex", "theirs");
    let theirs = stage.keys.manager.create(new).await.unwrap().record.id;
    for (method, below) in
        [("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/revoke"), ("POST", "/rotate")]
    {
        let path = format!("/{theirs}{below}");
        let answer = stage.send(method, &path, &admin, Some("{}")).await;
        assert_eq!((answer.status, &answer.json()["code"]), (404, &json!("not_found")), "{method}");
    }
}

#[tokio::test]
async fn paths_that_name_no_key_are_not_found() {
    let (stage, admin) = stage().await;
    let long = format!("/{}", "a".repeat(2_000));
    for below in
        ["/", "/x", "/%ff", "/%00", "/a%2Fb", "/..%2f", "/x/", "/x/y", "/x/rotate/z", "//", &long]
    {
        let answer = stage.send("GET", below, &admin, None).await;
        let expected = if below.ends_with("rotate") { 405 } else { 404 };
        assert_eq!(answer.status, expected, "{below}");
    }
}

#[tokio::test]
async fn a_method_that_a_path_does_not_know_is_told_which_it_does() {
    let (stage, admin) = stage().await;
    for (method, below, allowed) in [
        ("PUT", "", "POST, GET, HEAD"),
        ("OPTIONS", "", "POST, GET, HEAD"),
        ("POST", "/x", "GET, PATCH, DELETE, HEAD"),
        ("GET", "/x/rotate", "POST"),
    ] {
        let answer = stage.send(method, below, &admin, None).await;
        assert_eq!(answer.status, 405, "{method} {below}");
        assert_eq!(answer.header("allow"), Some(allowed));
        assert_eq!(answer.json()["code"], "method_not_allowed");
    }
    let get = stage.send("GET", "", &admin, None).await;
    let head = stage.send("HEAD", "", &admin, None).await;
    assert_eq!((head.status, &*head.body), (200, ""));
    assert_eq!(head.header("content-length"), get.header("content-length"));
}

#[tokio::test]
async fn a_key_that_ends_itself_is_told_so_where_requests_of_ended_keys_are_refused() {
    for policy in [InFlight::RefuseOnReturn, InFlight::Cancel] {
        let dialect = Dialect::builder("strict").in_flight(policy).build().unwrap();
        let stage = Stage::of_keys(dialect, PATH).await;
        for (method, below) in [("POST", "/rotate"), ("POST", "/revoke"), ("DELETE", "")] {
            let own = stage.issue("own", "keys:read keys:write").await;
            let (sender, path) = (Sender::of(&own), format!("/{}{below}", own.record.id));
            let done = stage.send(method, &path, &sender, None).await;
            assert!((200..300).contains(&done.status), "{method} {below}: {done:?}");
            assert_eq!(stage.server.client().get(PATH, own.key.expose()).await.status, 401);
        }
    }
}

#[tokio::test]
async fn a_key_is_given_networks_and_relieved_of_them() {
    let (stage, admin) = stage().await;
    let body = json!({"name": "office", "scopes": [], "networks": ["2001:db8::/32", "192.0.2.7"]});
    let created = create(&stage, &admin, &body).await;
    assert_eq!(created["networks"], json!(["192.0.2.7/32", "2001:db8::/32"]));
    let path = id(&created);
    for (networks, kept) in
        [(json!(["10.0.0.0/8"]), json!(["10.0.0.0/8"])), (json!(null), json!(null))]
    {
        let change = json!({"networks": networks}).to_string();
        let changed = stage.send("PATCH", &path, &admin, Some(&change)).await.json();
        assert_eq!(changed["networks"], kept);
    }
    let many: Vec<String> = (0..101).map(|number| format!("10.0.{number}.0/24")).collect();
    for (networks, at, detail) in [
        (json!([]), "networks", "name a network, such as 203.0.113.0/24"),
        (json!(many), "networks", "name at most 100 networks"),
        (
            json!(["10.0.0.0/8", "office"]),
            "networks.1",
            "`office` is not a network: write it as 203.0.113.0/24 or 2001:db8::/32",
        ),
        (
            json!(["10.0.0.5/8"]),
            "networks.0",
            "`10.0.0.5/8` is an address in a network: write 10.0.0.0/8 or 10.0.0.5/32",
        ),
    ] {
        let change = json!({"networks": networks}).to_string();
        let refused = stage.send("PATCH", &path, &admin, Some(&change)).await;
        assert_eq!(refused.status, 422);
        let fault = &refused.json()["errors"][0];
        let told = fault["detail"].as_str().unwrap();
        assert_eq!((&fault["field"], told), (&json!(at), &*format!("Value error, {detail}")));
    }
}
