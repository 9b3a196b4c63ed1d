//! What holds for every key that is imported, and when one is the same as one that is kept.

use super::ImportKey;
use crate::clock::Timestamp;
use crate::dialect::Recognised;
use crate::key::{Creator, KeyId, KeyRecord, check_text};
use crate::manage::audit::changed_fields;
use crate::manage::bounds::Bounds;
use crate::manage::error::ManageError;
use crate::manage::manager::KeyManager;

/// Longest id and longest mask, in bytes.
const LONGEST: usize = 128;

impl KeyManager {
    /// What is to be kept of a key.
    pub(super) fn record(
        &self,
        by: &Bounds,
        key: &ImportKey,
        now: Timestamp,
    ) -> Result<KeyRecord, ManageError> {
        let mut new = key.new.clone();
        let latest = self.latest_end(now);
        if let (Some(end), Some(latest)) = (new.expires_at, latest)
            && end > latest
        {
            let message = format!("this key may end at {latest} at the latest");
            return Err(ManageError::invalid("expires_at", message));
        }
        new.expires_at = new.expires_at.or(latest);
        let kind = self.kind_of(&new)?;
        let mask = key.mask.clone().unwrap_or_default();
        let mut record = self.describe(by, new, kind, mask, now)?;
        if let Some(id) = &key.id {
            record.id = id.clone();
        }
        if key.created_by.is_some() {
            record.created_by.clone_from(&key.created_by);
        }
        record.created_at = key.created_at.unwrap_or(now);
        record.revoked_at = key.revoked_at;
        record.last_used_at = key.last_used_at;
        record.rotated_to.clone_from(&key.rotated_to);
        self.check(&record)?;
        self.check_names(&record)?;
        for (field, instant) in
            [("created_at", Some(record.created_at)), ("last_used_at", record.last_used_at)]
        {
            if instant.is_some_and(|instant| instant > now) {
                return Err(ManageError::invalid(field, "this is past, and so not in the future"));
            }
        }
        Ok(record)
    }

    fn check_names(&self, record: &KeyRecord) -> Result<(), ManageError> {
        self.check_id("id", &record.id)?;
        if let Some(Creator::Key(id)) = &record.created_by {
            self.check_id("created_by", id)?;
        }
        if let Some(id) = &record.rotated_to {
            self.check_id("rotated_to", id)?;
        }
        check_text(&record.mask).map_err(|sentence| ManageError::invalid("mask", sentence))?;
        if record.mask.len() > LONGEST {
            return Err(ManageError::invalid("mask", "the mask is too long"));
        }
        if matches!(self.dialect.recognise(record.mask.as_bytes()), Recognised::Key(_)) {
            let message = "this is a whole key: show some of its start and of its end only";
            return Err(ManageError::invalid("mask", message));
        }
        Ok(())
    }

    /// An id stands in addresses and in logs.
    fn check_id(&self, field: &'static str, id: &KeyId) -> Result<(), ManageError> {
        let id = id.as_str();
        let is_named = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:~".contains(&byte);
        if id.is_empty() || id.len() > LONGEST || !id.bytes().all(is_named) {
            let message = "an id has 1 to 128 letters, digits and characters of `-_.:~`";
            return Err(ManageError::invalid(field, message));
        }
        if self.dialect.recognise(id.as_bytes()) != Recognised::Unclaimed {
            return Err(ManageError::invalid(
                field,
                "an id is not the key itself, nor looks like one",
            ));
        }
        Ok(())
    }

    /// Checks that what is kept is what an earlier import of this key has kept.
    pub(super) fn compare(
        &self,
        key: &ImportKey,
        mut record: KeyRecord,
        kept: &KeyRecord,
    ) -> Result<(), ManageError> {
        if self.within.as_deref().is_some_and(|own| own != kept.workspace) {
            return Err(ManageError::conflict("this key is kept already, in another workspace"));
        }
        // What the import leaves out is as it was drawn or filled in then.
        record.updated_at = kept.updated_at;
        record.last_used_at = kept.last_used_at;
        if key.id.is_none() {
            record.id.clone_from(&kept.id);
        }
        if key.created_at.is_none() {
            record.created_at = kept.created_at;
        }
        if key.created_by.is_none() {
            record.created_by.clone_from(&kept.created_by);
        }
        if key.new.expires_at.is_none() && self.dialect.max_lifetime().is_some() {
            record.expires_at = kept.expires_at;
        }
        let is_changed_since = kept.version > 1;
        let is_same = if is_changed_since {
            (&record.id, &record.workspace, &record.kind) == (&kept.id, &kept.workspace, &kept.kind)
        } else {
            record == *kept
        };
        if is_same {
            return Ok(());
        }
        let others = changed_fields(kept, &record).join(", ");
        let others = if others.is_empty() { "record" } else { &others };
        let id = &kept.id;
        Err(ManageError::conflict(format!(
            "this key is kept already as {id}, with another {others}: change it here, or leave it out"
        )))
    }
}
