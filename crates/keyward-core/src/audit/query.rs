use super::AuditEntry;
use crate::key::KeyId;

/// Which entries of the trail to list, from the newest to the oldest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditQuery {
    /// Only this key's, also when the key is gone.
    pub key: Option<KeyId>,
    /// Only this workspace's.
    pub workspace: Option<String>,
    /// Only what comes after the entry of this number, which is the last of the page before.
    pub after: Option<u64>,
    /// At most so many.
    pub limit: usize,
}

impl AuditQuery {
    /// Every entry, a hundred a page.
    pub fn new() -> Self {
        Self { key: None, workspace: None, after: None, limit: 100 }
    }

    /// Only this key's.
    #[must_use]
    pub fn with_key(mut self, key: KeyId) -> Self {
        self.key = Some(key);
        self
    }

    /// Only this workspace's.
    #[must_use]
    pub fn with_workspace(mut self, workspace: impl Into<String>) -> Self {
        self.workspace = Some(workspace.into());
        self
    }

    /// Goes on after a page. What is appended meanwhile moves nothing.
    #[must_use]
    pub fn with_after(mut self, number: u64) -> Self {
        self.after = Some(number);
        self
    }

    /// 1 to 1,000 entries a page.
    #[must_use]
    pub fn with_limit(mut self, limit: usize) -> Self {
        self.limit = limit.clamp(1, 1_000);
        self
    }
}

impl Default for AuditQuery {
    fn default() -> Self {
        Self::new()
    }
}

/// Some entries, and where the next ones begin.
#[derive(Debug, Clone, Default)]
pub struct AuditPage {
    /// The entries, the newest first.
    pub entries: Vec<AuditEntry>,
    /// Where to [go on](AuditQuery::with_after); `None` after the last page.
    pub next: Option<u64>,
}
