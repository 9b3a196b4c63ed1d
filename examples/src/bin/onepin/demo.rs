//! Keys to try the API with, each shown once.

use std::net::SocketAddr;
use std::num::NonZeroU32;

use keyward::key::{Creator, Grant};
use keyward::manage::{KeyManager, NewKey};
use keyward_examples::{Failure, demo, say};

use crate::people::OPERATOR;
use crate::workspaces::{ACME, GLOBEX};

/// Makes the keys and prints them, with two requests to paste into a shell.
pub(crate) async fn make_keys(manager: &KeyManager, address: SocketAddr) -> Result<(), Failure> {
    let manager = &manager.acting_as(Creator::Person(OPERATOR.to_owned()));
    let reads = "workflows:read voices:read workspace:read";
    let runs = "workflows:read workflows:run voices:read workspace:read";
    let reader = demo::create(manager, "reader", new_key(ACME, "Reader", reads)?).await?;
    let runner = demo::create(manager, "runner", new_key(ACME, "Runner", runs)?).await?;
    let slow =
        new_key(ACME, "Slow", runs)?.with_rate_limit_per_min(const { NonZeroU32::new(2).unwrap() });
    demo::create(manager, "slow", slow).await?;
    demo::create(manager, "other", new_key(GLOBEX, "Somebody else", runs)?).await?;

    say(&demo::curl(address, "/api/v1/workflows", &runner))?; // 200
    let path = "/api/v1/workflows/0b9a6c1e-3f52-4d7b-8a41-6c2e9d5f7081/runs";
    say(&format!("{} -X POST", demo::curl(address, path, &reader))) // 403: this key may not run
}

fn new_key(workspace: &str, name: &str, scopes: &str) -> Result<NewKey, Failure> {
    Ok(NewKey::new(workspace, name).with_grant(Grant::Only(scopes.parse()?)))
}
