use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;

use super::error::{ManageError, ManageErrorKind};
use super::manager::KeyManager;
use crate::audit::{self, Act, AuditEntry, AuditPage, AuditQuery};
use crate::key::{Creator, KeyRecord, check_text};
use crate::store::{StoreError, Write};
use crate::telemetry;

impl KeyManager {
    /// One page of the audit trail, the newest entries first. Those of a key that is gone stay.
    ///
    /// # Errors
    /// [`Denied`](super::ManageErrorKind::Denied) when the key that acts has ended,
    /// [`Unavailable`](super::ManageErrorKind::Unavailable) when the store cannot be reached.
    pub async fn audit(&self, query: &AuditQuery) -> Result<AuditPage, ManageError> {
        let mut query = query.clone();
        if !self.bounds(self.now()).await?.narrow(&mut query.workspace) {
            return Ok(AuditPage::default());
        }
        let limit = query.limit;
        // One more, to see whether another page follows.
        query.limit = limit.saturating_add(1);
        let mut entries = self.store.audit(&query).await?;
        let more = entries.len() > limit;
        entries.truncate(limit);
        let next = entries.last().filter(|_| more).and_then(|last| last.number);
        Ok(AuditPage { entries, next })
    }

    /// That this is what a key is after an act. Every act has one: what not every store could keep of
    /// whoever acts is refused here.
    pub(super) fn entry(&self, act: Act, record: &KeyRecord) -> Result<AuditEntry, ManageError> {
        let actor = match &self.actor {
            Some(Creator::Person(name)) => name,
            Some(Creator::Key(_)) | None => "",
        };
        let request_id = self.origin.request_id.as_deref().unwrap_or_default();
        for (what, text) in [("name", actor), ("request id", request_id)] {
            check_text(text).map_err(|sentence| {
                let message = format!("the {what} of whoever acts cannot be kept: {sentence}");
                ManageError::new(ManageErrorKind::Invalid, message)
            })?;
        }
        let key = record.id.clone();
        let mut entry = AuditEntry::new(record.updated_at, act, key, record.workspace.clone());
        entry.name.clone_from(&record.name);
        entry.by.clone_from(&self.actor);
        entry.origin.clone_from(&self.origin);
        Ok(entry)
    }

    /// Commits, and tells of what was done: in the log, and to the sink.
    pub(super) async fn write(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        let entries: Vec<AuditEntry> = writes.iter().filter_map(audited).cloned().collect();
        let (store, sink) = (self.store.clone(), self.sink.clone());
        let is_told = sink.is_some();
        let act = async move {
            store.commit(writes).await?;
            entries.iter().for_each(telemetry::managed);
            if let Some(sink) = sink {
                // One that panics is no reason to say that the act was not done.
                let _ = AssertUnwindSafe(audit::tell(&*sink, &entries)).catch_unwind().await;
            }
            Ok(())
        };
        if !is_told {
            return act.await;
        }
        // In a task of its own: whoever hangs up does not keep the act from the sink.
        tokio::spawn(act).await.unwrap_or_else(|stopped| Err(StoreError::unavailable(stopped)))
    }
}

/// The step that appends an entry.
pub(super) fn append(entry: AuditEntry) -> Write {
    Write::Audit(Box::new(entry))
}

fn audited(write: &Write) -> Option<&AuditEntry> {
    match write {
        Write::Audit(entry) => Some(entry),
        _ => None,
    }
}

/// What it is called that was done to a key.
pub(super) fn act(before: &KeyRecord, after: &KeyRecord) -> Act {
    let ended = |record: &KeyRecord| record.is_revoked(record.updated_at);
    if ended(after) && !ended(before) {
        Act::Revoked
    } else if before.revoked_at.is_some() && after.revoked_at.is_none() {
        Act::Reactivated
    } else {
        Act::Updated
    }
}

/// What requests can change, and is another after the act.
pub(super) fn changed_fields(before: &KeyRecord, after: &KeyRecord) -> Vec<String> {
    // All of them by name, so that a new one is not forgotten here.
    let KeyRecord {
        name,
        description,
        grant,
        resources,
        rate_limit_per_min,
        networks,
        expires_at,
        metadata,
        id: _,
        workspace: _,
        kind: _,
        mask: _,
        created_by: _,
        created_at: _,
        updated_at: _,
        revoked_at: _,
        last_used_at: _,
        rotated_to: _,
        rotation_token: _,
        version: _,
    } = before;
    [
        ("name", *name != after.name),
        ("description", *description != after.description),
        ("scopes", *grant != after.grant),
        ("resources", *resources != after.resources),
        ("rate_limit_per_min", *rate_limit_per_min != after.rate_limit_per_min),
        ("networks", *networks != after.networks),
        ("expires_at", *expires_at != after.expires_at),
        ("metadata", *metadata != after.metadata),
    ]
    .into_iter()
    .filter(|(_, is_changed)| *is_changed)
    .map(|(field, _)| field.to_owned())
    .collect()
}
