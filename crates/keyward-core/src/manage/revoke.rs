use std::collections::HashSet;

use super::bounds::Bounds;
use super::change::until_done;
use super::error::{ManageError, ManageErrorKind};
use super::manager::KeyManager;
use crate::key::{Creator, KeyId, KeyRecord};
use crate::store::ListQuery;

/// So many keys are asked for at once.
const PAGE: usize = 1_000;

/// How far a revocation goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// This key.
    Key,
    /// This key, the keys that it made, and those that they made, with the keys that rotations put
    /// in the place of these. A key that was rotated into one of them counts as the same one: what
    /// it made goes, and what is left of its grace.
    Descendants,
}

impl KeyManager {
    /// Ends a key at once, also one in a rotation's grace. When this returns, this process refuses
    /// it on the next request, others within their bound; see
    /// [`revoke_and_wait`](Self::revoke_and_wait). A key that is revoked already stays as it is.
    ///
    /// With [`Reach::Descendants`] the key itself goes first: from then on it makes no keys, so
    /// those found afterwards are all. A descendant that whoever acts may not end is left, and
    /// reported when the rest is done. If this fails half-way, call it again.
    ///
    /// # Errors
    /// [`NotFound`](super::ManageErrorKind::NotFound),
    /// [`Denied`](super::ManageErrorKind::Denied) when the key has more than the one that acts,
    /// [`Conflict`](super::ManageErrorKind::Conflict) when a key would revoke itself where the
    /// dialect does not let it, or [`Unavailable`](super::ManageErrorKind::Unavailable) when the
    /// store cannot be reached.
    pub async fn revoke(&self, id: &KeyId, reach: Reach) -> Result<KeyRecord, ManageError> {
        let (record, by) = until_done(|| async {
            let by = self.bounds(self.now()).await?.of_an_end();
            let ended = self.end(id, &by).await?;
            Ok(ended.map(|record| (record, by)))
        })
        .await?;
        if reach == Reach::Descendants {
            self.end_descendants(id, &by.decided()).await?;
        }
        Ok(record)
    }

    async fn end_descendants(&self, id: &KeyId, by: &Bounds) -> Result<(), ManageError> {
        let mut seen = HashSet::from([id.clone()]);
        let mut parents = vec![id.clone()];
        let mut all_ended = Ok(());
        while let Some(parent) = parents.pop() {
            // Again until nothing is new: a child that was not ended yet may have been rotated.
            loop {
                let mut found = self.kin(&parent).await?;
                found.retain(|child| seen.insert(child.clone()));
                if found.is_empty() {
                    break;
                }
                while let Some(child) = found.pop() {
                    match until_done(|| self.end(&child, by)).await {
                        Ok(ended) => {
                            let successor = ended.rotated_to;
                            found.extend(successor.filter(|next| seen.insert(next.clone())));
                        }
                        // Somebody deleted it meanwhile, which is an end as well.
                        Err(error) if error.kind() == ManageErrorKind::NotFound => {}
                        Err(error) if error.kind() == ManageErrorKind::Unavailable => {
                            return Err(error);
                        }
                        Err(error) => all_ended = all_ended.and(Err(error)),
                    }
                    parents.push(child);
                }
            }
        }
        all_ended
    }

    async fn end(&self, id: &KeyId, by: &Bounds) -> Result<Option<KeyRecord>, ManageError> {
        by.check_end(id)?;
        self.change_once(by, id, |record| {
            self.end_record(record);
            Ok(())
        })
        .await
    }

    /// Revokes at once what is not revoked yet.
    pub(super) fn end_record(&self, record: &mut KeyRecord) {
        if record.is_revoked(record.updated_at) {
            return;
        }
        let now = self.now();
        let ended = record.revoked_at.map_or(now, |at| at.min(now));
        record.revoked_at = Some(ended);
        // Not before the revocation, which then holds on every clock, also on one by which a grace
        // still runs that is over by ours.
        record.updated_at = record.updated_at.max(ended);
    }

    /// What this key made, and what was rotated into it.
    async fn kin(&self, key: &KeyId) -> Result<Vec<KeyId>, ManageError> {
        let created_by = Some(Creator::Key(key.clone()));
        let rotated_to = Some(key.clone());
        let mut kin = self.all(ListQuery { created_by, ..ListQuery::default() }).await?;
        kin.extend(self.all(ListQuery { rotated_to, ..ListQuery::default() }).await?);
        Ok(kin)
    }

    async fn all(&self, mut query: ListQuery) -> Result<Vec<KeyId>, ManageError> {
        query.limit = PAGE;
        let mut all = Vec::new();
        loop {
            let page = self.store.list(&query).await?;
            query.after = page.last().map(|last| (last.created_at, last.id.clone()));
            let more = page.len() == PAGE;
            all.extend(page.into_iter().map(|record| record.id));
            if !more {
                return Ok(all);
            }
        }
    }
}
