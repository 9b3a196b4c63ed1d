use std::path::Path;

use crate::daemon::{Daemon, done};

/// A Redis server of a test's own. It ends when this is dropped, or with the test's process.
#[derive(Debug)]
pub struct Redis(Daemon);

impl Redis {
    /// Starts a server.
    pub fn start() -> Self {
        let redis = Self(Daemon::new());
        redis.restart();
        redis
    }

    /// The URL of its first database.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port())
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.0.port()
    }

    /// What it says to a command, by `redis-cli`.
    pub fn say(&self, words: &[&str]) -> String {
        let mut client = self.0.command("redis-cli");
        let output = done(client.args(["-p", &self.port().to_string()]).args(words));
        String::from_utf8(output.stdout).expect("text").trim().to_owned()
    }

    /// Ends it at once, as `kill -9` does.
    pub fn kill(&self) {
        self.0.kill();
    }

    /// Holds it: connections stay, and nothing answers.
    pub fn pause(&self) {
        self.0.pause();
    }

    /// Lets it go on.
    pub fn resume(&self) {
        self.0.resume();
    }

    /// Starts it again on the same port.
    pub fn restart(&self) {
        let port = self.port().to_string();
        let folder = self.0.folder().to_str().expect("a path of text");
        let arguments = [
            ["--port", &port],
            ["--bind", "127.0.0.1"],
            ["--dir", folder],
            ["--save", ""],
            ["--appendonly", "no"],
        ];
        self.0.run(Path::new("redis-server"), arguments.as_flattened(), || {
            let mut client = self.0.command("redis-cli");
            let output = client.args(["-p", &port, "ping"]).output();
            output.expect("redis-cli: `cargo xtask setup` installs it").stdout.starts_with(b"PONG")
        });
    }
}
