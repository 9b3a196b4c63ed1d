//! By the keyboard alone.

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use keyward::dialect::Dialect;

use crate::browser::{Browser, Look};
use crate::stage::Stage;

const TAB: char = '\u{e004}';
const ENTER: char = '\u{e007}';
const ESCAPE: char = '\u{e00c}';

async fn strike(browser: &Browser, keys: &str) {
    let actions = keys.chars().fold(KeyActions::new("keyboard".to_owned()), |actions, value| {
        actions.then(KeyAction::Down { value }).then(KeyAction::Up { value })
    });
    browser.client.perform_actions(actions).await.expect("keys");
}

/// Goes on with Tab to what has this name for a screen reader, and must be seen to have the focus.
async fn tab_to(browser: &Browser, name: &str) {
    const NAME: &str = "const it = document.activeElement;
        const label = it.labels && it.labels[0];
        return [it.getAttribute('aria-label') || (label ? label.textContent : '') || it.textContent,
                getComputedStyle(it).outlineStyle !== 'none' || it.matches(':not(:focus-visible)')]";
    let mut passed = Vec::new();
    for _ in 0..80 {
        let found = browser.run(NAME).await;
        let text = found[0].as_str().unwrap_or_default();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.starts_with(name) {
            assert_eq!(found[1], true, "nobody sees that {name} has the focus");
            return;
        }
        passed.push(text);
        strike(browser, &TAB.to_string()).await;
    }
    panic!("Tab does not come to {name}: {passed:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_works_by_keyboard_alone() {
    let stage = Stage::of(Dialect::bigspin()).await;
    let browser = stage.browser(Look::Light).await;
    let enter = ENTER.to_string();
    browser.goto("/dashboard").await;
    // The field has the focus already.
    strike(&browser, stage.operator_key("ada").await.expose()).await;
    strike(&browser, &enter).await;
    browser.reads("There are no keys yet").await;
    strike(&browser, &TAB.to_string()).await;
    tab_to(&browser, "Skip to the content").await;
    strike(&browser, &enter).await;
    tab_to(&browser, "Create the first key").await;
    strike(&browser, &enter).await;
    browser.reads("Create API key").await;
    tab_to(&browser, "workspace").await;
    strike(&browser, "acme").await;
    tab_to(&browser, "Name").await;
    strike(&browser, "by keyboard").await;
    tab_to(&browser, "Full access").await;
    strike(&browser, "\u{e015}").await;
    tab_to(&browser, "projects-read").await;
    strike(&browser, " ").await;
    tab_to(&browser, "Create key").await;
    strike(&browser, &enter).await;
    browser.reads("This is the only time").await;
    tab_to(&browser, "Copy").await;
    strike(&browser, &enter).await;
    browser.reads("Copied.").await;
    tab_to(&browser, "I have copied it").await;
    strike(&browser, &enter).await;
    browser.reads("Requests a minute").await;
    browser.reads("projects-read").await;

    tab_to(&browser, "API keys").await;
    strike(&browser, &enter).await;
    browser.find("table").await;
    tab_to(&browser, "Actions for by keyboard").await;
    strike(&browser, &enter).await;
    browser.find("details[open]").await;
    strike(&browser, &ESCAPE.to_string()).await;
    tab_to(&browser, "Actions for by keyboard").await;
    strike(&browser, &enter).await;
    tab_to(&browser, "Revoke").await;
    strike(&browser, &enter).await;
    browser.find("dialog[open]").await;
    strike(&browser, &ESCAPE.to_string()).await;
    // Back where it was opened.
    tab_to(&browser, "Actions for by keyboard").await;
    strike(&browser, &enter).await;
    tab_to(&browser, "Revoke").await;
    strike(&browser, &enter).await;
    browser.find("dialog[open]").await;
    tab_to(&browser, "Also revoke").await;
    strike(&browser, " ").await;
    tab_to(&browser, "Revoke").await;
    strike(&browser, &enter).await;
    browser.reads("The key is revoked").await;
    tab_to(&browser, "Delete permanently").await;
    strike(&browser, &enter).await;
    browser.find("dialog[open]").await;
    tab_to(&browser, "Write its name").await;
    strike(&browser, "by keyboard").await;
    strike(&browser, &enter).await;
    browser.reads("The key is deleted").await;
    tab_to(&browser, "Sign out").await;
    strike(&browser, &enter).await;
    browser.find("input[type=password]").await;
}
