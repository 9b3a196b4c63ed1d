//! Makes, renames and revokes keys in the store whose URL its argument is, until it is killed.
//! Each change is told on standard output as soon as it is acknowledged.

use std::error::Error;
use std::io::{self, Write};

use keyward::dialect::Dialect;
use keyward::manage::{KeyManager, KeyUpdate, NewKey, Reach};
use keyward::store;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Result<()> {
    let url = std::env::args().nth(1).ok_or("name a store")?;
    let manager = KeyManager::builder(Dialect::bigspin(), store::open(&url).await?);
    let manager = manager.open().await?;
    let others = [churn(manager.clone()), churn(manager.clone())].map(tokio::spawn);
    churn(manager).await?;
    drop(others);
    Ok(())
}

async fn churn(manager: KeyManager) -> Result<()> {
    loop {
        let id = manager.create(NewKey::new("acme", "created")).await?.record.id;
        writeln!(io::stdout(), "created {id}")?;
        manager.update(&id, KeyUpdate::new().with_name("renamed")).await?;
        writeln!(io::stdout(), "renamed {id}")?;
        manager.revoke(&id, Reach::Key).await?;
        writeln!(io::stdout(), "revoked {id}")?;
    }
}
