use std::fmt;

use super::api_key::ApiKey;
use crate::dialect::Environment;

/// Both halves of an application's state: what live keys see, and what keys of the sandbox see.
///
/// A key is the only way to either of them, so that no handler takes the wrong one by mistake. The
/// extractor `PerEnvironment` of an adapter does that.
///
/// ```
/// # use keyward_core::verify::{HeaderValues, RequestHead};
/// # struct Bearer(String);
/// # impl RequestHead for Bearer {
/// #     fn header(&self, name: &str) -> HeaderValues<'_> {
/// #         HeaderValues::of((name == "authorization").then_some(self.0.as_bytes()))
/// #     }
/// #     fn query(&self) -> Option<&str> {
/// #         None
/// #     }
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use keyward_core::manage::{KeyManager, NewKey};
/// # use keyward_core::store::MemoryStore;
/// # use keyward_core::verify::Verifier;
/// use keyward_core::dialect::{Dialect, Environment, KindForm};
/// use keyward_core::verify::Environments;
///
/// let dialect = Dialect::builder("acme")
///     .kinds([
///         KindForm::new("live", "acme_live_"),
///         KindForm::new("test", "acme_test_").with_environment(Environment::Sandbox),
///     ])
///     .build()?;
/// # let store = MemoryStore::new();
/// # let manager = KeyManager::builder(dialect.clone(), store.clone()).open().await?;
/// # let verifier = Verifier::builder(dialect, store).build()?;
/// # let verified = async |kind: &str| -> Result<_, Box<dyn std::error::Error>> {
/// #     let key = manager.create(NewKey::new("acme", "ci").with_kind(kind)).await?.key;
/// #     Ok(verifier.verify(&Bearer(format!("Bearer {}", key.expose()))).await?)
/// # };
/// # let (live, test) = (verified("live").await?, verified("test").await?);
/// let greetings = Environments::new("hello", "a test");
/// assert_eq!(*greetings.of(&live), "hello");
/// assert_eq!(*greetings.of(&test), "a test");
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Environments<T> {
    live: T,
    sandbox: T,
}

impl<T> Environments<T> {
    /// From what live keys see and what keys of the sandbox see.
    pub const fn new(live: T, sandbox: T) -> Self {
        Self { live, sandbox }
    }

    /// The half that this key sees.
    pub fn of(&self, key: &ApiKey) -> &T {
        match key.environment() {
            Environment::Live => &self.live,
            Environment::Sandbox => &self.sandbox,
        }
    }
}

impl<T> fmt::Debug for Environments<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environments").finish_non_exhaustive()
    }
}
