//! Changes are heard of before the next poll is due, and whoever listens ends with the store.

use keyward::dialect::Dialect;
use keyward::store::{KeyStore, PostgresStore};
use keyward::verify::Verifier;
use keyward_tests::{Network, Postgres, Proxy};
use sqlx::postgres::PgListener;
use tokio::time::timeout;

use crate::support::{PATIENCE, head, insert, listeners, name_of, soon};
use crate::watched::Watched;

#[tokio::test(flavor = "multi_thread")]
async fn a_change_elsewhere_wakes_the_poll_also_after_the_connection_was_cut() {
    let server = Postgres::shared();
    let url = server.database();
    let writer = PostgresStore::open(&url).await.unwrap();
    let watched = Watched::open(&url).await;
    let verifier = Verifier::builder(Dialect::bigspin(), watched.clone()).build().unwrap();
    let mut numbers = 0..;
    for _ in 0..3 {
        let listening = soon("somebody listens");
        while !listening(listeners(server, name_of(&url)) == "1").await {}
        // One more wakes at the beginning of listening.
        let (before, heard) = (watched.woken(), soon("changes are heard of"));
        while !heard(watched.woken() >= before + 5).await {
            writer.commit(vec![insert(numbers.next().unwrap())]).await.unwrap();
        }
        server.sql(
            "postgres",
            &format!(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE datname = '{}' AND query LIKE 'LISTEN%'",
                name_of(&url)
            ),
        );
    }
    verifier.shutdown().await;
}

/// The network loses the answer to `LISTEN`, and all that comes on that connection later.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_never_told_that_it_listens_tries_again() {
    let server = Postgres::shared();
    let url = server.database();
    let writer = PostgresStore::open(&url).await.unwrap();
    let network = Proxy::before(server.port()).await;
    network.be(Network::Deaf);
    let watched = Watched::open(&network.instead_of(server.port(), &url)).await;
    let verifier = Verifier::builder(Dialect::bigspin(), watched.clone()).build().unwrap();
    let listening = soon("somebody listens");
    while !listening(listeners(server, name_of(&url)) == "1").await {}
    network.be(Network::Good);
    let (mut numbers, before) = (0.., watched.woken());
    let heard = soon("changes are heard of");
    while !heard(watched.woken() >= before + 5).await {
        writer.commit(vec![insert(numbers.next().unwrap())]).await.unwrap();
    }
    verifier.shutdown().await;
}

#[tokio::test]
async fn the_last_change_is_told_before_the_store_is_closed() {
    let url = Postgres::shared().database();
    let mut listener = PgListener::connect(&url).await.unwrap();
    listener.listen("keyward").await.unwrap();
    for number in 0..10 {
        let store = PostgresStore::open(&url).await.unwrap();
        store.commit(vec![insert(number)]).await.unwrap();
        store.close().await;
        timeout(PATIENCE, listener.recv()).await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn whoever_listens_ends_with_the_store_and_never_begins_without_a_poll() {
    let server = Postgres::shared();
    let url = server.database();
    let store = PostgresStore::open(&url).await.unwrap();
    store.commit(vec![insert(1)]).await.unwrap();
    assert_eq!(listeners(server, name_of(&url)), "0");
    for closes in [true, false] {
        let store = PostgresStore::open(&url).await.unwrap();
        head(&store).await;
        let listening = soon("one listens");
        while !listening(listeners(server, name_of(&url)) == "1").await {}
        let clone = store.clone();
        drop(store);
        assert_eq!(listeners(server, name_of(&url)), "1", "a clone is the store too");
        if closes {
            clone.close().await;
        } else {
            drop(clone);
        }
        let ended = soon("nobody listens any more");
        while !ended(listeners(server, name_of(&url)) == "0").await {}
    }
}
