//! A disk that fills while a program writes to it.

use std::path::Path;

use rustix::process::{Resource, Rlimit, prlimit};

use crate::program::Program;

impl Program {
    /// Starts a program that [`fill_disk`](Self::fill_disk) does not kill: a write beyond the limit
    /// fails, as on a disk that is full.
    pub async fn start_on_small_disk(program: &str, folder: &Path) -> Self {
        let ignoring = r#"trap '' XFSZ; exec "$0" "$@""#;
        Self::start("sh", folder, &["-c", ignoring, program]).await
    }

    /// From now on no file of the program grows beyond so many bytes.
    pub fn fill_disk(&self, bytes: u64) {
        self.limit_files(Some(bytes));
    }

    /// From now on there is room again.
    pub fn clear_disk(&self) {
        self.limit_files(None);
    }

    fn limit_files(&self, current: Option<u64>) {
        let limit = Rlimit { current, maximum: None };
        prlimit(Some(self.pid()), Resource::Fsize, limit).expect("a limit of one's own program");
    }
}
