use keyward_core::store::ListQuery;
use sqlx::{QueryBuilder, Sqlite};

use super::row::creator_columns;

/// The statement of a list. Its conditions and order are those of the indexes, so that a page costs
/// what it holds, however far back it is.
pub(super) fn statement(query: &ListQuery) -> QueryBuilder<Sqlite> {
    let mut sql = QueryBuilder::new("SELECT * FROM keyward_keys WHERE true");
    if let Some(workspace) = &query.workspace {
        sql.push(" AND workspace = ").push_bind(workspace.clone());
    }
    if let Some(creator) = &query.created_by {
        let (kind, creator) = creator_columns(creator);
        sql.push(" AND creator_kind = ").push_bind(kind);
        sql.push(" AND creator = ").push_bind(creator.to_owned());
    }
    if let Some((revoked, at)) = query.revoked {
        // As `KeyRecord::is_revoked`.
        sql.push(" AND ifnull(revoked_at <= updated_at OR revoked_at <= ");
        sql.push_bind(at.as_millis()).push(", false) = ").push_bind(revoked);
    }
    if let Some((created_at, id)) = &query.after {
        sql.push(" AND (created_at, id) < (").push_bind(created_at.as_millis());
        sql.push(", ").push_bind(id.as_str().to_owned()).push(")");
    }
    sql.push(" ORDER BY created_at DESC, id DESC LIMIT ");
    sql.push_bind(i64::try_from(query.limit).unwrap_or(i64::MAX));
    sql
}

#[cfg(test)]
mod tests {
    use keyward_core::clock::Timestamp;
    use keyward_core::key::{Creator, KeyId};
    use sqlx::Row;

    use super::*;
    use crate::SqliteStore;

    #[tokio::test]
    async fn a_page_is_sought_in_an_index_and_not_sorted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.db").display().to_string();
        let store = SqliteStore::open(path).await.unwrap();
        let page = ListQuery {
            after: Some((Timestamp::from_millis(0), KeyId::new("key_1"))),
            revoked: Some((false, Timestamp::from_millis(0))),
            limit: 10,
            ..ListQuery::default()
        };
        let of_a_workspace = ListQuery { workspace: Some("acme".to_owned()), ..page.clone() };
        let by_a_key =
            ListQuery { created_by: Some(Creator::Key(KeyId::new("key_2"))), ..page.clone() };
        for (query, index) in [
            (page, "keyward_keys_by_age ((created_at,id)<(?,?))"),
            (of_a_workspace, "keyward_keys_by_workspace (workspace=? AND (created_at,id)<(?,?))"),
            (
                by_a_key,
                "keyward_keys_by_creator \
                 (creator=? AND creator_kind=? AND (created_at,id)<(?,?))",
            ),
        ] {
            let mut explained = QueryBuilder::<Sqlite>::new("EXPLAIN QUERY PLAN ");
            explained.push(statement(&query).into_string());
            let rows = explained.build().fetch_all(&store.readers).await.unwrap();
            let plan: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
            assert_eq!(plan, [format!("SEARCH keyward_keys USING INDEX {index}")]);
        }
    }
}
