//! Projects and transcripts, in memory. Every question names a workspace, and sees no other.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use keyward::clock::{Clock, SystemClock};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::answer::Page;
use super::body::Upload;

/// What all workspaces have.
#[derive(Clone, Default)]
pub(super) struct Workspaces(Arc<Mutex<Tables>>);

#[derive(Default)]
struct Tables {
    projects: Vec<Project>,
    transcripts: Vec<Transcript>,
}

#[derive(Clone, Serialize)]
pub(super) struct Project {
    #[serde(skip)]
    workspace: String,
    id: String,
    name: String,
    transcript_count: usize,
    latest_transcript_at: Option<String>,
    created_at: String,
    updated_at: String,
}

/// The order of the fields is chosen.
#[derive(Clone, Serialize)]
pub(super) struct Transcript {
    #[serde(skip)]
    workspace: String,
    id: String,
    project_id: String,
    name: String,
    external_id: Option<String>,
    model_name: Option<String>,
    turn_count: usize,
    created_at: String,
    updated_at: String,
    #[serde(skip)]
    turns: Arc<Vec<Value>>,
}

/// One transcript by itself shows what was said (chosen).
#[derive(Serialize)]
pub(super) struct WithTurns {
    #[serde(flatten)]
    transcript: Transcript,
    turns: Arc<Vec<Value>>,
}

impl Workspaces {
    pub(super) fn create_project(&self, workspace: &str, name: String) -> Project {
        let now = now();
        let project = Project {
            workspace: workspace.to_owned(),
            id: format!("hp-{}", Uuid::new_v4()),
            name,
            transcript_count: 0,
            latest_transcript_at: None,
            created_at: now.clone(),
            updated_at: now,
        };
        self.tables().projects.push(project.clone());
        project
    }

    pub(super) fn project(&self, workspace: &str, id: &str) -> Option<Project> {
        self.tables().project(workspace, id).cloned()
    }

    /// A page of projects, the newest first (chosen), and how many there are.
    pub(super) fn projects(&self, workspace: &str, page: &Page) -> (Vec<Project>, usize) {
        let tables = self.tables();
        let all = || tables.projects.iter().rev().filter(|project| project.workspace == workspace);
        (page.of(all().cloned()), all().count())
    }

    /// Adds to a project; `None` when the workspace has no such project.
    pub(super) fn add_transcript(
        &self,
        workspace: &str,
        project: &str,
        upload: Upload,
    ) -> Option<Transcript> {
        let now = now();
        let mut tables = self.tables();
        let project = tables.project(workspace, project)?;
        project.transcript_count += 1;
        project.latest_transcript_at = Some(now.clone());
        project.updated_at.clone_from(&now);
        let transcript = Transcript {
            workspace: workspace.to_owned(),
            id: format!("tr-{}", Uuid::new_v4()), // chosen
            project_id: project.id.clone(),
            name: upload.name,
            external_id: upload.external_id,
            model_name: upload.model_name,
            turn_count: upload.turns.len(),
            created_at: now.clone(),
            updated_at: now,
            turns: Arc::new(upload.turns),
        };
        tables.transcripts.push(transcript.clone());
        Some(transcript)
    }

    pub(super) fn transcript(&self, workspace: &str, id: &str) -> Option<WithTurns> {
        let tables = self.tables();
        let mut transcripts = tables.transcripts.iter();
        let transcript = transcripts.find(|own| own.workspace == workspace && own.id == id)?;
        let turns = Arc::clone(&transcript.turns);
        Some(WithTurns { transcript: transcript.clone(), turns })
    }

    /// As [`projects`](Self::projects); `None` when the workspace has no such project.
    pub(super) fn transcripts(
        &self,
        workspace: &str,
        project: &str,
        page: &Page,
    ) -> Option<(Vec<Transcript>, usize)> {
        let mut tables = self.tables();
        tables.project(workspace, project)?;
        let all = || tables.transcripts.iter().rev().filter(|own| own.project_id == project);
        Some((page.of(all().cloned()), all().count()))
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tables {
    fn project(&mut self, workspace: &str, id: &str) -> Option<&mut Project> {
        self.projects.iter_mut().find(|own| own.workspace == workspace && own.id == id)
    }
}

fn now() -> String {
    SystemClock::new().now().timestamp.to_rfc3339_millis()
}
