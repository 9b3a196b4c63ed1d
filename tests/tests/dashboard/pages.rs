//! What pages show, and how they are found.

use std::time::Duration;

use keyward::dialect::Dialect;
use keyward::key::ScopeSet;
use keyward::manage::{NewKey, Reach};
use keyward::store::{Flush, KeyLookup, Use};
use keyward::usage::Counts;

use crate::stage::{Stage, between};

#[tokio::test]
async fn pages_speak_as_the_dialect_does() {
    for (dialect, service, scopes) in [
        (Dialect::bigspin(), "Bigspin", "permissions"),
        (Dialect::scribe_sight(), "Scribe Sight", "scopes"),
        (Dialect::onepin(), "OnePin", "scopes"),
        (Dialect::systemprompt(), "systemprompt.io", "scopes"),
        (Dialect::standard(), "standard", "scopes"),
    ] {
        let stage = Stage::guarded(dialect.clone()).await;
        let ada = stage.person("ada", Some("acme"));
        stage.key("acme", "production").await;
        let list = ada.page("/dashboard").await;
        assert!(list.contains(&format!("<title>API keys · {service}</title>")));
        assert!(list.contains(&format!("class=\"cap\">{scopes}</span></th>")), "{list}");
        let create = ada.page("/dashboard/new").await;
        for scope in dialect.scopes() {
            assert!(create.contains(scope.name()) && create.contains(scope.description()));
        }
        for kind in dialect.kinds().iter().filter(|_| dialect.kinds().len() > 1) {
            assert!(create.contains(&format!("value=\"{}\"", kind.name())));
        }
    }
}

#[tokio::test]
async fn a_row_has_all_that_tells_keys_apart() {
    let stage = Stage::guarded(Dialect::bigspin()).await;
    let ada = stage.person("ada", None);
    let end = stage.manager.now().plus(Duration::from_hours(24 * 30));
    let new = NewKey::new("acme", "production-upload").with_expires_at(end);
    let by_ada = stage.manager.acting_as(keyward::key::Creator::Person("ada@acme".to_owned()));
    let record = by_ada.create(new).await.unwrap().record;
    let list = ada.page("/dashboard").await;
    for text in [
        "production-upload",
        &record.mask,
        ">Active<",
        "full access",
        "2026-01-06",
        "ada@acme",
        "2026-02-05",
        "acme",
        "never",
    ] {
        assert!(list.contains(text), "{text}");
    }
}

#[tokio::test]
async fn keys_are_found_by_name_status_and_kind_and_in_either_order() {
    let stage = Stage::guarded(Dialect::systemprompt()).await;
    let ada = stage.person("ada", Some("acme"));
    for (name, kind) in [("alpha one", "live"), ("Alpha two", "test"), ("100%", "live")] {
        stage.manager.create(NewKey::new("acme", name).with_kind(kind)).await.unwrap();
        stage.clock.advance(Duration::from_secs(1));
    }
    let soon = stage.manager.now().plus(Duration::from_secs(1));
    stage.manager.create(NewKey::new("acme", "over").with_expires_at(soon)).await.unwrap();
    stage.clock.advance(Duration::from_secs(2));
    let two = stage.manager.list(&keyward::manage::ListKeys::new().with_name("two")).await.unwrap();
    stage.manager.revoke(&two.keys[0].id, Reach::Key).await.unwrap();
    for (query, names) in [
        ("", &["over", "100%", "Alpha two", "alpha one"][..]),
        ("?sort=oldest", &["alpha one", "Alpha two", "100%", "over"]),
        ("?name=ALPHA", &["Alpha two", "alpha one"]),
        ("?name=%25", &["100%"]),
        ("?status=active", &["100%", "alpha one"]),
        ("?status=revoked", &["Alpha two"]),
        ("?status=expired", &["over"]),
        ("?kind=test", &["Alpha two"]),
        ("?name=alpha&status=active&kind=live", &["alpha one"]),
    ] {
        let list = ada.page(&format!("/dashboard{query}")).await;
        let rows = list.split("<th scope=\"row\"").skip(1);
        let found: Vec<&str> = rows.map(|row| between(row, "<bdi>", "</bdi>").unwrap()).collect();
        assert_eq!(found, names, "{query}");
    }
    assert!(ada.page("/dashboard?name=nobody").await.contains("No key is like that"));
}

#[tokio::test]
async fn each_page_goes_on_where_the_one_before_ended() {
    let stage = Stage::guarded(Dialect::bigspin()).await;
    let ada = stage.person("ada", Some("acme"));
    for number in 0..120 {
        stage.key("acme", &format!("key {number:03}")).await;
    }
    for sort in ["", "?sort=oldest"] {
        let mut next = Some(format!("/dashboard{sort}"));
        let (mut seen, mut pages) = (Vec::new(), 0);
        while let Some(path) = next {
            let list = ada.page(&path).await;
            let rows = list.split("<th scope=\"row\"").skip(1);
            seen.extend(rows.map(|row| between(row, "<bdi>", "</bdi>").unwrap().to_owned()));
            next =
                between(&list, "rel=\"next\" href=\"", "\"").map(|href| href.replace("&#38;", "&"));
            pages += 1;
        }
        assert_eq!((seen.len(), pages), (120, 3));
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 120);
    }
}

#[tokio::test]
async fn a_keys_page_tells_what_was_done_to_it_by_whom() {
    let stage = Stage::guarded(Dialect::bigspin()).await;
    let ada = stage.person("ada", Some("acme"));
    let shown = ada.create(&[("name", "production")]).await;
    let key = shown.strip_suffix("/secret").unwrap();
    ada.send(&format!("{key}/revoke"), &[]).await;
    stage.person("eve", Some("acme")).send(&format!("{key}/reactivate"), &[]).await;
    let page = ada.page(key).await;
    let (_, trail) = page.split_once("id=\"trail\"").unwrap();
    let rows: Vec<&str> = trail.split("<tr><td>").skip(1).collect();
    assert_eq!(rows.len(), 3);
    for (row, (act, by)) in
        rows.iter().zip([("reactivated", "eve"), ("revoked", "ada"), ("created", "ada")])
    {
        assert!(row.contains(act) && row.contains(&format!("<bdi>{by}</bdi>")), "{row}");
    }
}

#[tokio::test]
async fn a_keys_page_shows_its_use_of_thirty_days() {
    let stage = Stage::guarded(Dialect::bigspin()).await;
    let ada = stage.person("ada", Some("acme"));
    let id = stage.key("acme", "production").await.record.id;
    let path = format!("/dashboard/keys/{id}");
    assert!(ada.page(&path).await.contains("No request has come with it."));
    let now = stage.manager.now();
    let counts = Counts { requests: 42, scope_refused: 2, ..Counts::default() };
    let hour = now.start_of_hour();
    let uses = vec![Use { id, last_used_at: Some(now), hour, counts }];
    let flush = Flush { recorder: 1, number: 1, at: now, uses };
    stage.store.uses().unwrap().record(&flush).await.unwrap();
    let page = ada.page(&path).await;
    assert!(page.contains("<strong>40</strong> requests passed, <strong>2</strong> were refused"));
    assert!(page.contains("2026-01-06: 40 passed, 2 refused"), "{page}");
    assert_eq!(page.matches("class=\"day\"").count(), 30);
}

#[tokio::test]
async fn keys_worth_a_look_are_on_a_page_of_their_own() {
    let stage = Stage::guarded(Dialect::bigspin()).await;
    let ada = stage.person("ada", Some("acme"));
    assert!(ada.page("/dashboard/hygiene").await.contains("Nothing to say"));
    stage.key("acme", "left behind").await;
    stage.key("globex", "of globex").await;
    stage.clock.advance(Duration::from_hours(24 * 200));
    let page = ada.page("/dashboard/hygiene").await;
    for text in ["left behind", "never used", "without expiry", "full access", "due for rotation"] {
        assert!(page.contains(text), "{text}");
    }
    assert!(!page.contains("of globex"));
}

#[tokio::test]
async fn a_list_without_keys_and_paths_without_a_page_help() {
    let stage = Stage::guarded(Dialect::bigspin()).await;
    let ada = stage.person("ada", Some("acme"));
    let empty = ada.page("/dashboard").await;
    assert!(empty.contains("There are no keys yet") && empty.contains("Create the first key"));
    for path in [
        "/dashboard/nothing",
        "/dashboard/keys/none",
        "/dashboard/keys/../x",
        "/dashboard/keys/a/b",
        "/dashboard/keys/%00",
        "/dashboard/new/x",
        "/dashboard/assets/1/none.css",
    ] {
        let answer = ada.get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.body.contains("There is no such"), "{path}");
    }
}

#[tokio::test]
async fn a_list_of_fifty_keys_with_its_style_is_small() {
    let stage = Stage::guarded(Dialect::onepin()).await;
    let ada = stage.person("ada", None);
    let workspace = "a3f1c2d4-5b6e-4f7a-9c8d-123456789abc";
    let grant: ScopeSet = "workflows:read workflows:run voices:read".parse().unwrap();
    for number in 0..60 {
        let new = NewKey::new(workspace, format!("production integration number {number}"));
        let new = new.with_grant(keyward::key::Grant::Only(grant.clone()));
        stage.manager.create(new).await.unwrap();
    }
    let list = ada.page("/dashboard").await;
    assert_eq!(list.matches("scope=\"row\"").count(), 50);
    let style = between(&list, "rel=\"stylesheet\" href=\"", "\"").unwrap();
    let style = ada.get(style).await;
    assert_eq!(style.header("content-type"), Some("text/css; charset=utf-8"));
    let size = list.len() + style.body.len();
    assert!(size < 60_000, "{size} bytes: {} and {}", list.len(), style.body.len());
}

#[tokio::test]
async fn a_text_in_a_name_is_shown_and_not_run() {
    let stage = Stage::guarded(Dialect::bigspin()).await;
    let ada = stage.person("ada", None);
    let bad = "<script>alert(1)</script>\"'&{{7*7}}";
    let id =
        stage.manager.create(NewKey::new(bad, bad).with_description(bad)).await.unwrap().record.id;
    let query = form_urlencoded::byte_serialize(bad.as_bytes()).collect::<String>();
    for path in [
        "/dashboard".to_owned(),
        format!("/dashboard?name={query}&workspace={query}"),
        format!("/dashboard/new?workspace={query}"),
        format!("/dashboard/keys/{id}"),
        format!("/dashboard/keys/{id}/edit"),
        format!("/dashboard/keys/{id}/delete"),
        format!("/dashboard/keys/{id}/revoke"),
        format!("/dashboard/keys/{id}/rotate"),
    ] {
        let page = ada.page(&path).await;
        assert!(!page.contains("<script>"), "{path}");
        assert!(page.contains("&#60;script&#62;alert(1)"), "{path}: {page}");
    }
}

#[tokio::test]
async fn a_whole_key_that_is_looked_for_is_shown_nowhere() {
    let stage = Stage::guarded(Dialect::bigspin()).await;
    let ada = stage.person("ada", None);
    let issued = stage.key("acme", "production").await;
    let list = ada.page(&format!("/dashboard?name={}", issued.key.expose())).await;
    assert!(!list.contains(issued.key.expose()) && list.contains("That was a whole key"));
}
