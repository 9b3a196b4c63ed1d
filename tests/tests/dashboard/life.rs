//! The life of a key, as people see it.

use keyward::dialect::Dialect;
use keyward::key::{Grant, KeyId, Resources};

use crate::stage::{Stage, between, seal};

#[tokio::test]
async fn a_key_is_shown_once_and_neither_a_reload_nor_another_person_sees_it() {
    let stage = Stage::guarded(Dialect::bigspin()).await;
    let (ada, eve) = (stage.person("ada", Some("acme")), stage.person("eve", Some("acme")));
    let shown = ada.create(&[("name", "production-upload")]).await;
    let of_eve = eve.page(&shown).await;
    assert!(of_eve.contains("The key was shown once") && !of_eve.contains("sk-bigspin-api03-"));

    let page = ada.page(&shown).await;
    let secret = between(&page, "readonly value=\"", "\"").unwrap();
    assert!(secret.starts_with("sk-bigspin-api03-") && secret.len() == 60);
    let again = ada.page(&shown).await;
    assert!(again.contains("The key was shown once") && !again.contains(secret));
}

#[tokio::test]
async fn a_form_that_is_sent_twice_makes_one_key() {
    let stage = Stage::guarded(Dialect::bigspin()).await;
    let ada = stage.person("ada", Some("acme"));
    let page = ada.page("/dashboard/new").await;
    let fields = [
        ("seal", seal(&page)),
        ("name", "twice"),
        ("kind", "secret"),
        ("access", "all"),
        ("reach", "all"),
        ("expires", "never"),
    ];
    let (one, other) =
        tokio::join!(ada.post("/dashboard/new", &fields), ada.post("/dashboard/new", &fields));
    let later = ada.post("/dashboard/new", &fields).await;
    assert_eq!((one.status, other.status, later.status), (303, 303, 303));
    assert_eq!(one.header("location"), other.header("location"));
    assert_eq!(one.header("location"), later.header("location"));
    assert_eq!(stage.manager.count(&keyward::manage::ListKeys::new()).await.unwrap(), 1);
}

#[tokio::test]
async fn a_key_is_made_as_the_form_says() {
    let stage = Stage::guarded(Dialect::bigspin()).await;
    let ada = stage.person("ada", None);
    let fields = [
        ("workspace", "acme"),
        ("name", "staging"),
        ("description", "reads <b>"),
        ("kind", "secret"),
        ("access", "only"),
        ("scope", "projects-read"),
        ("scope", "projects-write"),
        ("reach", "only"),
        ("resources", "hp-1\r\nhp-2, hp-3"),
        ("expires", "30"),
        ("limit", "60"),
        ("networks", "203.0.113.0/24\r\n2001:db8::/32"),
    ];
    let answer = ada.send("/dashboard/new", &fields).await;
    let location = answer.header("location").unwrap();
    let id = between(location, "/keys/", "/secret").unwrap();
    let record = stage.manager.get(&KeyId::new(id)).await.unwrap();
    assert_eq!(record.workspace, "acme");
    assert_eq!(record.description.as_deref(), Some("reads <b>"));
    assert_eq!(record.grant, Grant::Only("projects-read projects-write".parse().unwrap()));
    let ids = ["hp-1", "hp-2", "hp-3"].map(str::to_owned).to_vec();
    assert_eq!(record.resources, Resources::Only(ids));
    assert_eq!(record.rate_limit_per_min.unwrap().get(), 60);
    assert_eq!(record.networks, Some("203.0.113.0/24 2001:db8::/32".parse().unwrap()));
    let month = 30 * 24 * 3_600_000;
    assert_eq!(record.expires_at.unwrap().as_millis(), stage.manager.now().as_millis() + month);
    assert_eq!(record.created_by, Some(keyward::key::Creator::Person("ada".to_owned())));
}

#[tokio::test]
async fn a_form_with_mistakes_is_shown_again_as_it_was_with_each_of_them() {
    let stage = Stage::guarded(Dialect::bigspin()).await;
    let ada = stage.person("ada", None);
    let fields = [
        ("workspace", ""),
        ("name", "ci"),
        ("description", "for <uploads>"),
        ("kind", "secret"),
        ("access", "only"),
        ("scope", "projects-write"),
        ("reach", "all"),
        ("expires", "date"),
        ("date", "2020-01-01"),
        ("limit", "-1"),
        ("networks", "203.0.113.0/33"),
    ];
    let answer = ada.send("/dashboard/new", &fields).await;
    assert_eq!(answer.status, 422);
    for sentence in [
        "Name the workspace.",
        "A name has 3 to 255 characters.",
        "Choose a day to come.",
        "Write a whole number from 1 on, or nothing.",
        "203.0.113.0/33` is",
        "for &#60;uploads&#62;",
        "value=\"projects-write\" checked",
    ] {
        assert!(answer.body.contains(sentence), "{sentence}: {}", answer.body);
    }
    let unknown = [("workspace", "acme"), ("name", "abc"), ("kind", "secret"), ("access", "only")];
    let unknown = [&unknown[..], &[("scope", "admin"), ("reach", "all"), ("expires", "never")]];
    let answer = ada.send("/dashboard/new", &unknown.concat()).await;
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("`admin` is not a scope of this API"), "{}", answer.body);
    assert_eq!(stage.manager.count(&keyward::manage::ListKeys::new()).await.unwrap(), 0);
}

#[tokio::test]
async fn a_publishable_key_takes_no_scopes_whatever_was_chosen_before() {
    let stage = Stage::guarded(Dialect::scribe_sight()).await;
    let ada = stage.person("ada", Some("acme"));
    let fields =
        [("name", "browser"), ("kind", "publishable"), ("access", "only"), ("scope", "write")];
    let shown = ada
        .send("/dashboard/new", &[&fields[..], &[("reach", "all"), ("expires", "never")]].concat())
        .await;
    let page = ada.page(shown.header("location").unwrap()).await;
    assert!(between(&page, "readonly value=\"", "\"").unwrap().starts_with("pk_live_"));
}

#[tokio::test]
async fn what_is_edited_counts_and_a_form_that_is_out_of_date_changes_nothing() {
    let stage = Stage::guarded(Dialect::bigspin()).await;
    let (ada, eve) = (stage.person("ada", Some("acme")), stage.person("eve", Some("acme")));
    let id = stage.key("acme", "production").await.record.id;
    let path = format!("/dashboard/keys/{id}/edit");
    let pages = [ada.page(&path).await, eve.page(&path).await];
    let version = between(&pages[0], "name=\"version\" value=\"", "\"").unwrap();
    let send = async |person: &crate::stage::Person, page: &str, name: &str, version: &str| {
        let fields = [
            ("seal", seal(page)),
            ("version", version),
            ("name", name),
            ("access", "only"),
            ("scope", "projects-read"),
            ("reach", "all"),
            ("expires", "never"),
        ];
        person.post(&path, &fields).await
    };
    assert_eq!(send(&ada, &pages[0], "by ada", version).await.status, 303);
    let late = send(&eve, &pages[1], "by eve", version).await;
    assert_eq!(late.status, 409);
    assert!(late.body.contains("somebody has changed the key meanwhile"));
    assert!(late.body.contains("by eve"), "what was written is still there");
    let record = stage.manager.get(&id).await.unwrap();
    assert_eq!(record.name, "by ada");
    assert_eq!(record.grant, Grant::Only("projects-read".parse().unwrap()));
    // Told so, they may mean it.
    let version = between(&late.body, "name=\"version\" value=\"", "\"").unwrap();
    assert_eq!(send(&eve, &late.body, "by eve", version).await.status, 303);
    assert_eq!(stage.manager.get(&id).await.unwrap().name, "by eve");
}

#[tokio::test]
async fn keys_are_revoked_reactivated_and_deleted_by_their_name() {
    let stage = Stage::guarded(Dialect::bigspin()).await;
    let ada = stage.person("ada", Some("acme"));
    let id = stage.key("acme", "production").await.record.id;
    let at = |act: &str| format!("/dashboard/keys/{id}/{act}");
    let done = ada.send(&at("revoke"), &[]).await;
    assert_eq!(done.header("location"), Some(&*format!("/dashboard/keys/{id}?done=revoked")));
    assert!(
        ada.page(done.header("location").unwrap()).await.contains("Its next request is refused")
    );
    assert!(stage.manager.get(&id).await.unwrap().revoked_at.is_some());
    let list = ada.page("/dashboard").await;
    assert!(
        list.contains(">Revoked<") && list.contains(">Reactivate<") && !list.contains(">Revoke<")
    );
    assert_eq!(ada.send(&at("reactivate"), &[]).await.status, 303);
    assert!(stage.manager.get(&id).await.unwrap().revoked_at.is_none());

    for name in ["", "Production", "production2"] {
        let refused = ada.send(&at("delete"), &[("name", name)]).await;
        assert_eq!(refused.status, 422);
        assert!(refused.body.contains("Nothing was deleted"));
    }
    let done = ada.send(&at("delete"), &[("name", "production")]).await;
    assert_eq!(done.header("location"), Some("/dashboard?done=deleted"));
    let gone = ada.get(&format!("/dashboard/keys/{id}")).await;
    assert_eq!(gone.status, 404);
    assert!(gone.body.contains("There is no such key here") && gone.body.contains("Show all keys"));
}

#[tokio::test]
async fn a_revocation_that_is_final_says_so_and_offers_no_way_back() {
    let stage = Stage::guarded(Dialect::systemprompt()).await;
    let ada = stage.person("ada", Some("acme"));
    let id = stage.key("acme", "production").await.record.id;
    let page = ada.page(&format!("/dashboard/keys/{id}/revoke")).await;
    assert!(page.contains("This cannot be undone"));
    ada.send(&format!("/dashboard/keys/{id}/revoke"), &[]).await;
    assert!(!ada.page("/dashboard").await.contains(">Reactivate<"));
    let conflict = ada.send(&format!("/dashboard/keys/{id}/reactivate"), &[]).await;
    assert_eq!(conflict.status, 409);
}

#[tokio::test]
async fn a_rotation_shows_the_successor_once_and_the_old_key_works_for_its_grace() {
    let stage = Stage::guarded(Dialect::bigspin()).await;
    let ada = stage.person("ada", Some("acme"));
    let old = stage.key("acme", "production").await.record.id;
    let path = format!("/dashboard/keys/{old}/rotate");
    assert_eq!(ada.send(&path, &[("grace", "for ever")]).await.status, 422);
    let shown = ada.send(&path, &[("grace", "day")]).await;
    let page = ada.page(shown.header("location").unwrap()).await;
    assert!(between(&page, "readonly value=\"", "\"").unwrap().starts_with("sk-bigspin-api03-"));
    let record = stage.manager.get(&old).await.unwrap();
    let day = 24 * 3_600_000;
    assert_eq!(record.revoked_at.unwrap().as_millis(), stage.manager.now().as_millis() + day);
    assert!(ada.page("/dashboard").await.contains("ends in 1 day"));
    let again = ada.send(&path, &[("grace", "day")]).await;
    assert_eq!(again.status, 409);
    assert!(again.body.contains("was rotated already"));
}
