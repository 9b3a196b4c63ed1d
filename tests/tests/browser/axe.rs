use std::fs;
use std::sync::LazyLock;

use serde_json::Value;

use crate::browser::{Browser, target};

static AXE: LazyLock<String> = LazyLock::new(|| {
    let file = target().join("node/node_modules/axe-core/axe.min.js");
    fs::read_to_string(&file)
        .unwrap_or_else(|error| panic!("{}: {error}: run `cargo xtask setup`", file.display()))
});

/// Nobody who cannot see, or sees badly, is kept out of the page.
pub(crate) async fn assert_accessible(browser: &Browser, page: &str) {
    browser.run(&AXE).await;
    let script = "const done = arguments[arguments.length - 1];
        axe.run({resultTypes: ['violations']}).then(
            (found) => done(found.violations.map((it) => ({
                id: it.id, impact: it.impact, nodes: it.nodes.map((node) => node.html + ' ' + node.failureSummary)
            }))),
            (error) => done(String(error)))";
    let found = browser.client.execute_async(script, Vec::new()).await.expect("axe-core");
    let found = found.as_array().unwrap_or_else(|| panic!("{page}: {found}"));
    let is_serious =
        |it: &&Value| matches!(it["impact"].as_str(), Some("serious" | "critical" | "moderate"));
    let serious: Vec<&Value> = found.iter().filter(is_serious).collect();
    assert!(serious.is_empty(), "{page}: {serious:#?}");
}
