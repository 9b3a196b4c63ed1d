use std::fmt;

use keyward_core::dialect::Environment;
use keyward_core::verify::ApiKey;

/// Both halves of an application's state: what live keys see, and what keys of the sandbox see.
///
/// A key is the only way to either of them, so that no handler takes the wrong one by mistake. In
/// axum the extractor `PerEnvironment` does that.
///
/// ```
/// # use http::Extensions;
/// use keyward::tower::{ApiKey, Environments, Refused};
///
/// /// For stacks without extractors.
/// fn greeting(greetings: &Environments<String>, extensions: &Extensions) -> Result<String, Refused> {
///     let key = ApiKey::of(extensions)?;
///     Ok(greetings.of(&key).clone())
/// }
///
/// let greetings = Environments::new("hello".to_owned(), "a test".to_owned());
/// assert!(greeting(&greetings, &Extensions::new()).is_err());
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
