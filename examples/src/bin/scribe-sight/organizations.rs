//! Projects and their content, in memory. Every question names an organization, and sees no other.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use keyward_examples::meta::now;
use serde::Serialize;
use uuid::Uuid;

/// The organizations of the demo keys: a key's workspace.
pub(crate) const ACME: &str = "org_acme";
pub(crate) const GLOBEX: &str = "org_globex";
/// The same at every start, because keys are restricted to it.
pub(crate) const INTERVIEWS: &str = "proj_interviews";

/// What all organizations have.
#[derive(Clone)]
pub(crate) struct Organizations(Arc<Mutex<Tables>>);

struct Tables {
    projects: Vec<Project>,
    content: Vec<Content>,
}

#[derive(Clone, Serialize)]
pub(crate) struct Project {
    #[serde(skip)]
    organization: &'static str,
    pub(crate) id: &'static str,
    name: &'static str,
}

#[derive(Clone, Serialize)]
pub(crate) struct Content {
    pub(crate) id: String,
    project_id: &'static str,
    filename: String,
    status: &'static str,
    created_at: String,
}

impl Organizations {
    pub(crate) fn demo() -> Self {
        let project = |organization, id, name| Project { organization, id, name };
        let projects = vec![
            project(ACME, INTERVIEWS, "Interviews"),
            project(ACME, "proj_support", "Support calls"),
            project(GLOBEX, "proj_research", "Research"),
        ];
        Self(Arc::new(Mutex::new(Tables { projects, content: Vec::new() })))
    }

    pub(crate) fn projects(&self, organization: &str) -> Vec<Project> {
        let tables = self.tables();
        let own = tables.projects.iter().filter(|project| project.organization == organization);
        own.cloned().collect()
    }

    /// `None` when the organization has no such project.
    pub(crate) fn content(&self, organization: &str, project: &str) -> Option<Vec<Content>> {
        let tables = self.tables();
        let project = tables.project(organization, project)?;
        let own = tables.content.iter().filter(|content| content.project_id == project);
        Some(own.cloned().collect())
    }

    /// As [`content`](Self::content).
    pub(crate) fn add_content(
        &self,
        organization: &str,
        project: &str,
        filename: String,
    ) -> Option<Content> {
        let mut tables = self.tables();
        let content = Content {
            id: format!("content_{}", &Uuid::new_v4().simple().to_string()[..12]),
            project_id: tables.project(organization, project)?,
            filename,
            status: "pending",
            created_at: now(),
        };
        tables.content.push(content.clone());
        Some(content)
    }

    /// `None` when the organization has no such content in this project.
    pub(crate) fn analyze(&self, organization: &str, project: &str, id: &str) -> Option<Content> {
        let mut tables = self.tables();
        let project = tables.project(organization, project)?;
        let mut own = tables.content.iter_mut().filter(|content| content.project_id == project);
        let content = own.find(|content| content.id == id)?;
        content.status = "analyzing";
        Some(content.clone())
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tables {
    fn project(&self, organization: &str, id: &str) -> Option<&'static str> {
        let mut projects = self.projects.iter();
        let own = projects.find(|own| own.organization == organization && own.id == id)?;
        Some(own.id)
    }
}
