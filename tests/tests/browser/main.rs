//! The dashboard, and a publishable key, in a real browser.

#![expect(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod axe;
mod browser;
mod keyboard;
mod people;
mod phone;
mod pointer;
mod publishable;
mod scriptless;
mod stage;
