use std::path::Path;
use std::sync::Arc;

use keyward::dialect::Dialect;
use keyward::key::Peppers;
use keyward::manage::{KeyManager, ManageErrorKind};
use keyward::store::{self, KeyStore};

use crate::failure::{Failure, Kind, Result};

/// Opens the store that a URL names; makes a file only where that is asked for, because a name that
/// was mistyped is no store without keys.
pub(crate) async fn open(url: &str, make: bool) -> Result<Arc<dyn KeyStore>> {
    if !make && is_missing(url) {
        return Err(Failure::new(
            Kind::Unavailable,
            format!(
                "there is no key store at `{url}`: give the one there is with --store, or make \
                 this one with `keyward keys create`"
            ),
        ));
    }
    Ok(store::open(url).await?)
}

/// Whether the URL names a file that is not there. A name with escapes is left to the store.
pub(crate) fn is_missing(url: &str) -> bool {
    let Some(name) = url.strip_prefix("sqlite:") else { return false };
    let path = name.strip_prefix("//").unwrap_or(name);
    let path = path.split('?').next().unwrap_or_default();
    !path.is_empty() && !path.contains('%') && !Path::new(path).exists()
}

pub(crate) async fn manager(
    store: &Arc<dyn KeyStore>,
    dialect: Dialect,
    peppers: Peppers,
) -> Result<KeyManager> {
    let builder = KeyManager::builder(dialect, Arc::clone(store)).with_peppers(peppers);
    let opened = builder.open().await;
    opened.map_err(|error| match error.kind() {
        // The wrong dialect: nothing about a key.
        ManageErrorKind::Conflict => Failure::environment(error.to_string()),
        _ => error.into(),
    })
}
