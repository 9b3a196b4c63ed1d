use super::audit::{act, append, changed_fields};
use super::bounds::Bounds;
use super::error::{ManageError, ManageErrorKind};
use super::manager::KeyManager;
use crate::clock::Timestamp;
use crate::key::{KeyId, KeyRecord};
use crate::store::{StoreErrorKind, Write};

/// How often an act is tried again because somebody else changed a key meanwhile.
const ATTEMPTS: usize = 16;

/// Tries an act until nobody was faster.
pub(super) async fn until_done<T, F>(attempt: impl Fn() -> F) -> Result<T, ManageError>
where
    F: Future<Output = Result<Option<T>, ManageError>>,
{
    for _ in 0..ATTEMPTS {
        if let Some(done) = attempt().await? {
            return Ok(done);
        }
    }
    Err(ManageError::new(
        ManageErrorKind::Conflict,
        "the key is being changed by others: try again",
    ))
}

impl KeyManager {
    /// Writes what an act does. `None` when the key that acts or one of these changed meanwhile, or
    /// an id or digest is taken: then the act looks, decides and draws again.
    pub(super) async fn commit<T>(
        &self,
        by: &Bounds,
        writes: impl IntoIterator<Item = Write>,
        done: T,
    ) -> Result<Option<T>, ManageError> {
        // First: a key that acts on itself has its next version after that.
        let writes = by.require().into_iter().chain(writes).collect();
        match self.write(writes).await {
            Ok(()) => Ok(Some(done)),
            Err(error)
                if matches!(error.kind(), StoreErrorKind::Conflict | StoreErrorKind::Exists) =>
            {
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Reads, changes and writes a record, within the bounds of whoever acts. A change that changes
    /// nothing writes nothing, and needs no right.
    pub(super) async fn change_once(
        &self,
        by: &Bounds,
        id: &KeyId,
        edit: impl Fn(&mut KeyRecord) -> Result<(), ManageError>,
    ) -> Result<Option<KeyRecord>, ManageError> {
        let before = self.find(id, by).await?;
        let mut record = before.clone();
        edit(&mut record)?;
        if record == before {
            return Ok(Some(record));
        }
        by.check(&before)?;
        by.check(&record)?;
        let act = act(&before, &record);
        touch(&mut record, self.now());
        let mut entry = self.entry(act, &record)?;
        entry.fields = changed_fields(&before, &record);
        let write = Write::Replace { record: Box::new(record.clone()), expected: before.version };
        self.commit(by, [write, append(entry)], record).await
    }
}

/// Counts a change of the record.
pub(super) fn touch(record: &mut KeyRecord, now: Timestamp) {
    record.version += 1;
    // Never backwards, so that a revocation written now stays one on a clock that stepped.
    record.updated_at = record.updated_at.max(now);
}
