use keyward_core::key::KeyDigest;
use keyward_core::store::{Answers, Position, StoreError};
use sqlx::SqlitePool;

use super::error::store_error;
use crate::error::corrupt;
use crate::row;

/// One statement is one snapshot, and one blob that is cut into pieces of 32 bytes is one parameter
/// however many digests there are. CROSS JOIN keeps SQLite to that order: for each digest one look
/// into the index. Where nothing is found, one row without a key has the counter.
const LOOKUP: &str = "\
    WITH RECURSIVE asked (place) AS (
        SELECT 0 WHERE length(?1) > 0
        UNION ALL
        SELECT place + 1 FROM asked WHERE (place + 2) * 32 <= length(?1)
    )
    SELECT store.seq, head.mark, asked.place, keys.*
    FROM keyward_store AS store
    JOIN keyward_changes AS head ON head.seq = store.seq
    LEFT JOIN (
        asked CROSS JOIN keyward_keys AS keys
        ON keys.digest = substr(?1, asked.place * 32 + 1, 32)
    )";

pub(super) async fn lookup_many(
    pool: &SqlitePool,
    digests: &[KeyDigest],
) -> Result<Answers, StoreError> {
    let blob: Vec<u8> = digests.iter().flat_map(KeyDigest::as_bytes).copied().collect();
    let rows = sqlx::query(LOOKUP).bind(blob).fetch_all(pool).await.map_err(store_error)?;
    let mut as_of = None;
    let mut records = vec![None; digests.len()];
    for row in &rows {
        as_of =
            Some(Position { seq: row::unsigned(row, "seq")?, mark: row::unsigned(row, "mark")? });
        let place: Option<u32> = row::get(row, "place")?;
        if let Some(record) = place.and_then(|place| records.get_mut(place as usize)) {
            *record = Some(row::read(row)?);
        }
    }
    Ok(Answers { records, as_of: Some(as_of.ok_or_else(|| corrupt("change counter"))?) })
}

#[cfg(test)]
mod tests {
    use sqlx::Row;

    use super::*;
    use crate::SqliteStore;

    #[tokio::test]
    async fn a_lookup_searches_the_index_once_for_each_digest() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.db").display().to_string();
        let store = SqliteStore::open(path).await.unwrap();
        let sql = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {LOOKUP}"));
        let rows = sqlx::query(sql).bind(vec![0; 64]).fetch_all(&store.readers).await.unwrap();
        let plan: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
        assert!(plan.iter().any(|step| step.starts_with("SEARCH keys USING INDEX")), "{plan:#?}");
        assert!(!plan.iter().any(|step| step.contains("SCAN keys")), "{plan:#?}");
    }
}
