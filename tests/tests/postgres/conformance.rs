//! The store in PostgreSQL keeps the contract of every store.

use keyward::key_store_conformance;
use keyward::store::PostgresStore;
use keyward_tests::Postgres;

fn one_database() -> impl AsyncFn() -> PostgresStore {
    let url = Postgres::shared().database();
    async move || PostgresStore::open(&url).await.unwrap()
}

key_store_conformance!(one_database());
