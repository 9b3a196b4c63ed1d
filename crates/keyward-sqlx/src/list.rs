use keyward_core::store::ListQuery;
use sqlx::{Database, Encode, QueryBuilder, Type};

use crate::row::{columns, creator_columns};

/// The statement of a list. Its conditions and order are those of the indexes, so that a page costs
/// what it holds, however far back it is; what is skipped is skipped in the index.
///
/// `in_name` is how this database begins to look for a text in a name whose ASCII is in lower case.
pub(crate) fn statement<DB: Database>(query: &ListQuery, in_name: &str) -> QueryBuilder<DB>
where
    bool: for<'t> Encode<'t, DB> + Type<DB>,
    i64: for<'t> Encode<'t, DB> + Type<DB>,
    String: for<'t> Encode<'t, DB> + Type<DB>,
{
    let select = concat!("SELECT ", columns!(), " FROM keyward_keys WHERE true");
    let mut sql = QueryBuilder::new(select);
    filter(&mut sql, query, in_name);
    let (beyond, direction) = if query.oldest_first { (">", "ASC") } else { ("<", "DESC") };
    if let Some((created_at, id)) = &query.after {
        sql.push(" AND (created_at, id) ").push(beyond).push(" (");
        sql.push_bind(created_at.as_millis()).push(", ");
        sql.push_bind(id.as_str().to_owned()).push(")");
    }
    sql.push(format_args!(" ORDER BY created_at {direction}, id {direction} LIMIT "));
    sql.push_bind(i64::try_from(query.limit).unwrap_or(i64::MAX));
    if query.skip > 0 {
        sql.push(" OFFSET ").push_bind(i64::try_from(query.skip).unwrap_or(i64::MAX));
    }
    sql
}

/// The statement that counts what all pages of a list hold.
pub(crate) fn count<DB: Database>(query: &ListQuery, in_name: &str) -> QueryBuilder<DB>
where
    bool: for<'t> Encode<'t, DB> + Type<DB>,
    i64: for<'t> Encode<'t, DB> + Type<DB>,
    String: for<'t> Encode<'t, DB> + Type<DB>,
{
    let mut sql = QueryBuilder::new("SELECT count(*) FROM keyward_keys WHERE true");
    filter(&mut sql, query, in_name);
    sql
}

fn filter<DB: Database>(sql: &mut QueryBuilder<DB>, query: &ListQuery, in_name: &str)
where
    bool: for<'t> Encode<'t, DB> + Type<DB>,
    i64: for<'t> Encode<'t, DB> + Type<DB>,
    String: for<'t> Encode<'t, DB> + Type<DB>,
{
    if let Some(workspace) = &query.workspace {
        sql.push(" AND workspace = ").push_bind(workspace.clone());
    }
    if let Some(creator) = &query.created_by {
        let (kind, creator) = creator_columns(creator);
        sql.push(" AND creator_kind = ").push_bind(kind.to_owned());
        sql.push(" AND creator = ").push_bind(creator.to_owned());
    }
    if let Some(successor) = &query.rotated_to {
        sql.push(" AND rotated_to = ").push_bind(successor.as_str().to_owned());
    }
    if let Some((revoked, at)) = query.revoked {
        // As `KeyRecord::is_revoked`.
        sql.push(" AND coalesce(revoked_at <= updated_at OR revoked_at <= ");
        sql.push_bind(at.as_millis()).push(", false) = ").push_bind(revoked);
    }
    if let Some((expired, at)) = query.expired {
        sql.push(" AND coalesce(expires_at <= ");
        sql.push_bind(at.as_millis()).push(", false) = ").push_bind(expired);
    }
    if let Some(kind) = &query.kind {
        sql.push(" AND kind = ").push_bind(kind.clone());
    }
    if let Some(name) = &query.name {
        sql.push(" AND ").push(in_name);
        sql.push_bind(name.to_ascii_lowercase()).push(") > 0");
    }
}

#[cfg(test)]
#[cfg(feature = "sqlite")]
mod tests {
    use keyward_core::clock::Timestamp;
    use keyward_core::key::{Creator, KeyId};
    use sqlx::{Row, Sqlite};

    use super::*;
    use crate::SqliteStore;
    use crate::sqlite::IN_NAME;

    async fn plan(query: &mut QueryBuilder<Sqlite>) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.db").display().to_string();
        let store = SqliteStore::open(path).await.unwrap();
        let mut explained = QueryBuilder::<Sqlite>::new("EXPLAIN QUERY PLAN ");
        explained.push(query.sql().as_str());
        let rows = explained.build().fetch_all(&store.readers).await.unwrap();
        rows.iter().map(|row| row.get("detail")).collect()
    }

    fn active() -> ListQuery {
        let revoked = Some((false, Timestamp::from_millis(0)));
        ListQuery { revoked, limit: 10, ..ListQuery::default() }
    }

    fn of_a_workspace() -> ListQuery {
        ListQuery { workspace: Some("acme".to_owned()), ..active() }
    }

    #[tokio::test]
    async fn a_page_is_sought_in_an_index_and_not_sorted() {
        let by_a_key = ListQuery { created_by: Some(Creator::Key(KeyId::new("1"))), ..active() };
        let into_a_key = ListQuery { rotated_to: Some(KeyId::new("1")), ..active() };
        for (query, index, equal) in [
            (active(), "age", ""),
            (of_a_workspace(), "workspace", "workspace=? AND "),
            (by_a_key, "creator", "creator=? AND creator_kind=? AND "),
            (into_a_key, "successor", "rotated_to=? AND "),
        ] {
            for (oldest_first, beyond) in [(false, "<"), (true, ">")] {
                let after = Some((Timestamp::from_millis(0), KeyId::new("key_1")));
                let query = ListQuery { after, oldest_first, skip: 3, ..query.clone() };
                let search = format!(
                    "SEARCH keyward_keys USING INDEX keyward_keys_by_{index} \
                     ({equal}(created_at,id){beyond}(?,?))"
                );
                assert_eq!(plan(&mut statement(&query, IN_NAME)).await, [search]);
            }
        }
    }

    #[tokio::test]
    async fn a_workspace_is_counted_in_its_index() {
        let search =
            "SEARCH keyward_keys USING COVERING INDEX keyward_keys_by_workspace (workspace=?)";
        for query in [of_a_workspace(), ListQuery { revoked: None, ..of_a_workspace() }] {
            assert_eq!(plan(&mut count(&query, IN_NAME)).await, [search]);
        }
    }
}
