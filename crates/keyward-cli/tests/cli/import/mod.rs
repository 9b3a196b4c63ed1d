//! Keys of another system: files of every format and algorithm, bad lines, and doing it again.

mod bad;
mod formats;
mod peppers;
mod properties;
mod resume;

use keyward::key::KeyDigest;

use crate::support::{Desk, Ended, run};

/// The text of a key of Bigspin's with this number.
pub(crate) fn key(number: usize) -> String {
    format!("sk-bigspin-api03-{number:043}")
}

/// Its SHA-256 in hexadecimal.
pub(crate) fn sha256(key: &str) -> String {
    hex(KeyDigest::sha256(key.as_bytes()).as_bytes())
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    hex::encode(bytes)
}

/// A file of so many keys.
pub(crate) fn csv(count: usize) -> String {
    let lines = (1..=count)
        .map(|number| format!("{},key {number},acme,projects-read\n", sha256(&key(number))));
    format!("digest,name,workspace,scopes\n{}", lines.collect::<String>())
}

impl Desk {
    pub(crate) async fn import(&self, arguments: &[&str]) -> Ended {
        run(self.program(&[&["import"], arguments].concat()), "").await
    }

    /// An import that does what it shall: how many keys are new, and how many were kept.
    pub(crate) async fn imported(&self, arguments: &[&str]) -> (u64, u64) {
        let ended = self.import(&[arguments, &["--json"]].concat()).await;
        assert_eq!((ended.code, &*ended.stderr), (Some(0), ""), "{}", ended.stdout);
        let summary = ended.json();
        (summary["imported"].as_u64().unwrap(), summary["kept"].as_u64().unwrap())
    }

    /// Whether the program lets a key in.
    pub(crate) async fn is_good(&self, key: &str) -> bool {
        let ended = self.keys_with(key, &["verify"]).await;
        assert!(matches!(ended.code, Some(0 | 1)), "{ended:?}");
        ended.code == Some(0)
    }

    pub(crate) async fn count(&self) -> usize {
        self.json(&["list"]).await.as_array().unwrap().len()
    }
}
