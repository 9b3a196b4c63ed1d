//! Workflows and their runs, in memory. Every question names a workspace, and sees no other.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use keyward_examples::meta::now;
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

/// The workspaces of the demo keys.
pub(crate) const ACME: &str = "a3f1c2d4-5b6e-4f7a-9c8d-123456789abc";
pub(crate) const GLOBEX: &str = "5d0c7a52-8e1b-4b6f-a3c9-0f1e2d3c4b5a";

const WORKFLOWS: [Workflow; 3] = [
    Workflow { workspace: ACME, id: "0b9a6c1e-3f52-4d7b-8a41-6c2e9d5f7081", name: "Welcome call" },
    Workflow {
        workspace: ACME,
        id: "c47e2f90-1a6d-4c38-b5e2-93d80f1a7b64",
        name: "Invoice reminder",
    },
    Workflow { workspace: GLOBEX, id: "7f3d1b28-9c40-4e5a-a6d7-2b8e4c0f9135", name: "Survey" },
];

const VOICES: [Voice; 2] = [
    Voice { id: "2e8c5f17-4b3a-4d96-8f0e-1a7c9b6d3e52", name: "Ada", language: "en" },
    Voice { id: "91d4a7e3-6f2c-4b58-9e1d-5c3b8a0f7264", name: "Emil", language: "de" },
];

/// What all workspaces have: their runs, counted.
#[derive(Clone, Default)]
pub(crate) struct Workspaces(Arc<Mutex<HashMap<String, u64>>>);

#[derive(Clone, Serialize)]
pub(crate) struct Workflow {
    #[serde(skip)]
    workspace: &'static str,
    id: &'static str,
    name: &'static str,
}

/// Every workspace has the same.
#[derive(Clone, Serialize)]
pub(crate) struct Voice {
    id: &'static str,
    name: &'static str,
    language: &'static str,
}

#[derive(Serialize)]
pub(crate) struct Run {
    id: String,
    workflow_id: &'static str,
    status: &'static str,
    inputs: Map<String, Value>,
    created_at: String,
}

impl Workspaces {
    pub(crate) fn workflows(workspace: &str) -> Vec<Workflow> {
        WORKFLOWS.into_iter().filter(|workflow| workflow.workspace == workspace).collect()
    }

    pub(crate) fn voices() -> Vec<Voice> {
        VOICES.to_vec()
    }

    /// `None` when the workspace has no such workflow.
    pub(crate) fn run(
        &self,
        workspace: &str,
        workflow: &str,
        inputs: Map<String, Value>,
    ) -> Option<Run> {
        let workflows = Self::workflows(workspace);
        let workflow = workflows.iter().find(|own| own.id == workflow)?;
        *self.counts().entry(workspace.to_owned()).or_default() += 1;
        Some(Run {
            id: Uuid::new_v4().to_string(),
            workflow_id: workflow.id,
            status: "queued",
            inputs,
            created_at: now(),
        })
    }

    /// How many there were since the program began.
    pub(crate) fn runs(&self, workspace: &str) -> u64 {
        self.counts().get(workspace).copied().unwrap_or_default()
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<String, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
