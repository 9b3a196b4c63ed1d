//! On a screen of 390 pixels.

use keyward::dialect::Dialect;

use crate::axe::assert_accessible;
use crate::browser::{Browser, Look};
use crate::stage::Stage;

/// Nothing is cut off, and nothing has to be pushed sideways.
async fn fits(browser: &Browser, page: &str) {
    let width = browser.run("return [innerWidth, document.documentElement.scrollWidth]").await;
    assert_eq!(width[0], 390, "{page}");
    assert!(width[1].as_u64().unwrap() <= 390, "{page}: {width}");
    // Whoever points with a finger needs 24 pixels: WCAG 2.2, 2.5.8.
    let small = browser
        .run(
            "return [...document.querySelectorAll('button, a.button, summary, select')]
                .filter((it) => it.offsetParent && it.getBoundingClientRect().height < 24)
                .map((it) => it.outerHTML)",
        )
        .await;
    assert_eq!(small.as_array().unwrap().len(), 0, "{page}: {small}");
    assert_accessible(browser, page).await;
    browser.shoot(page).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_fits_a_phone() {
    let stage = Stage::of(Dialect::bigspin()).await;
    stage.fill().await;
    let browser = stage.signed_in("ada", Look::Phone).await;
    browser.goto("/dashboard").await;
    fits(&browser, "list").await;
    browser.press("Actions for production-transcript-upload").await;
    fits(&browser, "menu").await;
    browser.press("Rotate").await;
    browser.find("dialog[open]").await;
    fits(&browser, "dialog").await;
    browser.click("dialog button.main").await;
    browser.reads("Copy your key now").await;
    fits(&browser, "secret").await;
    browser.press("I have copied it").await;
    browser.reads("Requests a minute").await;
    fits(&browser, "key").await;
    let key = browser.path().await;
    for path in
        ["/dashboard/new", "/dashboard/hygiene", &format!("{key}/edit"), &format!("{key}/delete")]
    {
        browser.goto(path).await;
        fits(&browser, &format!("page-{}", path.rsplit('/').next().unwrap())).await;
    }
    browser.press("Sign out").await;
    browser.find("input[type=password]").await;
    fits(&browser, "sign-in").await;
}
