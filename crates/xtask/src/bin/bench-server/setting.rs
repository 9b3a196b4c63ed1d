use std::net::TcpListener;
use std::time::Duration;

use keyward::dialect::Dialect;
use keyward::key::{KeyDigest, KeyRecord, PlainKey, StoredDigest};
use keyward::store::{KeyStore, MemoryStore, Write};
use keyward::verify::Verifier;

use crate::{Auth, Result, usual};

/// What a server is to serve, and where.
pub(crate) struct Setting {
    pub(crate) auth: Auth,
    pub(crate) dialect: Dialect,
    pub(crate) keys: Vec<(PlainKey, KeyRecord)>,
    pub(crate) listener: TcpListener,
    /// How many threads serve, where the framework has threads of its own.
    pub(crate) workers: usize,
}

impl Setting {
    /// The keys as they are kept by hand.
    pub(crate) fn usual(&self) -> usual::Keys {
        let hex = match self.auth {
            Auth::Hex => |digest: &[u8]| hex::encode(digest),
            _ => usual::format_each_byte,
        };
        usual::Keys::new(&self.keys, hex)
    }

    /// The keys as keyward keeps them.
    pub(crate) async fn verifier(&self) -> Result<Verifier> {
        let store = MemoryStore::new();
        let insert = |(key, record): &(PlainKey, KeyRecord)| Write::Insert {
            digest: StoredDigest::new(KeyDigest::sha256(key.expose().as_bytes()), None),
            record: Box::new(record.clone()),
        };
        store.commit(self.keys.iter().map(insert).collect()).await?;
        // What is written in the background is not of a request: both runs write it at their end.
        let verifier = Verifier::builder(self.dialect.clone(), store);
        Ok(verifier.with_use_interval(Duration::from_mins(10)).build()?)
    }
}
