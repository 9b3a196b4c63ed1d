use keyward_core::store::{StoreError, StoreErrorKind};
use sqlx::migrate::MigrateError;

/// What an error means in any database.
pub(crate) fn store_error(error: sqlx::Error) -> StoreError {
    match &error {
        sqlx::Error::Database(database) if database.is_unique_violation() => {
            StoreError::exists().with_source(error)
        }
        sqlx::Error::ColumnDecode { index, .. } => {
            corrupt(index.trim_matches('"')).with_source(error)
        }
        _ => StoreError::unavailable(error),
    }
}

/// A value that no version of keyward wrote.
pub(crate) fn corrupt(what: &str) -> StoreError {
    StoreError::new(
        StoreErrorKind::Corrupt,
        format!("the key store holds a `{what}` that cannot be read: restore it from a backup"),
    )
}

/// What a database says of an error, without what sqlx says around it.
pub(crate) fn reason(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(database) => database.message().to_owned(),
        sqlx::Error::Io(error) => error.to_string(),
        other => other.to_string(),
    }
}

pub(crate) fn is_of_another_version(error: &sqlx::Error) -> bool {
    matches!(
        error,
        sqlx::Error::Migrate(migrate) if matches!(
            **migrate,
            MigrateError::VersionMissing(_) | MigrateError::VersionMismatch(_)
        )
    )
}
