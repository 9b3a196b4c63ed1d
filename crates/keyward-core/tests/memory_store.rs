//! The store in memory keeps the contract of every store.

use keyward_core::key_store_conformance;
use keyward_core::store::MemoryStore;

fn memory() -> impl AsyncFn() -> MemoryStore {
    let store = MemoryStore::new();
    async move || store.other_process()
}

key_store_conformance!(memory());

mod shared {
    //! So does a store whose kind is known only when it runs.

    use std::sync::Arc;

    use keyward_core::key_store_conformance;
    use keyward_core::store::KeyStore;

    fn shared() -> impl AsyncFn() -> Arc<dyn KeyStore> {
        let open = super::memory();
        async move || {
            let store: Arc<dyn KeyStore> = Arc::new(open().await);
            store
        }
    }

    key_store_conformance!(shared());
}
