//! What must happen once: a form that makes a key, and the sight of its secret.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use keyward_core::key::{KeyId, PlainKey};
use keyward_core::manage::ManageError;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use tokio::sync::OnceCell;
use tokio::time::sleep;

use super::seal::Nonce;

/// Which forms have made which keys: a form that is sent twice makes one.
pub(super) struct Once(Cache<Nonce, Arc<OnceCell<KeyId>>>);

impl Once {
    /// So many are remembered. Only people who were let in fill it.
    const MOST: u64 = 10_000;

    pub(super) fn new() -> Self {
        Self(
            Cache::builder()
                .max_capacity(Self::MOST)
                .eviction_policy(EvictionPolicy::lru())
                .build(),
        )
    }

    /// The key that this form made, or makes now. An act that began goes on without its request: a
    /// browser that sends a form twice gives up the first time.
    pub(super) async fn perform<F>(&self, form: Nonce, act: F) -> Option<Result<KeyId, ManageError>>
    where
        F: Future<Output = Result<KeyId, ManageError>> + Send + 'static,
    {
        let cell = self.0.get_with(form, Arc::default);
        let done = tokio::spawn(async move { cell.get_or_try_init(|| act).await.cloned() });
        done.await.ok()
    }
}

/// Secrets that are about to be shown, each to whom it was made for, and once. They are wiped when
/// they were, or after a minute.
#[derive(Clone, Default)]
pub(super) struct Reveals(Arc<Mutex<HashMap<(KeyId, String), PlainKey>>>);

impl Reveals {
    const KEPT: Duration = Duration::from_mins(1);

    pub(super) fn keep(&self, id: &KeyId, identity: &str, key: PlainKey) {
        let place = (id.clone(), identity.to_owned());
        self.kept().insert(place.clone(), key);
        let kept = self.clone();
        tokio::spawn(async move {
            sleep(Self::KEPT).await;
            kept.kept().remove(&place);
        });
    }

    pub(super) fn take(&self, id: &KeyId, identity: &str) -> Option<PlainKey> {
        self.kept().remove(&(id.clone(), identity.to_owned()))
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<(KeyId, String), PlainKey>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
