//! A server that hangs, and comes back.

use keyward::store::{KeyLookup, KeyStore, PostgresStore, StoreErrorKind};
use keyward_tests::Postgres;
use std::time::Duration;
use tokio::time::timeout;

use crate::support::{digest, insert, knows, soon};

/// More questions are given up than there are connections: none of them is lost for that.
#[tokio::test(flavor = "multi_thread")]
async fn questions_that_were_given_up_while_the_server_hung_are_in_nobodys_way() {
    let server = Postgres::start();
    let store = PostgresStore::open(server.database()).await.unwrap();
    store.commit(vec![insert(1)]).await.unwrap();
    for _ in 0..2 {
        assert!(knows(&store, 1).await);
        server.pause();
        for _ in 0..20 {
            let asked = timeout(Duration::from_millis(20), store.lookup(&digest(1))).await;
            assert!(asked.is_err(), "nobody answers");
        }
        server.resume();
        let answers = soon("the store answers");
        while !answers(store.lookup(&digest(1)).await.is_ok_and(|it| it.is_some())).await {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_down_is_unavailable_until_it_is_back() {
    let server = Postgres::start();
    let store = PostgresStore::open(server.database()).await.unwrap();
    store.commit(vec![insert(1)]).await.unwrap();
    server.stop();
    let error = store.lookup(&digest(1)).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    let error = store.commit(vec![insert(2)]).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    server.restart();
    assert!(knows(&store, 1).await);
    store.commit(vec![insert(2)]).await.unwrap();
}
