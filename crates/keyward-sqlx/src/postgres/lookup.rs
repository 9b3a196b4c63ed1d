use keyward_core::key::KeyDigest;
use keyward_core::store::{Answers, Position, StoreError};
use sqlx::PgConnection;

use super::error::{is_a_replica, store_error};
use crate::error::corrupt;
use crate::row::{self, columns};

/// One statement is one snapshot, and one array is one parameter however many digests there are.
/// LATERAL with a LIMIT keeps the planner to one look into the index for each, also while it takes
/// the table for a small one. Where nothing is found, one row without a key has the counter.
const LOOKUP: &str = concat!(
    "SELECT store.seq, head.mark, pg_is_in_recovery() AS is_replica, found.*
     FROM keyward_store AS store
     JOIN keyward_changes AS head ON head.seq = store.seq
     LEFT JOIN (
        SELECT asked.place, keys.*
        FROM unnest($1::bytea[]) WITH ORDINALITY AS asked (digest, place)
        CROSS JOIN LATERAL (
            SELECT ",
    columns!(),
    " FROM keyward_keys WHERE digest = asked.digest LIMIT 1
        ) AS keys
     ) AS found ON true"
);

pub(super) async fn lookup_many(
    connection: &mut PgConnection,
    digests: &[KeyDigest],
) -> Result<Answers, StoreError> {
    let asked: Vec<&[u8]> = digests.iter().map(|digest| digest.as_bytes().as_slice()).collect();
    let rows = sqlx::query(LOOKUP).bind(asked).fetch_all(connection).await.map_err(store_error)?;
    let mut as_of = None;
    let mut records = vec![None; digests.len()];
    for row in &rows {
        if row::get(row, "is_replica")? {
            return Err(is_a_replica());
        }
        as_of =
            Some(Position { seq: row::unsigned(row, "seq")?, mark: row::unsigned(row, "mark")? });
        // Counted from 1.
        let place: Option<i64> = row::get(row, "place")?;
        let place = place.and_then(|place| usize::try_from(place - 1).ok());
        if let Some(record) = place.and_then(|place| records.get_mut(place)) {
            *record = Some(row::read(row)?);
        }
    }
    Ok(Answers { records, as_of: Some(as_of.ok_or_else(|| corrupt("change counter"))?) })
}
