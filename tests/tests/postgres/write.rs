//! Commits that are in each other's way, and what a commit promises.

use keyward::key::KeyRecord;
use keyward::store::{Changes, KeyStore, PostgresStore, StoreErrorKind, Write};
use keyward_tests::Postgres;
use tokio::task::JoinSet;

use crate::support::{head, id, insert, knows, name_of, poll, record, replace};

/// Half of the commits take two keys in the other order: the server ends one of two that wait for
/// each other.
#[tokio::test(flavor = "multi_thread")]
async fn commits_that_wait_for_each_other_are_tried_again() {
    let server = Postgres::shared();
    let url = server.database();
    server
        .sql("postgres", &format!("ALTER DATABASE {} SET deadlock_timeout = '5ms'", name_of(&url)));
    let store = PostgresStore::open(&url).await.unwrap();
    store.commit(vec![insert(1), insert(2)]).await.unwrap();
    let deadlocks = || {
        let count = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
        server.sql(name_of(&url), count).parse::<u32>().unwrap()
    };
    let mut committed = 0;
    while deadlocks() == 0 {
        assert!(committed < 1_000, "commits are in each other's way");
        let mut committing = JoinSet::new();
        for committer in 0..8 {
            let (store, current) = (store.clone(), [one(&store, 1).await, one(&store, 2).await]);
            committing.spawn(async move {
                let mut writes = current.map(|record| replace(&record)).to_vec();
                if committer % 2 == 1 {
                    writes.reverse();
                }
                store.commit(writes).await
            });
        }
        for done in committing.join_all().await {
            match done {
                Ok(()) => committed += 1,
                Err(error) => assert_eq!(error.kind(), StoreErrorKind::Conflict, "{error:?}"),
            }
        }
    }
    assert_eq!(one(&store, 1).await.version, 1 + committed);
    assert_eq!(head(&store).await.seq, 2 + 2 * committed);
}

async fn one(store: &PostgresStore, number: u64) -> KeyRecord {
    store.get(&id(number)).await.unwrap().unwrap()
}

/// A key that is required stays as it is until the commit that requires it.
#[tokio::test(flavor = "multi_thread")]
async fn a_required_key_is_not_changed_by_another_commit_meanwhile() {
    let store = PostgresStore::open(Postgres::shared().database()).await.unwrap();
    store.commit(vec![insert(0)]).await.unwrap();
    let mut parent = record(0);
    for child in 1..=50 {
        let start = head(&store).await;
        let guarded = vec![Write::Require { id: id(0), expected: parent.version }, insert(child)];
        let (made, changed) =
            tokio::join!(store.commit(guarded), store.commit(vec![replace(&parent)]));
        changed.unwrap();
        parent.version += 1;
        let Changes::Since { changes, .. } = poll(&store, Some(start)).await else {
            panic!("the position is there")
        };
        let order: Vec<_> = changes.into_iter().map(|change| change.id).collect();
        match made {
            Ok(()) => assert_eq!(order, [id(child), id(0)], "the child came before the change"),
            Err(error) => {
                assert_eq!(error.kind(), StoreErrorKind::Conflict, "{error:?}");
                assert_eq!(order, [id(0)]);
            }
        }
    }
}

/// The database is set to acknowledge what is not on the disk yet, which a store must not.
#[tokio::test]
async fn an_acknowledged_change_survives_kill_nine_of_the_server() {
    let server = Postgres::start();
    let url = server.database();
    let alter = format!("ALTER DATABASE {} SET synchronous_commit = off", name_of(&url));
    server.sql("postgres", &alter);
    // Nobody else writes it to the disk in time.
    server.sql("postgres", "ALTER SYSTEM SET wal_writer_delay = '10s'");
    server.stop();
    server.restart();
    let store = PostgresStore::open(&url).await.unwrap();
    for number in 0..20 {
        store.commit(vec![insert(number)]).await.unwrap();
    }
    server.kill();
    let error = store.commit(vec![insert(20)]).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    server.restart();
    for number in 0..20 {
        assert!(knows(&store, number).await, "{number} was acknowledged");
    }
    assert!(!knows(&store, 20).await);
    store.commit(vec![insert(20)]).await.unwrap();
    assert_eq!(head(&store).await.seq, 21);
}
