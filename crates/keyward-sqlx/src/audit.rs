//! The audit trail and its columns, which are the same in every database.

use keyward_core::audit::{Act, AuditEntry, AuditQuery};
use keyward_core::clock::Timestamp;
use keyward_core::key::KeyId;
use keyward_core::store::StoreError;
use sqlx::{ColumnIndex, Database, Decode, Encode, QueryBuilder, Row, Type};

use crate::error::corrupt;
use crate::row::{creator, get, unsigned};

/// The columns of an entry, without its number. By name: a newer version may add some while this one
/// runs.
macro_rules! entry_columns {
    () => {
        "at, act, key_id, name, workspace, actor_kind, actor, address, request_id, fields, \
         counterpart"
    };
}
#[cfg(feature = "sqlite")]
pub(crate) use entry_columns;

/// The statement of a list, in the order of an index.
pub(crate) fn statement<DB: Database>(query: &AuditQuery) -> QueryBuilder<DB>
where
    i64: for<'t> Encode<'t, DB> + Type<DB>,
    String: for<'t> Encode<'t, DB> + Type<DB>,
{
    let select = concat!("SELECT number, ", entry_columns!(), " FROM keyward_audit WHERE true");
    let mut sql = QueryBuilder::new(select);
    if let Some(key) = &query.key {
        sql.push(" AND key_id = ").push_bind(key.as_str().to_owned());
    }
    if let Some(workspace) = &query.workspace {
        sql.push(" AND workspace = ").push_bind(workspace.clone());
    }
    if let Some(after) = query.after {
        sql.push(" AND number < ").push_bind(i64::try_from(after).unwrap_or(i64::MAX));
    }
    sql.push(" ORDER BY number DESC LIMIT ");
    sql.push_bind(i64::try_from(query.limit).unwrap_or(i64::MAX));
    sql
}

/// Reads a row of `keyward_audit`.
pub(crate) fn read<'r, R: Row>(row: &'r R) -> Result<AuditEntry, StoreError>
where
    &'static str: ColumnIndex<R>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
    &'r str: Decode<'r, R::Database> + Type<R::Database>,
{
    let text = |column| get::<_, &str>(row, column);
    let optional = |column| get::<_, Option<&str>>(row, column);

    let at = Timestamp::from_millis(get(row, "at")?);
    let word = text("act")?;
    let act = Act::ALL.into_iter().find(|act| act.as_str() == word);
    let act = act.ok_or_else(|| corrupt("act"))?;
    let mut entry = AuditEntry::new(at, act, KeyId::new(text("key_id")?), text("workspace")?);
    entry.number = Some(unsigned(row, "number")?);
    text("name")?.clone_into(&mut entry.name);
    entry.by = creator(optional("actor_kind")?, optional("actor")?)?;
    entry.origin.address = optional("address")?
        .map(|address| address.parse().map_err(|_| corrupt("address")))
        .transpose()?;
    entry.origin.request_id = optional("request_id")?.map(str::to_owned);
    entry.fields = text("fields")?.split_ascii_whitespace().map(str::to_owned).collect();
    entry.counterpart = optional("counterpart")?.map(KeyId::new);
    Ok(entry)
}

#[cfg(test)]
#[cfg(feature = "sqlite")]
mod tests {
    use sqlx::{Row, Sqlite};

    use super::*;
    use crate::SqliteStore;

    #[tokio::test]
    async fn a_page_is_sought_in_an_index_and_not_sorted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.db").display().to_string();
        let store = SqliteStore::open(path).await.unwrap();
        let all = AuditQuery::new().with_after(9);
        let of_a_key = all.clone().with_key(KeyId::new("key_1"));
        let of_a_workspace = all.clone().with_workspace("acme");
        for (query, index) in [
            (all, "INTEGER PRIMARY KEY (rowid<?)"),
            (of_a_key, "INDEX keyward_audit_by_key (key_id=? AND number<?)"),
            (of_a_workspace, "INDEX keyward_audit_by_workspace (workspace=? AND number<?)"),
        ] {
            let mut explained = QueryBuilder::<Sqlite>::new("EXPLAIN QUERY PLAN ");
            explained.push(statement::<Sqlite>(&query).sql().as_str());
            let rows = explained.build().fetch_all(&store.readers).await.unwrap();
            let plan: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
            assert_eq!(plan, [format!("SEARCH keyward_audit USING {index}")]);
        }
    }
}
