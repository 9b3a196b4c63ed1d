//! Keys to try the API with, each shown once.

use std::net::SocketAddr;

use keyward::key::{Creator, Grant, PlainKey};
use keyward::manage::{KeyManager, NewKey};
use keyward_examples::{Failure, say};

/// Makes the keys and prints them, with three requests to paste into a shell.
pub(crate) async fn make_keys(manager: &KeyManager, address: SocketAddr) -> Result<(), Failure> {
    let manager = &manager.acting_as(Creator::Person("quickstart".to_owned()));
    let full = create(manager, "full", NewKey::new("acme", "demo-full-access")).await?;
    let read = NewKey::new("acme", "demo-read").with_grant(Grant::Only("projects-read".parse()?));
    let read = create(manager, "read", read).await?;
    let write =
        NewKey::new("acme", "demo-write").with_grant(Grant::Only("projects-write".parse()?));
    create(manager, "write", write).await?;
    adopt_legacy(manager).await?;
    create(manager, "other", NewKey::new("globex", "demo-other-workspace")).await?;

    let url = format!("http://{address}/public/api/v1/projects");
    let json = r#"-H "Content-Type: application/json" -d '{"name":"Support calls"}'"#;
    let full = format!(r#"curl -i "{url}" -H "Authorization: Bearer {}""#, full.expose());
    let read = format!(r#"curl -i "{url}" -H "Authorization: Bearer {}""#, read.expose());
    say(&format!("{full} {json}"))?; // 201
    say(&read)?; // 200
    say(&format!("{read} {json}")) // 403: this key may only read
}

async fn create(manager: &KeyManager, label: &str, new: NewKey) -> Result<PlainKey, Failure> {
    let issued = manager.create(new).await?;
    show(label, &issued.key)?;
    Ok(issued.key)
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
    show("legacy", &legacy)
}

fn show(label: &str, key: &PlainKey) -> Result<(), Failure> {
    say(&format!("key {label} {}", key.expose()))
}
