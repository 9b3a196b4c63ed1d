use std::collections::HashSet;

use super::error::{ManageError, ManageErrorKind};
use super::manager::KeyManager;
use super::page::{ListKeys, Status};
use crate::key::{Creator, KeyId, KeyRecord};

/// How far a revocation goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// This key.
    Key,
    /// This key, the keys that it made, and those that they made.
    Descendants,
}

impl KeyManager {
    /// Ends a key at once, also one in a rotation's grace. When this returns, this process refuses
    /// it on the next request. A key that is revoked already stays as it is.
    ///
    /// With [`Reach::Descendants`] the key itself goes first: from then on it makes no keys, so
    /// those found afterwards are all. If this fails half-way, call it again.
    ///
    /// # Errors
    /// [`NotFound`](super::ManageErrorKind::NotFound), or
    /// [`Unavailable`](super::ManageErrorKind::Unavailable) when the store cannot be reached.
    pub async fn revoke(&self, id: &KeyId, reach: Reach) -> Result<KeyRecord, ManageError> {
        let record = self.end(id).await?;
        if reach == Reach::Descendants {
            self.end_descendants(id).await?;
        }
        Ok(record)
    }

    async fn end_descendants(&self, id: &KeyId) -> Result<(), ManageError> {
        let mut seen = HashSet::from([id.clone()]);
        let mut parents = vec![id.clone()];
        while let Some(parent) = parents.pop() {
            // Again until nothing is new: a child that was not ended yet may have been rotated.
            loop {
                let mut children = self.children(&parent).await?;
                children.retain(|child| seen.insert(child.clone()));
                if children.is_empty() {
                    break;
                }
                for child in children {
                    match self.end(&child).await {
                        // Somebody deleted it meanwhile, which is an end as well.
                        Err(error) if error.kind() == ManageErrorKind::NotFound => {}
                        done => drop(done?),
                    }
                    parents.push(child);
                }
            }
        }
        Ok(())
    }

    async fn end(&self, id: &KeyId) -> Result<KeyRecord, ManageError> {
        self.change(id, |record| {
            if record.is_revoked(record.updated_at) {
                return Ok(());
            }
            let now = self.now();
            let ended = record.revoked_at.map_or(now, |at| at.min(now));
            record.revoked_at = Some(ended);
            // Not before the revocation, which then holds on every clock, also on one by which a
            // grace still runs that is over by ours.
            record.updated_at = record.updated_at.max(ended);
            Ok(())
        })
        .await
    }

    async fn children(&self, parent: &KeyId) -> Result<Vec<KeyId>, ManageError> {
        let mut children = Vec::new();
        let mut keys =
            ListKeys::new().with_created_by(Creator::Key(parent.clone())).with_status(Status::Any);
        loop {
            let page = self.list(&keys).await?;
            children.extend(page.keys.into_iter().map(|record| record.id));
            match page.next {
                Some(cursor) => keys = keys.with_after(cursor),
                None => return Ok(children),
            }
        }
    }
}
