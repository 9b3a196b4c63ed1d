//! Scribe Sight's API over real sockets, against the program that serves it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod browser;
mod management;
mod pages;
mod properties;
mod rejections;
mod service;
mod wrong;
