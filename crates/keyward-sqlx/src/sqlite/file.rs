use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Longer than a connection takes to open: one that was being opened while the file was replaced may
/// be one to either.
const OPENING: Duration = Duration::from_secs(1);

/// Which file is at a store's path.
///
/// A connection goes on with a file that was deleted or replaced, as by a restored backup, and would
/// never hear of what other processes do in the one that took its place.
#[derive(Debug, Clone)]
pub(super) struct File(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    seen: Mutex<Seen>,
}

#[derive(Debug)]
struct Seen {
    identity: Option<Identity>,
    /// Connections that were opened before are to another file.
    since: Option<Instant>,
}

/// Device and inode. Asked for by name: whoever opens and closes a database of his own process
/// drops SQLite's locks on it.
type Identity = (u64, u64);

impl File {
    /// The file that is at this path now.
    pub(super) fn at(path: &Path) -> Self {
        let seen = Mutex::new(Seen { identity: identity(path), since: None });
        Self(Arc::new(Inner { path: path.to_owned(), seen }))
    }

    /// Whether a connection of this age is one to the file that is there now.
    pub(super) fn is_of(&self, age: Duration) -> bool {
        let mut seen = self.0.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let identity = identity(&self.0.path);
        let is_another = seen.identity != identity;
        if is_another {
            *seen = Seen { identity, since: Some(Instant::now() + OPENING) };
        }
        let is_current = seen.since.is_none_or(|since| age < since.elapsed());
        // Every question looks here: none of them waits for a log.
        drop(seen);
        if is_another {
            tracing::warn!(
                target: "keyward",
                path = %self.0.path.display(),
                "the key store's file was replaced or removed, and is opened again"
            );
        }
        is_current
    }
}

#[cfg(unix)]
fn identity(path: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    path.metadata().ok().map(|file| (file.dev(), file.ino()))
}

/// Elsewhere a file that is open stays where it is.
#[cfg(not(unix))]
fn identity(_: &Path) -> Option<Identity> {
    None
}
