//! Keys to try the API with, each shown once.

use std::net::SocketAddr;
use std::time::Duration;

use keyward::clock::{Clock, SystemClock};
use keyward::dialect::ScopeRule;
use keyward::key::{Creator, Grant};
use keyward::manage::{KeyManager, NewKey};
use keyward_examples::{Failure, demo, say};
use tokio::time::sleep;

/// How long the key `expired` is good: a key's end lies in the future when it is made.
const SOON: Duration = Duration::from_secs(1);

/// Makes the keys and prints them, with two requests to paste into a shell.
pub(crate) async fn make_keys(manager: &KeyManager, address: SocketAddr) -> Result<(), Failure> {
    let manager = &manager.acting_as(Creator::Person("demo".to_owned()));
    let scopes: Vec<&str> = manager.dialect().scopes().map(ScopeRule::name).collect();
    let all = Grant::Only(scopes.join(" ").parse()?);
    let reads = scopes.iter().filter(|scope| scope.ends_with(":read"));
    let reads = Grant::Only(reads.copied().collect::<Vec<_>>().join(" ").parse()?);

    let live = demo::create(manager, "live", new_key("Production", &all)).await?;
    let test = new_key("Development", &all).with_kind("test");
    demo::create(manager, "test", test).await?;
    demo::create(manager, "reader", new_key("Reader", &reads)).await?;
    let nothing = Grant::Only("".parse()?);
    let noscope = demo::create(manager, "noscope", new_key("No scope", &nothing)).await?;
    let end = SystemClock::new().now().timestamp.plus(SOON);
    let expired = new_key("Expired", &all).with_expires_at(end);
    demo::create(manager, "expired", expired).await?;
    sleep(SOON).await;

    say(&demo::curl(address, "/api/v1/skills", &live))?; // 200
    say(&demo::curl(address, "/api/v1/skills", &noscope)) // 403: it was given no scope
}

fn new_key(name: &str, grant: &Grant) -> NewKey {
    NewKey::new("acme", name).with_grant(grant.clone())
}
