use super::error::ManageError;
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
            let mut parents = vec![id.clone()];
            while let Some(parent) = parents.pop() {
                for child in self.children(parent).await? {
                    self.end(&child).await?;
                    parents.push(child);
                }
            }
        }
        Ok(record)
    }

    async fn end(&self, id: &KeyId) -> Result<KeyRecord, ManageError> {
        self.change(id, |record| {
            let now = self.now();
            if !record.is_revoked(now) {
                // Not after `updated_at`: revoked on every clock.
                record.revoked_at = Some(now);
            }
            Ok(())
        })
        .await
    }

    async fn children(&self, parent: KeyId) -> Result<Vec<KeyId>, ManageError> {
        let mut children = Vec::new();
        let mut keys =
            ListKeys::new().with_created_by(Creator::Key(parent)).with_status(Status::Any);
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
