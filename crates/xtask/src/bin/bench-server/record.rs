use std::time::SystemTime;

use keyward::key::KeyRecord;

use crate::keys::SCOPE;

/// What is written by hand keeps of a key: what its table has.
#[derive(Clone)]
#[expect(dead_code, reason = "a record has what its table has")]
pub(crate) struct Record {
    id: String,
    digest: String,
    workspace: String,
    name: String,
    description: Option<String>,
    kind: String,
    mask: String,
    scopes: Vec<String>,
    created_by: String,
    revoked_at: Option<SystemTime>,
    expires_at: Option<SystemTime>,
}

impl Record {
    pub(crate) fn of(record: &KeyRecord, digest: String) -> Self {
        Self {
            id: record.id.to_string(),
            digest,
            workspace: record.workspace.clone(),
            name: record.name.clone(),
            description: None,
            kind: record.kind.clone(),
            mask: "sk-bigspin-a...wxyz".to_owned(),
            scopes: vec!["projects-read".to_owned(), "projects-write".to_owned()],
            created_by: record.workspace.clone(),
            revoked_at: None,
            expires_at: None,
        }
    }

    pub(crate) fn is_good(&self) -> bool {
        let now = SystemTime::now();
        let over = |end: Option<SystemTime>| end.is_some_and(|end| end <= now);
        !over(self.revoked_at) && !over(self.expires_at)
    }

    pub(crate) fn holds_scope(&self) -> bool {
        self.scopes.iter().any(|scope| scope == SCOPE)
    }
}
