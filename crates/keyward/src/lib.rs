//! API keys in process.

pub use keyward_core::{ConfigError, clock, dialect, key, manage, store, verify};
pub use keyward_macros::{Scope, scope, scoped};

/// What the macros name; no part of the interface.
#[doc(hidden)]
pub mod __private {
    pub use keyward_core::key::{Catalogue, Str, assert_declared};
}
