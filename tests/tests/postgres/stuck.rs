//! What is stuck holds up nobody but itself.

use std::process::Stdio;
use std::time::Duration;

use keyward::dialect::Dialect;
use keyward::store::{KeyLookup, KeyStore, ListQuery, PostgresStore};
use keyward::verify::Verifier;
use keyward_tests::Postgres;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::support::{PATIENCE, insert, name_of, pool, soon};
use crate::watched::Watched;

/// PostgreSQL lets one transaction at a time notify anybody, in all databases of a server.
#[tokio::test(flavor = "multi_thread")]
async fn no_commit_waits_for_a_notifier_that_is_stuck_in_another_database() {
    let server = Postgres::start();
    let (ours, other) = (server.database(), server.database());
    let alter = format!("ALTER DATABASE {} SET synchronous_commit = local", name_of(&ours));
    server.sql("postgres", &alter);
    let writer = PostgresStore::open(&ours).await.unwrap();
    let watched = Watched::open(&ours).await;
    let verifier = Verifier::builder(Dialect::bigspin(), watched.clone()).build().unwrap();
    let mut numbers = 0..;
    let mut heard = async |what: &str| {
        let (before, heard) = (watched.woken(), soon(what));
        while !heard(watched.woken() >= before + 3).await {
            writer.commit(vec![insert(numbers.next().unwrap())]).await.unwrap();
        }
    };
    heard("changes are heard of").await;

    // Commits of the other database wait for a replica that there is not.
    server.sql("postgres", "ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
    server.sql("postgres", "SELECT pg_reload_conf()");
    let begin = || {
        let mut psql = server.client("psql");
        psql.args(["--no-psqlrc", "--dbname", name_of(&other), "--command"]);
        psql.arg("BEGIN; CREATE TEMPORARY TABLE stuck (); NOTIFY somebody; COMMIT");
        psql.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let held = "SELECT count(*) FROM pg_locks WHERE locktype = 'object' AND objid = 0
                AND classid = 'pg_database'::regclass AND mode = 'AccessExclusiveLock' AND granted";
    let (mut stuck, is_stuck) = (begin(), soon("a notifier is stuck"));
    while !is_stuck(server.sql("postgres", held) == "1").await {
        // The server takes a moment to learn of the replica.
        if stuck.try_wait().unwrap().is_some() {
            stuck = begin();
        }
    }
    for number in 1_000..1_010 {
        // Half of what the server lets a transaction wait for a lock.
        let commit = timeout(Duration::from_secs(5), writer.commit(vec![insert(number)]));
        commit.await.unwrap().unwrap();
    }
    assert_eq!(server.sql("postgres", held), "1", "it still is");

    server.sql("postgres", "ALTER SYSTEM RESET synchronous_standby_names");
    server.sql("postgres", "SELECT pg_reload_conf()");
    heard("changes are heard of again").await;
    stuck.wait().unwrap();
    verifier.shutdown().await;
}

/// Lists wait for a lock, as many as there may be at once; the poll asks for another table.
#[tokio::test(flavor = "multi_thread")]
async fn verification_waits_for_no_list() {
    let url = Postgres::shared().database();
    let store = PostgresStore::open(&url).await.unwrap();
    let application = pool(&url).await;
    let mut held = application.begin().await.unwrap();
    sqlx::query("LOCK TABLE keyward_keys").execute(&mut *held).await.unwrap();
    let mut lists = JoinSet::new();
    for _ in 0..10 {
        let store = store.clone();
        lists.spawn(async move { store.list(&ListQuery::default()).await });
    }
    let waiting = format!(
        "SELECT count(*) FROM pg_stat_activity
         WHERE datname = '{}' AND wait_event_type = 'Lock'",
        name_of(&url)
    );
    let stuck = soon("lists wait");
    while !stuck(Postgres::shared().sql("postgres", &waiting).parse::<u32>().unwrap() >= 3).await {}
    let feed = store.feed().unwrap();
    timeout(PATIENCE, feed.changes_since(None)).await.unwrap().unwrap();
}
