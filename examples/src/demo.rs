//! Keys to try an API with, each shown once.

use std::net::SocketAddr;

use keyward::key::PlainKey;
use keyward::manage::{KeyManager, NewKey};

use crate::{Failure, say};

/// Makes a key and prints it.
///
/// # Errors
/// When the store or standard output does not work.
pub async fn create(manager: &KeyManager, label: &str, new: NewKey) -> Result<PlainKey, Failure> {
    let issued = manager.create(new).await?;
    show(label, &issued.key)?;
    Ok(issued.key)
}

/// Prints a key: `key LABEL PLAINTEXT`.
///
/// # Errors
/// When standard output does not work.
pub fn show(label: &str, key: &PlainKey) -> Result<(), Failure> {
    say(&format!("key {label} {}", key.expose()))
}

/// A request to paste into a shell.
pub fn curl(address: SocketAddr, path: &str, key: &PlainKey) -> String {
    format!(r#"curl -i "http://{address}{path}" -H "Authorization: Bearer {}""#, key.expose())
}
