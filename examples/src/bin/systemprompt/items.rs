//! Skills, agents and the like, in memory. Every question names a workspace, and sees no other.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use keyward_examples::meta::now;
use serde::Serialize;
use uuid::Uuid;

/// Things of one kind, of all workspaces.
#[derive(Clone, Default)]
pub(crate) struct Items(Arc<Mutex<Vec<Item>>>);

#[derive(Clone, Serialize)]
pub(crate) struct Item {
    #[serde(skip)]
    workspace: String,
    id: String,
    name: String,
    description: Option<String>,
    created_at: String,
    updated_at: String,
}

impl Item {
    pub(crate) fn new(workspace: &str, name: String, description: Option<String>) -> Self {
        let now = now();
        Self {
            workspace: workspace.to_owned(),
            id: Uuid::new_v4().to_string(),
            name,
            description,
            created_at: now.clone(),
            updated_at: now,
        }
    }

    fn is(&self, workspace: &str, id: &str) -> bool {
        self.workspace == workspace && self.id == id
    }
}

impl Items {
    pub(crate) fn add(&self, item: Item) {
        self.items().push(item);
    }

    /// The oldest first.
    pub(crate) fn all(&self, workspace: &str) -> Vec<Item> {
        self.items().iter().filter(|item| item.workspace == workspace).cloned().collect()
    }

    pub(crate) fn get(&self, workspace: &str, id: &str) -> Option<Item> {
        self.items().iter().find(|item| item.is(workspace, id)).cloned()
    }

    /// What is not named stays.
    #[expect(clippy::option_option, reason = "a description may stay, be cleared, or be set")]
    pub(crate) fn change(
        &self,
        workspace: &str,
        id: &str,
        name: Option<String>,
        description: Option<Option<String>>,
    ) -> Option<Item> {
        let mut items = self.items();
        let item = items.iter_mut().find(|item| item.is(workspace, id))?;
        item.name = name.unwrap_or_else(|| item.name.clone());
        item.description = description.unwrap_or_else(|| item.description.clone());
        item.updated_at = now();
        Some(item.clone())
    }

    /// Whether there was one.
    pub(crate) fn remove(&self, workspace: &str, id: &str) -> bool {
        let mut items = self.items();
        let before = items.len();
        items.retain(|item| !item.is(workspace, id));
        items.len() < before
    }

    fn items(&self) -> MutexGuard<'_, Vec<Item>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
