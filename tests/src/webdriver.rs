use std::net::TcpStream;
use std::path::Path;

use crate::daemon::Daemon;

/// Debian's names, and those that others have on their `PATH`.
const DRIVERS: [&str; 2] = ["/usr/bin/chromedriver", "chromedriver"];

/// A driver of Chromium, which ends with all its browsers when this is dropped.
#[derive(Debug)]
pub struct WebDriver(Daemon);

impl WebDriver {
    /// Starts one on a free port.
    pub fn start() -> Self {
        let daemon = Daemon::new();
        let driver = DRIVERS.into_iter().find(|driver| Path::new(driver).exists());
        let driver = driver.unwrap_or("chromedriver");
        // Browsers keep things in their user's home.
        let home = format!("HOME={}", daemon.folder().display());
        let port = daemon.port();
        let of_port = format!("--port={port}");
        daemon.run(Path::new("/usr/bin/env"), &[&home, driver, &of_port], || {
            TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        Self(daemon)
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.0.port())
    }

    /// A folder for browsers, which is removed with them.
    pub fn folder(&self) -> &Path {
        self.0.folder()
    }
}
