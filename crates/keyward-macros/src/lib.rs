//! The macros of keyward; use them through the `keyward` crate.
