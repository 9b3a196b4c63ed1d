//! Every page and act by a pointer, in light and in dark; each page is looked at by axe-core.

use fantoccini::Locator;
use keyward::dialect::Dialect;

use crate::axe::assert_accessible;
use crate::browser::{Browser, Look};
use crate::stage::Stage;

async fn seen(browser: &Browser, page: &str) {
    assert_accessible(browser, page).await;
    browser.shoot(page).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_does_everything() {
    let stage = Stage::of(Dialect::bigspin()).await;
    let browser = stage.browser(Look::Light).await;
    browser.goto("/dashboard").await;
    seen(&browser, "sign-in").await;
    browser.write("#secret", "kw_live_nobodys").await;
    browser.press("Sign in").await;
    browser.reads("That is not right").await;
    seen(&browser, "sign-in-refused").await;
    browser.write("#secret", stage.operator_key("ada").await.expose()).await;
    browser.press("Sign in").await;
    browser.reads("There are no keys yet").await;
    seen(&browser, "empty").await;

    browser.press("Create the first key").await;
    browser.write("#workspace", "acme").await;
    browser.write("#name", "ab ").await;
    // Past the browser's own check.
    browser.run("document.querySelector('form.sheet').noValidate = true").await;
    browser.press("Create key").await;
    browser.reads("A name has 3 to 255 characters.").await;
    seen(&browser, "create-refused").await;
    browser.write("#name", "production-upload").await;
    browser.write("#description", "Uploads transcripts").await;
    browser.press("Only what is chosen here").await;
    browser.click("input[value='projects-write']").await;
    seen(&browser, "create").await;
    browser.press("Create key").await;
    browser.reads("This is the only time that this key is shown").await;
    seen(&browser, "secret").await;
    let secret = browser.find("#secret").await.prop("value").await.unwrap().unwrap();
    assert!(secret.starts_with("sk-bigspin-api03-"));
    browser.press("Copy").await;
    browser.reads("Copied.").await;
    let hidden = async |browser: &Browser| {
        browser.reads("The key was shown once").await;
        assert!(!browser.source().await.contains(&secret));
    };
    browser.client.refresh().await.unwrap();
    hidden(&browser).await;
    seen(&browser, "secret-again").await;
    browser.press("Show the key’s page").await;
    browser.reads("Requests a minute").await;
    browser.client.back().await.unwrap();
    hidden(&browser).await;

    browser.goto("/dashboard").await;
    browser.write("input[name=name]", "UPLOAD").await;
    browser.press("Show").await;
    browser.reads("production-upload").await;
    browser.press("Actions for production-upload").await;
    seen(&browser, "menu").await;
    browser.press("Revoke").await;
    browser.find("dialog[open]").await;
    browser.reads("You can reactivate it later").await;
    seen(&browser, "dialog").await;
    browser.press("Cancel").await;
    browser.press("Actions for production-upload").await;
    browser.press("Revoke").await;
    browser.find("dialog[open]").await;
    browser.click("dialog button.bad").await;
    browser.reads("The key is revoked").await;
    seen(&browser, "revoked").await;
    browser.press("Reactivate").await;
    browser.click("dialog[open] button.main").await;
    browser.reads("The key is active again").await;

    browser.press("Edit").await;
    browser.write("#name", "production-uploads").await;
    browser.find("#expires").await.select_by_value("30").await.unwrap();
    seen(&browser, "edit").await;
    browser.press("Save").await;
    browser.reads("The changes are saved").await;
    browser.reads("in 4 weeks").await;

    browser.press("Rotate").await;
    browser.click("dialog[open] button.main").await;
    browser.reads("Copy your key now").await;
    let successor = browser.find("#secret").await.prop("value").await.unwrap().unwrap();
    assert!(successor.starts_with("sk-bigspin-api03-") && successor != secret);
    browser.press("I have copied it").await;
    browser.client.back().await.unwrap();
    browser.reads("The key was shown once").await;
    assert!(!browser.source().await.contains(&successor));
    browser.goto("/dashboard").await;
    browser.reads("ends in").await;

    browser.press("production-uploads").await;
    browser.press("Delete permanently").await;
    browser.find("dialog[open]").await;
    seen(&browser, "delete").await;
    browser.write("dialog #name", "production").await;
    browser.click("dialog button.bad").await;
    browser.reads("Nothing was deleted").await;
    browser.write("#name", "production-uploads").await;
    browser.press("Delete permanently").await;
    browser.reads("The key is deleted").await;

    browser.goto("/dashboard/keys/none").await;
    browser.reads("There is no such key here").await;
    seen(&browser, "not-found").await;
    browser.press("Sign out").await;
    browser.find("input[type=password]").await;
    browser.client.back().await.unwrap();
    browser.goto("/dashboard").await;
    browser.find("input[type=password]").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_full_of_keys_are_accessible_in_light_and_in_dark() {
    let stage = Stage::of(Dialect::bigspin()).await;
    stage.fill().await;
    for look in [Look::Light, Look::Dark] {
        let browser = stage.signed_in("ada", look).await;
        browser.goto("/dashboard").await;
        seen(&browser, "list").await;
        browser.goto("/dashboard?name=production").await;
        browser.press("production-transcript-upload").await;
        browser.reads("Uploads transcripts of support calls").await;
        seen(&browser, "key").await;
        let key = browser.path().await;
        for act in ["edit", "rotate", "revoke", "delete"] {
            browser.goto(&format!("{key}/{act}")).await;
            seen(&browser, &format!("page-{act}")).await;
        }
        browser.goto("/dashboard/hygiene").await;
        browser.reads("without expiry").await;
        seen(&browser, "hygiene").await;
        browser.goto("/dashboard/new?workspace=acme").await;
        seen(&browser, "new").await;
        let links = browser.client.find_all(Locator::Css("link[rel=stylesheet]")).await.unwrap();
        assert_eq!(links.len(), 1);
    }
}
