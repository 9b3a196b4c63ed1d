//! What the poll costs, counted by the server.

use std::future::pending;
use std::time::{Duration, Instant};

use keyward::dialect::Dialect;
use keyward::manage::{KeyManager, NewKey};
use keyward::store::PostgresStore;
use keyward::verify::Verifier;
use keyward_tests::{Postgres, say};
use sqlx::{Connection, PgConnection};
use tokio::time::{interval, sleep};

use crate::support::{Bearer, name_of, soon};

/// Whether others tell of changes, a hundred times a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Push {
    None,
    Often,
}

/// How many questions the server has been asked: each of them reads the one row of the store. They
/// are all counted when nobody is connected any more.
fn asked(server: &Postgres, url: &str) -> u64 {
    let count = "SELECT seq_scan + coalesce(idx_scan, 0) FROM pg_stat_user_tables
                 WHERE relname = 'keyward_store'";
    server.sql(name_of(url), count).parse().unwrap()
}

async fn until_alone(server: &Postgres, url: &str) {
    let connected =
        format!("SELECT count(*) FROM pg_stat_activity WHERE datname = '{}'", name_of(url));
    let alone = soon("nobody is connected");
    while !alone(server.sql("postgres", &connected) == "0").await {}
}

/// How many questions a process puts that verifies for so long, from its start to its end, while one
/// key is asked about all the time; and how long that was.
async fn questions(server: &Postgres, push: Push, time: Duration) -> (u64, Duration) {
    let url = server.database();
    let store = PostgresStore::open(&url).await.unwrap();
    let manager = KeyManager::builder(Dialect::bigspin(), store.clone()).open().await.unwrap();
    let key = manager.create(NewKey::new("acme", "a key")).await.unwrap().key;
    store.close().await;
    until_alone(server, &url).await;
    let before = asked(server, &url);

    let begun = Instant::now();
    let store = PostgresStore::open(&url).await.unwrap();
    let verifier = Verifier::builder(Dialect::bigspin(), store.clone()).build().unwrap();
    // Until the first poll is done, each request is a question.
    let polled = soon("a poll");
    while !polled(verifier.freshness().is_some()).await {}
    let bearer = Bearer::of(key.expose());
    let asking = async {
        loop {
            verifier.verify(&bearer).await.unwrap();
            sleep(Duration::from_millis(1)).await;
        }
    };
    let pushing = async {
        if push == Push::None {
            return pending().await;
        }
        let mut application = PgConnection::connect(&url).await.unwrap();
        let mut turns = interval(Duration::from_millis(10));
        loop {
            turns.tick().await;
            sqlx::raw_sql("NOTIFY keyward").execute(&mut application).await.unwrap();
        }
    };
    tokio::select! {
        () = asking => {}
        () = pushing => {}
        () = sleep(time) => {}
    }
    verifier.shutdown().await;
    store.close().await;
    let time = begun.elapsed();
    until_alone(server, &url).await;
    (asked(server, &url) - before, time)
}

/// What it costs to start and to end is in both of two times.
#[tokio::test(flavor = "multi_thread")]
async fn the_server_is_asked_once_a_second_when_idle_and_twenty_times_when_pushed() {
    let server = Postgres::shared();
    let (start, long) = (Duration::from_secs(3), Duration::from_secs(23));
    for (push, most) in [(Push::None, 1.0), (Push::Often, 20.0)] {
        let (start, long) =
            tokio::join!(questions(server, push, start), questions(server, push, long));
        let (questions, time) = (long.0 - start.0, long.1.saturating_sub(start.1).as_secs_f64());
        say(format!(
            "the poll at PostgreSQL, a key asked about all the time, {push:?}: {questions} \
             questions in {time:.1} s"
        ));
        // One more or less at each end.
        let bound = most * time + 2.0;
        let counted = f64::from(u32::try_from(questions).unwrap());
        assert!(counted <= bound && counted >= bound / 4.0, "{questions} in {time} s: {push:?}");
    }
}
