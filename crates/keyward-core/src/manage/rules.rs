//! What holds for every key that is made or changed, whoever does it.

use super::error::ManageError;
use super::manager::KeyManager;
use crate::clock::Timestamp;
use crate::dialect::KindId;
use crate::key::{Creator, KeyRecord, Resources, check_text};

/// Longest description, in characters; and longest name where the dialect sets no bound.
const LONGEST_TEXT: usize = 1_000;

impl KeyManager {
    pub(super) fn check(&self, record: &KeyRecord) -> Result<(), ManageError> {
        if record.workspace.is_empty() {
            return Err(ManageError::invalid("workspace", "name the workspace of the key"));
        }
        self.dialect
            .check_name(&record.name)
            .map_err(|sentence| ManageError::invalid("name", sentence))?;
        if record.name.chars().count() > LONGEST_TEXT {
            return Err(ManageError::invalid("name", "the name is too long"));
        }
        let description = record.description.as_deref().unwrap_or_default();
        if description.chars().count() > LONGEST_TEXT {
            return Err(ManageError::invalid("description", "the description is too long"));
        }
        check_texts(record)?;
        let kind = self.kind_named(&record.kind)?;
        self.dialect
            .check_assignable(kind, &record.grant)
            .map_err(|error| ManageError::invalid("scopes", error.to_string()))
    }

    pub(super) fn kind_named(&self, name: &str) -> Result<KindId, ManageError> {
        let kind = self.dialect.kind_id(name);
        kind.ok_or_else(|| ManageError::invalid("kind", "there is no such kind of key"))
    }

    /// Checks the end that somebody asks for, of a key that was made then.
    pub(super) fn check_end(
        &self,
        end: Timestamp,
        made: Timestamp,
        now: Timestamp,
    ) -> Result<(), ManageError> {
        if end <= now {
            return Err(ManageError::invalid("expires_at", "the end of a key lies in the future"));
        }
        match self.latest_end(made) {
            Some(latest) if end > latest => {
                let message = format!("this key may end at {latest} at the latest");
                Err(ManageError::invalid("expires_at", message))
            }
            _ => Ok(()),
        }
    }

    /// When a key that was made then ends at the latest.
    pub(super) fn latest_end(&self, made: Timestamp) -> Option<Timestamp> {
        self.dialect.max_lifetime().map(|lifetime| made.plus(lifetime))
    }
}

fn check_texts(record: &KeyRecord) -> Result<(), ManageError> {
    let resources = match &record.resources {
        Resources::All => &[][..],
        Resources::Only(ids) => ids,
    };
    let creator = match &record.created_by {
        Some(Creator::Person(name)) => name,
        Some(Creator::Key(_)) | None => "",
    };
    let texts = [
        ("workspace", &*record.workspace),
        ("name", &record.name),
        ("description", record.description.as_deref().unwrap_or_default()),
        ("created_by", creator),
    ];
    let resources = resources.iter().map(|id| ("resources", &**id));
    texts.into_iter().chain(resources).try_for_each(|(field, text)| {
        check_text(text).map_err(|sentence| ManageError::invalid(field, sentence))
    })
}
