//! Keys to try the API with, each shown once.

use std::net::SocketAddr;

use crate::{Failure, demo, say};
use keyward::key::{Creator, Grant, PlainKey};
use keyward::manage::{KeyManager, NewKey};

/// Makes the keys and prints them, with three requests to paste into a shell.
pub(super) async fn make_keys(manager: &KeyManager, address: SocketAddr) -> Result<(), Failure> {
    let manager = &manager.acting_as(Creator::Person("demo".to_owned()));
    let full = demo::create(manager, "full", NewKey::new("acme", "demo-full-access")).await?;
    let read = NewKey::new("acme", "demo-read").with_grant(Grant::Only("projects-read".parse()?));
    let read = demo::create(manager, "read", read).await?;
    let write =
        NewKey::new("acme", "demo-write").with_grant(Grant::Only("projects-write".parse()?));
    demo::create(manager, "write", write).await?;
    adopt_legacy(manager).await?;
    demo::create(manager, "other", NewKey::new("globex", "demo-other-workspace")).await?;

    let json = r#"-H "Content-Type: application/json" -d '{"name":"Support calls"}'"#;
    let [full, read] = [full, read].map(|key| demo::curl(address, "/public/api/v1/projects", &key));
    say(&format!("{full} {json}"))?; // 201
    say(&read)?; // 200
    say(&format!("{read} {json}")) // 403: this key may only read
}

/// A key from before the service was renamed: keyward issues none, and keeps those there are.
async fn adopt_legacy(manager: &KeyManager) -> Result<(), Failure> {
    let dialect = manager.dialect();
    let kind = dialect.kind_id("secret").ok_or_else(|| Failure::new("the dialect has no kind"))?;
    let issued = dialect.issue(kind)?;
    let legacy = issued.expose().replacen("sk-bigspin-api03-", "sk-prism-api03-", 1);
    let legacy = PlainKey::new(legacy);
    let new = NewKey::new("acme", "demo-legacy")
        .with_grant(Grant::Only("halfpipe-transcripts-write".parse()?));
    manager.adopt(&legacy, new).await?;
    demo::show("legacy", &legacy)
}
