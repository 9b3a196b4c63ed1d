//! Many digests in one query.

use keyward::key::KeyDigest;
use keyward::store::{KeyLookup, KeyStore, PostgresStore};
use keyward_tests::Postgres;

use crate::support::{digest, insert, name_of, soon};

/// The server keeps a statement's plan. That for an empty table may be to read all of it, which
/// nobody takes back while the table fills, until it is analysed.
#[tokio::test]
async fn a_lookup_searches_the_index_also_with_a_plan_from_when_there_were_no_keys() {
    const LOOKUPS: u64 = 10;
    let server = Postgres::shared();
    let url = server.database();
    let store = PostgresStore::open(&url).await.unwrap();
    let digests: Vec<KeyDigest> = (1_000..1_512).map(digest).collect();
    for _ in 0..LOOKUPS {
        assert!(store.lookup_many(&digests).await.unwrap().records.iter().all(Option::is_none));
    }
    store.commit((0..2_000).map(insert).collect()).await.unwrap();
    for _ in 0..LOOKUPS {
        assert!(store.lookup_many(&digests).await.unwrap().records.iter().all(Option::is_some));
    }
    // Then the server counts all that was done on its connections.
    store.close().await;
    let count = |column: &str| {
        let count =
            format!("SELECT {column} FROM pg_stat_user_tables WHERE relname = 'keyward_keys'");
        server.sql(name_of(&url), &count).parse::<u64>().unwrap()
    };
    let counted = soon("the lookups are counted");
    while !counted(count("idx_tup_fetch") >= LOOKUPS * digests.len() as u64).await {}
    assert_eq!(count("seq_tup_read"), 0, "no key was read that nobody asked for");
}
