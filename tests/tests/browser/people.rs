//! Two people at once.

use keyward::dialect::Dialect;
use keyward::manage::NewKey;

use crate::browser::Look;
use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn two_people_act_on_one_key_at_once_and_each_is_told() {
    let stage = Stage::of(Dialect::bigspin()).await;
    let id = stage.manager.create(NewKey::new("acme", "shared")).await.unwrap().record.id;
    let (ada, eve) =
        (stage.signed_in("ada", Look::Light).await, stage.signed_in("eve", Look::Light).await);
    let edit = format!("/dashboard/keys/{id}/edit");
    for person in [&ada, &eve] {
        person.goto(&edit).await;
    }
    ada.write("#name", "by ada").await;
    ada.press("Save").await;
    ada.reads("The changes are saved").await;
    eve.write("#name", "by eve").await;
    eve.press("Save").await;
    eve.reads("somebody has changed the key meanwhile").await;
    eve.shoot("conflict").await;
    assert_eq!(stage.manager.get(&id).await.unwrap().name, "by ada");

    for person in [&ada, &eve] {
        person.goto(&format!("/dashboard/keys/{id}/rotate")).await;
    }
    ada.click("button.main").await;
    ada.reads("Copy your key now").await;
    eve.click("button.main").await;
    eve.reads("was rotated already").await;
    assert!(!eve.text().await.contains("sk-bigspin-api03-"));

    for person in [&ada, &eve] {
        person.goto(&format!("/dashboard/keys/{id}/delete")).await;
        person.write("#name", "by ada").await;
    }
    ada.click("button.bad").await;
    ada.reads("The key is deleted").await;
    eve.click("button.bad").await;
    eve.reads("There is no such key here").await;
    eve.press("Show all keys").await;
    eve.find("table").await;
}
