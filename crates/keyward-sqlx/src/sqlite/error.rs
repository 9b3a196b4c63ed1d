use keyward_core::store::{StoreError, StoreErrorKind};

use crate::error::{self, is_of_another_version, reason};

/// Result codes of SQLite: <https://www.sqlite.org/rescode.html>.
const BUSY: i32 = 5;
const CORRUPT: i32 = 11;
const NOT_A_DATABASE: i32 = 26;

pub(super) fn store_error(error: sqlx::Error) -> StoreError {
    if is_damaged(&error) { damaged().with_source(error) } else { error::store_error(error) }
}

/// The sentence for a store that does not open.
pub(super) fn cannot_open(name: &str, error: sqlx::Error) -> StoreError {
    let (kind, cure) = match &error {
        _ if is_of_another_version(&error) => (
            StoreErrorKind::Unavailable,
            "it was made by another version of keyward, open it with that one",
        ),
        _ if is_damaged(&error) => (
            StoreErrorKind::Corrupt,
            "give the path of a keyward database, or of a file that does not exist yet",
        ),
        _ if is_busy(&error) => (
            StoreErrorKind::Unavailable,
            "another process is writing to it, try again when that is done",
        ),
        _ => (
            StoreErrorKind::Unavailable,
            "give the path of a file in a folder that exists and that this program may write to",
        ),
    };
    let reason = reason(&error);
    StoreError::new(kind, format!("the key store `{name}` cannot be opened ({reason}): {cure}"))
        .with_source(error)
}

pub(super) fn is_busy(error: &sqlx::Error) -> bool {
    code(error) == Some(BUSY)
}

fn is_damaged(error: &sqlx::Error) -> bool {
    matches!(code(error), Some(CORRUPT | NOT_A_DATABASE))
}

fn damaged() -> StoreError {
    StoreError::new(
        StoreErrorKind::Corrupt,
        "the key store's file is damaged: restore it from a backup",
    )
}

/// The primary result code, which is the low byte of the extended one.
fn code(error: &sqlx::Error) -> Option<i32> {
    let code: i32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(code & 0xff)
}
