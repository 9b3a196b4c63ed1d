use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use super::error::FetchError;
use super::keyset::{KeySet, MOST_BYTES};

/// A JWKS in a file, which is read anew when it changes.
#[derive(Debug)]
pub(super) struct JwksFile {
    path: PathBuf,
    seen: Mutex<Option<Seen>>,
}

/// The file as it was when it was read last.
#[derive(Debug)]
struct Seen {
    stamp: Stamp,
    /// What was wrong with it.
    flaw: Option<String>,
}

/// When it was written, and how long it is.
type Stamp = (SystemTime, u64);

impl JwksFile {
    pub(super) fn at(path: &Path) -> Self {
        Self { path: path.to_owned(), seen: Mutex::new(None) }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the file: `None` when it is as it was. Blocks.
    pub(super) fn read(&self) -> Result<Option<KeySet>, FetchError> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let mut file = File::open(&self.path)?;
        let metadata = file.metadata()?;
        let stamp = (metadata.modified()?, metadata.len());
        if let Some(seen) = seen.as_ref().filter(|seen| seen.stamp == stamp) {
            return seen.flaw.clone().map_or(Ok(None), |flaw| Err(FetchError::Malformed(flaw)));
        }
        let most = u64::try_from(MOST_BYTES).unwrap_or(u64::MAX);
        let mut text = Vec::new();
        file.by_ref().take(most + 1).read_to_end(&mut text)?;
        if text.len() > MOST_BYTES {
            return Err(FetchError::TooLarge);
        }
        let keys = KeySet::parse(&text);
        let flaw = match &keys {
            Err(FetchError::Malformed(flaw)) => Some(flaw.clone()),
            _ => None,
        };
        *seen = Some(Seen { stamp, flaw });
        keys.map(Some)
    }
}
