//! Opening: who makes the tables, in whose database, and what is said when that cannot be.

use keyward::key::KeyId;
use keyward::store::{KeyLookup, KeyStore, ListQuery, PostgresStore, StoreErrorKind};
use keyward_tests::Postgres;
use sqlx::postgres::PgPoolOptions;
use tokio::task::JoinSet;

use crate::support::{head, id, insert, insert_as, knows, name_of, pool, record};

#[tokio::test(flavor = "multi_thread")]
async fn ten_who_open_one_new_database_at_one_time_have_one_store() {
    for _ in 0..3 {
        let url = Postgres::shared().database();
        let mut opening = JoinSet::new();
        for number in 0..10 {
            let url = url.clone();
            opening.spawn(async move {
                let store = if number % 2 == 0 {
                    PostgresStore::open(&url).await?
                } else {
                    PostgresStore::with_pool(pool(&url).await).await?
                };
                store.commit(vec![insert(number)]).await?;
                store.claim("standard").await
            });
        }
        for opened in opening.join_all().await {
            opened.unwrap();
        }
        let store = PostgresStore::open(&url).await.unwrap();
        assert_eq!(head(&store).await.seq, 10);
        let query = ListQuery { limit: 100, ..ListQuery::default() };
        assert_eq!(store.list(&query).await.unwrap().len(), 10);
        let migrations = "SELECT count(*) - count(DISTINCT version) FROM keyward_migrations";
        assert_eq!(Postgres::shared().sql(name_of(&url), migrations), "0");
    }
}

#[tokio::test]
async fn an_application_keeps_keys_beside_its_own_tables_in_a_schema_of_its_choice() {
    let url = Postgres::shared().database();
    let database = name_of(&url);
    let sql = |statement| Postgres::shared().sql(database, statement);
    sql("CREATE TABLE keys (id integer); CREATE SCHEMA auth");
    let options = PgPoolOptions::new().after_connect(|connection, _| {
        Box::pin(async {
            sqlx::query("SET search_path = auth").execute(connection).await.map(|_| ())
        })
    });
    let own = options.connect(&url).await.unwrap();
    let store = PostgresStore::with_pool(own.clone()).await.unwrap();
    store.commit(vec![insert(1)]).await.unwrap();
    assert!(knows(&PostgresStore::with_pool(own).await.unwrap(), 1).await);
    let tables =
        "SELECT string_agg(schemaname || '.' || tablename, ' ' ORDER BY schemaname, tablename)
                  FROM pg_tables WHERE schemaname IN ('public', 'auth')";
    assert_eq!(
        sql(tables),
        "auth.keyward_audit auth.keyward_changes auth.keyward_instances auth.keyward_keys \
         auth.keyward_migrations auth.keyward_recorders auth.keyward_store auth.keyward_uses \
         public.keys"
    );
}

#[tokio::test]
async fn whoever_may_not_make_tables_opens_a_store_that_is_there() {
    let server = Postgres::shared();
    let url = server.database();
    let (database, guest) = (name_of(&url), format!("guest_of_{}", name_of(&url)));
    server.sql(database, &format!("CREATE ROLE {guest} LOGIN"));
    let as_guest = url.replace("keyward:", &format!("{guest}:"));
    let error = PostgresStore::open(&as_guest).await.unwrap_err().to_string();
    assert!(error.contains("let this user make tables"), "{error}");

    PostgresStore::open(&url).await.unwrap();
    let grant = format!(
        "GRANT SELECT, INSERT, UPDATE, DELETE ON keyward_keys, keyward_changes, keyward_store,
         keyward_migrations TO {guest};
         GRANT SELECT, INSERT ON keyward_audit TO {guest}"
    );
    server.sql(database, &grant);
    let store = PostgresStore::open(&as_guest).await.unwrap();
    store.commit(vec![insert(1)]).await.unwrap();
    assert!(knows(&store, 1).await);
}

#[tokio::test]
async fn a_store_of_a_newer_version_is_refused() {
    let url = Postgres::shared().database();
    PostgresStore::open(&url).await.unwrap().close().await;
    let newer = "INSERT INTO keyward_migrations (version, description, success, checksum,
                 execution_time) VALUES (1000, 'of the future', true, '', 0)";
    Postgres::shared().sql(name_of(&url), newer);
    let error = PostgresStore::open(&url).await.unwrap_err().to_string();
    assert!(error.contains("another version of keyward"), "{error}");
}

#[tokio::test]
async fn what_does_not_open_is_told_with_the_reason_and_the_cure_and_no_password() {
    let server = Postgres::shared();
    for (url, reason, cure) in [
        (server.url("nowhere"), "does not exist", "make the database first"),
        (server.url("postgres").replace("keyward:", "stranger:"), "stranger", "who may log in"),
        ("postgres://ada:hunter2@127.0.0.1:1/keys".to_owned(), "refused", "that runs"),
        ("postgres://ada:hunter2@nowhere.invalid/keys".to_owned(), "nowhere.invalid", "reach"),
        ("postgres://ada:hunter2@127.0.0.1:port/keys".to_owned(), "port", "give postgres://"),
        ("hunter2".to_owned(), "cannot be read", "give postgres://"),
    ] {
        let error = PostgresStore::open(&url).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Unavailable);
        let sentence = error.to_string();
        assert!(sentence.contains(reason) && sentence.contains(cure), "{sentence}");
        assert!(!format!("{sentence} {error:?}").contains("hunter2"), "{error:?}");
    }
}

#[tokio::test]
async fn a_closed_store_is_unavailable() {
    let store = PostgresStore::open(Postgres::shared().database()).await.unwrap();
    store.commit(vec![insert(1)]).await.unwrap();
    store.close().await;
    for error in [
        store.get(&id(1)).await.err(),
        store.lookup_many(&[]).await.err(),
        store.commit(vec![insert(2)]).await.err(),
        store.feed().unwrap().changes_since(None).await.err(),
    ] {
        assert_eq!(error.unwrap().kind(), StoreErrorKind::Unavailable);
    }
}

/// A dictionary's order has small letters beside capital ones, and jumps over what is no letter.
#[tokio::test]
async fn keys_of_one_age_are_listed_by_the_bytes_of_their_ids_whatever_the_collation() {
    let server = Postgres::shared();
    server.sql(
        "postgres",
        "CREATE DATABASE dictionary TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en'",
    );
    let store = PostgresStore::open(server.url("dictionary")).await.unwrap();
    let mut ids = ["a", "B", "b", "_c", "A", "-b"];
    for (number, id) in (0..).zip(ids) {
        let mut record = record(number);
        record.id = KeyId::new(id);
        store.commit(vec![insert_as(number, record)]).await.unwrap();
    }
    ids.sort_unstable();
    let query = ListQuery { limit: 10, oldest_first: true, ..ListQuery::default() };
    let listed: Vec<_> = store.list(&query).await.unwrap().into_iter().map(|it| it.id).collect();
    assert_eq!(listed, ids.map(KeyId::new));
}

#[tokio::test]
async fn what_has_a_zero_in_it_names_no_key() {
    let store = PostgresStore::open(Postgres::shared().database()).await.unwrap();
    store.commit(vec![insert(1)]).await.unwrap();
    assert_eq!(store.get(&KeyId::new("key_1\0")).await.unwrap(), None);
    let query =
        ListQuery { workspace: Some("acme\0".to_owned()), limit: 10, ..ListQuery::default() };
    assert_eq!(store.list(&query).await.unwrap(), []);
    assert_eq!(store.count(&query).await.unwrap(), 0);

    let named = insert_as(2, record(2).with_name("a\0z"));
    let error = store.commit(vec![named]).await.unwrap_err().to_string();
    assert!(error.contains("leave it out"), "{error}");
}
