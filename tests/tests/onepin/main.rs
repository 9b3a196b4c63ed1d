//! OnePin as its clients see it: the program itself, over sockets, byte for byte.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[cfg(target_os = "linux")]
mod disk;
mod faults;
mod keys;
mod lifecycle;
mod limits;
mod pages;
mod people;
mod properties;
mod records;
mod rejections;
mod rotations;
mod stage;
mod tokens;
