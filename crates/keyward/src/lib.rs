//! API keys in process.
//!
//! - [`axum`]: the layer and the extractors; [`tower`]: the layer for stacks without extractors.
//! - [`verify`]: who is let in; [`manage`]: the life of a key; [`store`]: where keys are kept.
//! - [`dialect`]: how an API speaks about keys.

pub use keyward_core::{ConfigError, clock, dialect, key, manage, verify};
pub use keyward_macros::{Scope, scope, scoped};

/// Where keys live.
pub mod store {
    pub use keyward_core::store::*;
    #[cfg(feature = "sqlite")]
    pub use keyward_sqlx::SqliteStore;
}

#[cfg(feature = "tower")]
pub use keyward_tower as tower;
#[cfg(feature = "axum")]
pub use keyward_tower::axum;

/// What the macros name; no part of the interface.
#[doc(hidden)]
pub mod __private {
    pub use keyward_core::key::{Catalogue, Str, assert_declared};
}

/// The README's examples compile.
#[cfg(all(doctest, feature = "axum", feature = "sqlite"))]
#[doc = include_str!("../../../README.md")]
pub struct Readme;
