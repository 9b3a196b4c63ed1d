use std::error::Error;

use keyward_core::store::{StoreError, StoreErrorKind};
use sqlx::postgres::PgConnectOptions;

use crate::error::{self, is_of_another_version, reason};

pub(super) fn store_error(error: sqlx::Error) -> StoreError {
    match code(&error).as_deref() {
        Some("XX001" | "XX002") => StoreError::new(
            StoreErrorKind::Corrupt,
            "the key store's database is damaged: restore it from a backup",
        )
        .with_source(error),
        // The latter in JSON.
        Some("22021" | "22P05") => StoreError::new(
            StoreErrorKind::Unavailable,
            "PostgreSQL keeps no text with a zero (U+0000) in it: leave it out",
        )
        .with_source(error),
        _ => error::store_error(error),
    }
}

/// The sentence for a URL that is none. Its text stays out of it, as below.
pub(super) fn not_a_url(error: sqlx::Error) -> StoreError {
    let reason = match &error {
        sqlx::Error::Configuration(reason) => reason.to_string(),
        other => other.to_string(),
    };
    let message = format!(
        "the URL of the key store cannot be read ({reason}): give \
         postgres://USER:PASSWORD@HOST:PORT/DATABASE, with %XX for what is special in a password"
    );
    StoreError::new(StoreErrorKind::Unavailable, message).with_source(error)
}

/// The sentence for a store that does not open. The URL stays out of it: it may hold a password.
pub(super) fn cannot_open(options: &PgConnectOptions, error: sqlx::Error) -> StoreError {
    let (host, port) = (options.get_host(), options.get_port());
    let name = match options.get_socket() {
        Some(folder) => format!("in {} (port {port})", folder.display()),
        None => format!("at {host}:{port}"),
    };
    let database = options.get_database().unwrap_or(options.get_username());
    let cure = match code(&error).as_deref() {
        _ if is_of_another_version(&error) => {
            "it was made by another version of keyward, open it with that one"
        }
        Some("28P01" | "28000") => "give the URL of a user who may log in, with the password",
        Some("3D000") => "make the database first, or give the URL of the one there is",
        Some("42501") => "let this user make tables in the database, or open it once as its owner",
        Some("25006") => "this server is a replica, give the URL of the primary",
        Some("53300") => "raise max_connections of the server, or let fewer processes connect",
        _ => "give the URL of a PostgreSQL server that runs and that this machine can reach",
    };
    let reason = reason(&error);
    let message = format!("the key store `{database}` {name} cannot be opened ({reason}): {cure}");
    StoreError::new(StoreErrorKind::Unavailable, message).with_source(error)
}

/// The server's answer cannot be believed: it may not know of a revocation yet.
pub(super) fn is_a_replica() -> StoreError {
    StoreError::new(
        StoreErrorKind::Unavailable,
        "the key store's server is a replica, which may lag behind: give the URL of the primary",
    )
}

/// Whether the connection was to a server that has ended since.
pub(super) fn is_lost(error: &StoreError) -> bool {
    let source = error.source().and_then(<dyn Error>::downcast_ref::<sqlx::Error>);
    source.is_some_and(|error| {
        // 57P01 and 57P02: the server says so before it goes.
        matches!(error, sqlx::Error::Io(_))
            || code(error).is_some_and(|code| matches!(&*code, "57P01" | "57P02"))
    })
}

/// Whether the transaction was given up for another one's sake (serialization failure, deadlock)
/// and can succeed when it is tried again.
pub(super) fn is_transient(error: &StoreError) -> bool {
    let source = error.source().and_then(<dyn Error>::downcast_ref::<sqlx::Error>);
    source.is_some_and(was_given_up)
}

/// Class 40: the server says that nothing of the transaction happened.
pub(super) fn was_given_up(error: &sqlx::Error) -> bool {
    code(error).is_some_and(|code| matches!(&*code, "40001" | "40P01"))
}

/// The SQLSTATE: <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn code(error: &sqlx::Error) -> Option<String> {
    Some(error.as_database_error()?.code()?.into_owned())
}
