//! Projects and their content, in memory. Every question names an organization, and sees no other.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use keyward::key::Resources;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::answer::Error;
use crate::meta::now;

/// The organizations of the demo keys: a key's workspace.
pub(super) const ACME: &str = "org_acme";
pub(super) const GLOBEX: &str = "org_globex";
/// The same at every start, because keys are restricted to it.
pub(super) const INTERVIEWS: &str = "proj_interviews";

/// What all organizations have.
#[derive(Clone)]
pub(super) struct Organizations(Arc<Mutex<Tables>>);

struct Tables {
    projects: Vec<Project>,
    content: Vec<Content>,
}

#[derive(Clone, Serialize)]
pub(super) struct Project {
    #[serde(skip)]
    organization: &'static str,
    id: &'static str,
    name: &'static str,
}

#[derive(Clone, Serialize)]
pub(super) struct Content {
    id: String,
    project_id: &'static str,
    filename: String,
    status: &'static str,
    created_at: String,
}

impl Organizations {
    pub(super) fn demo() -> Self {
        let project = |organization, id, name| Project { organization, id, name };
        let projects = vec![
            project(ACME, INTERVIEWS, "Interviews"),
            project(ACME, "proj_support", "Support calls"),
            project(GLOBEX, "proj_research", "Research"),
        ];
        Self(Arc::new(Mutex::new(Tables { projects, content: Vec::new() })))
    }

    /// As a whole.
    pub(super) fn organization(&self, id: &str) -> Value {
        let projects = self.projects(id, &Resources::All).len();
        json!({"id": id, "project_count": projects})
    }

    /// Those that a key is not kept from.
    pub(super) fn projects(&self, organization: &str, allowed: &Resources) -> Vec<Project> {
        let tables = self.tables();
        let own = tables.projects.iter().filter(|project| project.organization == organization);
        own.filter(|project| allowed.contains(project.id)).cloned().collect()
    }

    pub(super) fn content(&self, organization: &str, project: &str) -> Result<Vec<Content>, Error> {
        let tables = self.tables();
        let project = tables.project(organization, project)?;
        let own = tables.content.iter().filter(|content| content.project_id == project);
        Ok(own.cloned().collect())
    }

    /// Where a file is to be sent.
    pub(super) fn begin_upload(
        &self,
        organization: &str,
        project: &str,
        filename: String,
    ) -> Result<Value, Error> {
        let mut tables = self.tables();
        let content = Content {
            id: format!("content_{}", &Uuid::new_v4().simple().to_string()[..12]),
            project_id: tables.project(organization, project)?,
            filename,
            status: "pending",
            created_at: now(),
        };
        let url = format!("https://uploads.example.com/{}/{}", content.project_id, content.id);
        let upload = json!({"content_id": content.id, "upload_url": url});
        tables.content.push(content);
        Ok(upload)
    }

    pub(super) fn analyze(
        &self,
        organization: &str,
        project: &str,
        id: &str,
    ) -> Result<Content, Error> {
        let mut tables = self.tables();
        let project = tables.project(organization, project).map_err(|_| Error::no_content())?;
        let mut own = tables.content.iter_mut().filter(|content| content.project_id == project);
        let content = own.find(|content| content.id == id).ok_or_else(Error::no_content)?;
        content.status = "analyzing";
        Ok(content.clone())
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tables {
    fn project(&self, organization: &str, id: &str) -> Result<&'static str, Error> {
        let mut projects = self.projects.iter();
        let own = projects.find(|own| own.organization == organization && own.id == id);
        Ok(own.ok_or_else(Error::no_project)?.id)
    }
}
