//! What is written by hand most often: the hash as text, an async cache, the record cloned.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use keyward::key::{KeyRecord, PlainKey};
use moka::future::Cache;
use sha2::{Digest, Sha256};

use crate::record::Record;

/// Writes a digest as text.
pub(crate) type Hex = fn(&[u8]) -> String;

#[derive(Clone)]
pub(crate) struct Keys {
    /// Stands for the table of a database.
    table: Arc<HashMap<String, Record>>,
    cache: Cache<String, Option<Record>>,
    hex: Hex,
}

impl Keys {
    pub(crate) fn new(keys: &[(PlainKey, KeyRecord)], hex: Hex) -> Self {
        let row = |(key, record): &(PlainKey, KeyRecord)| {
            let digest = hex(&Sha256::digest(key.expose()));
            (digest.clone(), Record::of(record, digest))
        };
        let table = Arc::new(keys.iter().map(row).collect());
        let minute = Duration::from_mins(1);
        Self {
            table,
            cache: Cache::builder().max_capacity(100_000).time_to_live(minute).build(),
            hex,
        }
    }

    pub(crate) async fn find(&self, key: &str) -> Option<Record> {
        let digest = (self.hex)(&Sha256::digest(key));
        let lookup = async { self.table.get(&digest).cloned() };
        self.cache.get_with(digest.clone(), lookup).await.filter(Record::is_good)
    }
}

/// How nearly everybody writes it, since a digest of sha2 0.11 has no `{:x}`.
#[expect(clippy::format_collect, reason = "this is what is measured")]
pub(crate) fn format_each_byte(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
