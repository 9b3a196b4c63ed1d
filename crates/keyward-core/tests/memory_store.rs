//! The store in memory keeps the contract of every store.

use keyward_core::key_store_conformance;
use keyward_core::store::MemoryStore;

fn memory() -> impl AsyncFn() -> MemoryStore {
    let store = MemoryStore::new();
    async move || store.other_process()
}

key_store_conformance!(memory());
