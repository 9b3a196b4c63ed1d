//! A record and its columns, which are the same in every database.

use std::num::NonZeroU32;
use std::time::Duration;

use keyward_core::clock::Timestamp;
use keyward_core::key::{Creator, Grant, KeyDigest, KeyId, KeyRecord, Resources};
use keyward_core::store::{Instance, StoreError};
use keyward_core::usage::{Counts, UsePoint};
use sqlx::query::Query;
use sqlx::{ColumnIndex, Database, Decode, Encode, Row, Type};

use crate::error::{corrupt, store_error};

const EVERY_RESOURCE: &str = "\"all\"";

/// The columns of a record, in the order in which [`bind`] binds them. By name: a newer version may
/// add some while this one runs.
macro_rules! columns {
    () => {
        "id, workspace, name, description, kind, mask, access, scopes, resources, \
         rate_limit_per_min, creator_kind, creator, created_at, updated_at, expires_at, \
         revoked_at, last_used_at, rotated_to, rotation_token, version, metadata, networks"
    };
}
pub(crate) use columns;

/// Binds a record to the first parameters of a statement.
pub(crate) fn bind<'q, DB: Database>(
    query: Query<'q, DB, DB::Arguments>,
    record: &KeyRecord,
) -> Result<Query<'q, DB, DB::Arguments>, StoreError>
where
    i64: for<'t> Encode<'t, DB> + Type<DB>,
    Option<i64>: for<'t> Encode<'t, DB>,
    str: Type<DB>,
    for<'t> &'t str: Encode<'t, DB>,
    for<'t> Option<&'t str>: Encode<'t, DB>,
{
    let (access, scopes) = match &record.grant {
        Grant::All => ("all", None),
        Grant::Only(scopes) => ("only", Some(scopes.as_str())),
    };
    let resources = match &record.resources {
        Resources::All => EVERY_RESOURCE.to_owned(),
        Resources::Only(ids) => serde_json::to_string(ids).map_err(|_| corrupt("resources"))?,
    };
    let metadata = record.metadata.as_ref().map(serde_json::to_string).transpose();
    let metadata = metadata.map_err(|_| corrupt("metadata"))?;
    let networks = record.networks.as_ref().map(ToString::to_string);
    let (creator_kind, creator) = record.created_by.as_ref().map(creator_columns).unzip();
    Ok(query
        .bind(record.id.as_str())
        .bind(record.workspace.as_str())
        .bind(record.name.as_str())
        .bind(record.description.as_deref())
        .bind(record.kind.as_str())
        .bind(record.mask.as_str())
        .bind(access)
        .bind(scopes)
        .bind(resources.as_str())
        .bind(record.rate_limit_per_min.map(|limit| i64::from(limit.get())))
        .bind(creator_kind)
        .bind(creator)
        .bind(record.created_at.as_millis())
        .bind(record.updated_at.as_millis())
        .bind(record.expires_at.map(Timestamp::as_millis))
        .bind(record.revoked_at.map(Timestamp::as_millis))
        .bind(record.last_used_at.map(Timestamp::as_millis))
        .bind(record.rotated_to.as_ref().map(KeyId::as_str))
        .bind(record.rotation_token.as_deref())
        .bind(record.version.cast_signed())
        .bind(metadata.as_deref())
        .bind(networks.as_deref()))
}

/// The columns `creator_kind` and `creator`.
pub(crate) fn creator_columns(creator: &Creator) -> (&'static str, &str) {
    match creator {
        Creator::Person(id) => ("person", id),
        Creator::Key(id) => ("key", id.as_str()),
    }
}

/// Reads what [`creator_columns`] wrote.
pub(crate) fn creator(kind: Option<&str>, id: Option<&str>) -> Result<Option<Creator>, StoreError> {
    match (kind, id) {
        (None, None) => Ok(None),
        (Some("person"), Some(id)) => Ok(Some(Creator::Person(id.to_owned()))),
        (Some("key"), Some(id)) => Ok(Some(Creator::Key(KeyId::new(id)))),
        _ => Err(corrupt("creator")),
    }
}

/// Reads a row of `keyward_keys`.
pub(crate) fn read<'r, R: Row>(row: &'r R) -> Result<KeyRecord, StoreError>
where
    &'static str: ColumnIndex<R>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
    &'r str: Decode<'r, R::Database> + Type<R::Database>,
{
    let text = |column| get::<_, &str>(row, column);
    let optional = |column| get::<_, Option<&str>>(row, column);
    let instant = |column| Ok(get::<_, Option<i64>>(row, column)?.map(Timestamp::from_millis));

    let mut record = KeyRecord::new(KeyId::new(text("id")?), text("workspace")?, text("kind")?);
    text("name")?.clone_into(&mut record.name);
    record.description = optional("description")?.map(str::to_owned);
    text("mask")?.clone_into(&mut record.mask);
    record.grant = match (text("access")?, optional("scopes")?) {
        ("all", None) => Grant::All,
        ("only", Some(scopes)) => Grant::Only(scopes.parse().map_err(|_| corrupt("scopes"))?),
        _ => return Err(corrupt("access")),
    };
    record.resources = match text("resources")? {
        EVERY_RESOURCE => Resources::All,
        ids => Resources::Only(serde_json::from_str(ids).map_err(|_| corrupt("resources"))?),
    };
    record.rate_limit_per_min = get::<_, Option<i64>>(row, "rate_limit_per_min")?
        .map(|limit| {
            let limit = u32::try_from(limit).ok().and_then(NonZeroU32::new);
            limit.ok_or_else(|| corrupt("rate_limit_per_min"))
        })
        .transpose()?;
    record.created_by = creator(optional("creator_kind")?, optional("creator")?)?;
    record.created_at = Timestamp::from_millis(get(row, "created_at")?);
    record.updated_at = Timestamp::from_millis(get(row, "updated_at")?);
    record.expires_at = instant("expires_at")?;
    record.revoked_at = instant("revoked_at")?;
    record.last_used_at = instant("last_used_at")?;
    record.rotated_to = optional("rotated_to")?.map(KeyId::new);
    record.rotation_token = optional("rotation_token")?.map(str::to_owned);
    record.version = unsigned(row, "version")?;
    record.metadata = optional("metadata")?
        .map(|json| serde_json::from_str(json).map_err(|_| corrupt("metadata")))
        .transpose()?;
    record.networks = optional("networks")?
        .map(|networks| networks.parse().map_err(|_| corrupt("networks")))
        .transpose()?;
    Ok(record)
}

/// Reads a row of `keyward_instances`, and for how long it has been silent.
pub(crate) fn instance<'r, R: Row>(row: &'r R) -> Result<Instance, StoreError>
where
    &'static str: ColumnIndex<R>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
    &'r str: Decode<'r, R::Database> + Type<R::Database>,
{
    Ok(Instance {
        name: get::<_, &str>(row, "name")?.to_owned(),
        seq: unsigned(row, "seq")?,
        bound: Duration::from_millis(unsigned(row, "bound")?),
        silence: Duration::from_millis(unsigned(row, "silence")?),
    })
}

/// Reads a row of `keyward_uses`.
pub(crate) fn use_point<'r, R: Row>(row: &'r R) -> Result<UsePoint, StoreError>
where
    &'static str: ColumnIndex<R>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
{
    let count = |column| unsigned(row, column);
    Ok(UsePoint {
        hour: Timestamp::from_millis(get(row, "hour")?),
        counts: Counts {
            requests: count("requests")?,
            scope_refused: count("scope_refused")?,
            limited: count("limited")?,
            expired: count("expired")?,
            revoked: count("revoked")?,
        },
    })
}

pub(crate) fn digest<'r, R: Row>(row: &'r R) -> Result<KeyDigest, StoreError>
where
    &'static str: ColumnIndex<R>,
    &'r [u8]: Decode<'r, R::Database> + Type<R::Database>,
{
    let bytes: &[u8] = get(row, "digest")?;
    Ok(KeyDigest::from_bytes(bytes.try_into().map_err(|_| corrupt("digest"))?))
}

pub(crate) fn unsigned<'r, R: Row>(row: &'r R, column: &'static str) -> Result<u64, StoreError>
where
    &'static str: ColumnIndex<R>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
{
    Ok(get::<_, i64>(row, column)?.cast_unsigned())
}

pub(crate) fn get<'r, R: Row, T>(row: &'r R, column: &'static str) -> Result<T, StoreError>
where
    &'static str: ColumnIndex<R>,
    T: Decode<'r, R::Database> + Type<R::Database>,
{
    row.try_get(column).map_err(store_error)
}
