use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use std::{env, fs};

use fantoccini::elements::Element;
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use keyward_tests::WebDriver;
use serde_json::{Value, json};

/// Longer than a page may take, on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(30);
static BROWSERS: AtomicU32 = AtomicU32::new(0);

/// A browser with a profile of its own. It ends with its driver.
pub(crate) struct Browser {
    pub(crate) client: Client,
    /// Below which pages are opened, and how its screenshots are told from others.
    base: String,
    look: &'static str,
}

/// How a browser is different from the usual one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    Light,
    Dark,
    /// 390 pixels wide.
    Phone,
    WithoutScript,
}

impl Browser {
    pub(crate) async fn open(driver: &WebDriver, look: Look, base: &str) -> Self {
        let number = BROWSERS.fetch_add(1, Ordering::Relaxed);
        let profile = driver.folder().join(format!("profile-{number}"));
        let scheme = u8::from(look != Look::Dark);
        let mut options = json!({
            "args": [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
                "--disable-dev-shm-usage", "--window-size=1280,900",
                format!("--blink-settings=preferredColorScheme={scheme}"),
                format!("--user-data-dir={}", profile.display()),
            ],
        });
        match look {
            Look::Phone => {
                options["mobileEmulation"] =
                    json!({"deviceMetrics": {"width": 390, "height": 844, "pixelRatio": 2.0}});
            }
            Look::WithoutScript => {
                options["prefs"] =
                    json!({"profile.managed_default_content_settings.javascript": 2});
            }
            Look::Light | Look::Dark => {}
        }
        let mut capabilities = Capabilities::new();
        capabilities.insert("goog:chromeOptions".to_owned(), options);
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let client = builder.capabilities(capabilities).connect(&driver.url()).await;
        let look = match look {
            Look::Light => "light",
            Look::Dark => "dark",
            Look::Phone => "phone",
            Look::WithoutScript => "scriptless",
        };
        Self { client: client.expect("a browser"), base: base.to_owned(), look }
    }

    pub(crate) async fn goto(&self, path: &str) {
        self.client.goto(&format!("{}{path}", self.base)).await.expect("a page");
    }

    /// Waits for an element.
    pub(crate) async fn find(&self, css: &str) -> Element {
        let wait = self.client.wait().at_most(PATIENCE).every(Duration::from_millis(50));
        let found = wait.for_element(Locator::Css(css)).await;
        match found {
            Ok(element) => element,
            Err(error) => {
                let source = self.client.source().await.unwrap_or_default();
                panic!("no {css}: {error}\n{source}");
            }
        }
    }

    pub(crate) async fn click(&self, css: &str) {
        self.find(css).await.click().await.unwrap_or_else(|error| panic!("{css}: {error}"));
    }

    /// The link or button with this text, in sight.
    pub(crate) async fn press(&self, text: &str) {
        let path = format!(
            "(//a|//button|//summary|//label)[normalize-space()='{text}' or @aria-label='{text}']"
        );
        let wait = self.client.wait().at_most(PATIENCE).every(Duration::from_millis(50));
        wait.for_element(Locator::XPath(&path))
            .await
            .unwrap_or_else(|error| panic!("{text}: {error}"));
        // A dialog is last.
        let found = self.client.find_all(Locator::XPath(&path)).await.unwrap();
        for element in found.into_iter().rev() {
            if element.is_displayed().await.unwrap_or(false) {
                element.click().await.unwrap_or_else(|error| panic!("{text}: {error}"));
                return;
            }
        }
        panic!("{text} is not in sight");
    }

    pub(crate) async fn write(&self, css: &str, text: &str) {
        let field = self.find(css).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Waits until the page says so.
    pub(crate) async fn reads(&self, text: &str) {
        let path = format!("//body[contains(normalize-space(), '{text}')]");
        let wait = self.client.wait().at_most(PATIENCE).every(Duration::from_millis(50));
        if let Err(error) = wait.for_element(Locator::XPath(&path)).await {
            let body = self.find("body").await.text().await.unwrap_or_default();
            panic!("{text}: {error}\n{body}");
        }
    }

    pub(crate) async fn text(&self) -> String {
        self.find("body").await.text().await.unwrap()
    }

    pub(crate) async fn source(&self) -> String {
        self.client.source().await.unwrap()
    }

    pub(crate) async fn path(&self) -> String {
        self.client.current_url().await.unwrap().path().to_owned()
    }

    pub(crate) async fn run(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.expect("a script")
    }

    /// Writes what is seen to a folder, for people to look at.
    pub(crate) async fn shoot(&self, name: &str) {
        let folder = target().join("screenshots");
        fs::create_dir_all(&folder).unwrap();
        let picture = self.client.screenshot().await.unwrap();
        fs::write(folder.join(format!("{name}-{}.png", self.look)), picture).unwrap();
    }
}

/// The folder of everything that is built.
pub(crate) fn target() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).parent().expect("a folder").to_owned()
}
