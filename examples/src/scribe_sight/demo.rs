//! Keys to try the API with, each shown once.

use std::net::SocketAddr;

use keyward::key::{Creator, Grant, Resources};
use keyward::manage::{KeyManager, NewKey};

use super::organizations::{ACME, GLOBEX, INTERVIEWS};
use crate::{Failure, demo, say};

/// Makes the keys and prints them, with two requests to paste into a shell.
pub(super) async fn make_keys(manager: &KeyManager, address: SocketAddr) -> Result<(), Failure> {
    let manager = &manager.acting_as(Creator::Person("demo".to_owned()));
    // Read and write, as Scribe Sight gives where nothing is said.
    let secret = demo::create(manager, "secret", NewKey::new(ACME, "Server")).await?;
    let read = NewKey::new(ACME, "Reports").with_grant(Grant::Only("read".parse()?));
    demo::create(manager, "read", read).await?;
    let publishable = NewKey::new(ACME, "Web page").with_kind("publishable");
    let publishable = demo::create(manager, "publishable", publishable).await?;
    let project = Resources::Only(vec![INTERVIEWS.to_owned()]);
    demo::create(manager, "project", NewKey::new(ACME, "One project").with_resources(project))
        .await?;
    demo::create(manager, "other", NewKey::new(GLOBEX, "Somebody else")).await?;
    say(&format!("project {INTERVIEWS}"))?;

    say(&demo::curl(address, "/api/v1/org", &secret))?; // 200
    say(&demo::curl(address, "/api/v1/org", &publishable)) // 403: it begins uploads alone
}
