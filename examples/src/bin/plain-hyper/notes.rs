use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// What the workspaces have noted, while the program runs.
#[derive(Clone, Default)]
pub(crate) struct Notes(Arc<RwLock<HashMap<String, Vec<String>>>>);

impl Notes {
    /// The newest of a workspace, one a line.
    pub(crate) fn of(&self, workspace: &str) -> String {
        let notes = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let newest = notes.get(workspace).into_iter().flatten().rev().take(100);
        newest.flat_map(|note| [note, "\n"]).collect()
    }

    pub(crate) fn add(&self, workspace: &str, note: String) {
        let mut notes = self.0.write().unwrap_or_else(PoisonError::into_inner);
        notes.entry(workspace.to_owned()).or_default().push(note);
    }
}
