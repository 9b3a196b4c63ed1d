//! Without JavaScript.

use keyward::dialect::Dialect;

use crate::browser::Look;
use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn everything_works_without_a_script() {
    let stage = Stage::of(Dialect::bigspin()).await;
    let browser = stage.signed_in("ada", Look::WithoutScript).await;
    browser.press("Create the first key").await;
    browser.write("#workspace", "acme").await;
    browser.write("#name", "production-upload").await;
    browser.press("Create key").await;
    browser.reads("This is the only time that this key is shown").await;
    browser.shoot("secret").await;
    assert!(!browser.find("[data-copy]").await.is_displayed().await.unwrap());
    let secret = browser.find("#secret").await.attr("value").await.unwrap().unwrap();
    browser.press("I have copied it").await;
    browser.reads("Requests a minute").await;
    browser.client.back().await.unwrap();
    browser.reads("The key was shown once").await;
    assert!(!browser.source().await.contains(&secret));
    browser.client.refresh().await.unwrap();
    browser.reads("The key was shown once").await;

    browser.goto("/dashboard").await;
    for (act, button, done) in [
        ("Revoke", "button.bad", "The key is revoked"),
        ("Reactivate", "button.main", "The key is active again"),
    ] {
        browser.press("Actions for production-upload").await;
        browser.press(act).await;
        browser.click(button).await;
        browser.reads(done).await;
        browser.goto("/dashboard").await;
    }
    browser.press("Actions for production-upload").await;
    browser.shoot("menu").await;
    browser.press("Edit").await;
    browser.write("#name", "renamed").await;
    browser.press("Save").await;
    browser.reads("The changes are saved").await;
    browser.press("Rotate").await;
    browser.find("#grace").await.select_by_value("none").await.unwrap();
    browser.click("button.main").await;
    browser.reads("Copy your key now").await;
    browser.press("I have copied it").await;
    browser.press("Delete permanently").await;
    browser.write("#name", "renamed").await;
    browser.click("button.bad").await;
    browser.reads("The key is deleted").await;
    browser.press("Sign out").await;
    browser.find("input[type=password]").await;
}
