//! The sequence of changes: how long it is kept, and what becomes of it in a backup.

use keyward::store::{Changes, KeyStore, PostgresStore};
use keyward_tests::Postgres;

use crate::support::{head, insert, knows, name_of, poll};

#[tokio::test]
async fn a_position_is_lost_when_more_than_a_hundred_thousand_changes_came_after_it() {
    let url = Postgres::shared().database();
    let store = PostgresStore::open(&url).await.unwrap();
    store.commit(vec![insert(1)]).await.unwrap();
    let first = head(&store).await;
    // As if nearly all of them had come.
    Postgres::shared().sql(name_of(&url), "UPDATE keyward_store SET seq = 100000");
    store.commit(vec![insert(2)]).await.unwrap();
    let Changes::Since { changes, .. } = poll(&store, Some(first)).await else {
        panic!("a hundred thousand changes are kept after it");
    };
    assert_eq!(changes[0].seq, 100_001);

    // They are forgotten a thousand at a time.
    Postgres::shared().sql(name_of(&url), "UPDATE keyward_store SET seq = 100999");
    store.commit(vec![insert(3)]).await.unwrap();
    assert!(matches!(poll(&store, Some(first)).await, Changes::Lost { .. }));
    assert!(knows(&store, 1).await && knows(&store, 3).await, "keys are not forgotten");
}

#[tokio::test]
async fn a_restored_backup_is_another_history() {
    let server = Postgres::shared();
    let url = server.database();
    let store = PostgresStore::open(&url).await.unwrap();
    store.commit(vec![insert(1)]).await.unwrap();
    let backed_up = head(&store).await;
    let folder = tempfile::tempdir().unwrap();
    let dump = server.client("pg_dump").args(["--format=custom", name_of(&url)]).output().unwrap();
    assert!(dump.status.success(), "{dump:?}");
    let file = folder.path().join("dump");
    std::fs::write(&file, dump.stdout).unwrap();

    store.commit(vec![insert(2)]).await.unwrap();
    let seen = head(&store).await;
    let mut restore = server.client("pg_restore");
    restore.args(["--clean", "--single-transaction", "--dbname", name_of(&url)]);
    let restored = restore.stdin(std::fs::File::open(&file).unwrap()).output().unwrap();
    assert!(restored.status.success(), "{restored:?}");

    // The same store goes on, over the tables that took the place of the others.
    assert!(matches!(poll(&store, Some(seen)).await, Changes::Lost { .. }));
    assert!(knows(&store, 1).await && !knows(&store, 2).await);
    store.commit(vec![insert(3)]).await.unwrap();
    assert_eq!(head(&store).await.seq, seen.seq, "the numbers are the same again");
    assert!(matches!(poll(&store, Some(seen)).await, Changes::Lost { .. }));
    assert!(matches!(poll(&store, Some(backed_up)).await, Changes::Since { .. }));
}
