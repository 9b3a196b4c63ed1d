use keyward_core::key::KeyId;
use keyward_core::store::{Change, Changes, Operation, Position, StoreError};
use sqlx::SqlitePool;
use sqlx::sqlite::SqliteRow;

use super::error::store_error;
use crate::error::corrupt;
use crate::row;

/// At most so many changes a poll.
const PAGE: u32 = 1_000;

pub(super) async fn changes_since(
    pool: &SqlitePool,
    asked: Option<Position>,
) -> Result<Changes, StoreError> {
    if let Some(asked) = asked {
        // The position itself, a page, and one more to see whether there is more: one statement,
        // so one snapshot.
        let rows = sqlx::query(
            "SELECT changes.*, store.awaited
             FROM keyward_store AS store CROSS JOIN keyward_changes AS changes
             WHERE changes.seq >= ?1 ORDER BY changes.seq LIMIT ?2",
        )
        .bind(asked.seq.cast_signed())
        .bind(PAGE + 2)
        .fetch_all(pool)
        .await
        .map_err(store_error)?;
        if let Some((first, after)) = rows.split_first()
            && position(first)? == asked
        {
            let page = &after[..after.len().min(PAGE as usize)];
            return Ok(Changes::Since {
                changes: page.iter().map(change).collect::<Result<_, _>>()?,
                head: page.last().map_or(Ok(asked), position)?,
                more: after.len() > page.len(),
                awaited: row::unsigned(first, "awaited")?,
            });
        }
    }
    let newest = sqlx::query("SELECT seq, mark FROM keyward_changes ORDER BY seq DESC LIMIT 1")
        .fetch_optional(pool)
        .await
        .map_err(store_error)?;
    let newest = newest.ok_or_else(|| corrupt("sequence of changes"))?;
    Ok(Changes::Lost { head: position(&newest)? })
}

fn position(row: &SqliteRow) -> Result<Position, StoreError> {
    Ok(Position { seq: row::unsigned(row, "seq")?, mark: row::unsigned(row, "mark")? })
}

fn change(row: &SqliteRow) -> Result<Change, StoreError> {
    let operation = match row::get::<_, &str>(row, "operation")? {
        "created" => Operation::Created,
        "updated" => Operation::Updated,
        "deleted" => Operation::Deleted,
        _ => return Err(corrupt("operation")),
    };
    let Position { seq, mark } = position(row)?;
    Ok(Change {
        seq,
        mark,
        id: KeyId::new(row::get::<_, &str>(row, "id")?),
        digest: row::digest(row)?,
        operation,
    })
}
