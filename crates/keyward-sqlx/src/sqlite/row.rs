use std::num::NonZeroU32;

use keyward_core::clock::Timestamp;
use keyward_core::key::{Creator, Grant, KeyDigest, KeyId, KeyRecord, Resources};
use keyward_core::store::StoreError;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Decode, Row, Sqlite, Type};

use super::error::{corrupt, store_error};

const EVERY_RESOURCE: &str = "\"all\"";

/// Binds a record to the first parameters of a statement, in the order of its columns there.
pub(super) fn bind<'q>(
    query: Query<'q, Sqlite, SqliteArguments>,
    record: &'q KeyRecord,
) -> Result<Query<'q, Sqlite, SqliteArguments>, StoreError> {
    let (access, scopes) = match &record.grant {
        Grant::All => ("all", None),
        Grant::Only(scopes) => ("only", Some(scopes.as_str())),
    };
    let resources = match &record.resources {
        Resources::All => EVERY_RESOURCE.to_owned(),
        Resources::Only(ids) => serde_json::to_string(ids).map_err(|_| corrupt("resources"))?,
    };
    let metadata = record.metadata.as_ref().map(serde_json::to_string).transpose();
    let (creator_kind, creator) = record.created_by.as_ref().map(creator_columns).unzip();
    Ok(query
        .bind(record.id.as_str())
        .bind(&record.workspace)
        .bind(&record.name)
        .bind(&record.description)
        .bind(&record.kind)
        .bind(&record.mask)
        .bind(access)
        .bind(scopes)
        .bind(resources)
        .bind(record.rate_limit_per_min.map(NonZeroU32::get))
        .bind(creator_kind)
        .bind(creator)
        .bind(record.created_at.as_millis())
        .bind(record.updated_at.as_millis())
        .bind(record.expires_at.map(Timestamp::as_millis))
        .bind(record.revoked_at.map(Timestamp::as_millis))
        .bind(record.last_used_at.map(Timestamp::as_millis))
        .bind(record.rotated_to.as_ref().map(KeyId::as_str))
        .bind(&record.rotation_token)
        .bind(record.version.cast_signed())
        .bind(metadata.map_err(|_| corrupt("metadata"))?))
}

/// The columns `creator_kind` and `creator`.
pub(super) fn creator_columns(creator: &Creator) -> (&'static str, &str) {
    match creator {
        Creator::Person(id) => ("person", id),
        Creator::Key(id) => ("key", id.as_str()),
    }
}

/// Reads a row of `keyward_keys`.
pub(super) fn read(row: &SqliteRow) -> Result<KeyRecord, StoreError> {
    let text = |column| get::<String>(row, column);
    let optional = |column| get::<Option<String>>(row, column);
    let instant = |column| Ok(get::<Option<i64>>(row, column)?.map(Timestamp::from_millis));

    let mut record = KeyRecord::new(KeyId::new(text("id")?), text("workspace")?, text("kind")?);
    record.name = text("name")?;
    record.description = optional("description")?;
    record.mask = text("mask")?;
    record.grant = match (get(row, "access")?, optional("scopes")?) {
        ("all", None) => Grant::All,
        ("only", Some(scopes)) => Grant::Only(scopes.parse().map_err(|_| corrupt("scopes"))?),
        _ => return Err(corrupt("access")),
    };
    record.resources = match get(row, "resources")? {
        EVERY_RESOURCE => Resources::All,
        ids => Resources::Only(serde_json::from_str(ids).map_err(|_| corrupt("resources"))?),
    };
    record.rate_limit_per_min = get::<Option<u32>>(row, "rate_limit_per_min")?
        .map(|limit| NonZeroU32::new(limit).ok_or_else(|| corrupt("rate_limit_per_min")))
        .transpose()?;
    record.created_by = match (get(row, "creator_kind")?, optional("creator")?) {
        (None, None) => None,
        (Some("person"), Some(id)) => Some(Creator::Person(id)),
        (Some("key"), Some(id)) => Some(Creator::Key(KeyId::new(id))),
        _ => return Err(corrupt("creator")),
    };
    record.created_at = Timestamp::from_millis(get(row, "created_at")?);
    record.updated_at = Timestamp::from_millis(get(row, "updated_at")?);
    record.expires_at = instant("expires_at")?;
    record.revoked_at = instant("revoked_at")?;
    record.last_used_at = instant("last_used_at")?;
    record.rotated_to = optional("rotated_to")?.map(KeyId::new);
    record.rotation_token = optional("rotation_token")?;
    record.version = unsigned(row, "version")?;
    record.metadata = get::<Option<&str>>(row, "metadata")?
        .map(|json| serde_json::from_str(json).map_err(|_| corrupt("metadata")))
        .transpose()?;
    Ok(record)
}

pub(super) fn digest(row: &SqliteRow) -> Result<KeyDigest, StoreError> {
    let bytes: &[u8] = get(row, "digest")?;
    Ok(KeyDigest::from_bytes(bytes.try_into().map_err(|_| corrupt("digest"))?))
}

pub(super) fn unsigned(row: &SqliteRow, column: &str) -> Result<u64, StoreError> {
    Ok(get::<i64>(row, column)?.cast_unsigned())
}

pub(super) fn get<'r, T: Decode<'r, Sqlite> + Type<Sqlite>>(
    row: &'r SqliteRow,
    column: &str,
) -> Result<T, StoreError> {
    row.try_get(column).map_err(store_error)
}
